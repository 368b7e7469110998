#!/bin/sh
# Make a user and a database for each program, as the first start of the PostgreSQL container does. By hand, on any server:
#   set -a; . secrets/postgres.env; PGHOST=… PGUSER=… PGPASSWORD=… PGSSLMODE=verify-full sh databases.sh
# What is there already stays; passwords are set anew. The passwords stand in secrets/postgres.env and, within URLs, in the
# files of the programs.
set -eu
psql="psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username ${PGUSER:-postgres} --dbname postgres"
for name in issuer wallet verifier trust_registry issuer_agent verifier_agent; do
    eval "password=\${DATABASE_PASSWORD_$(printf %s "$name" | tr '[:lower:]' '[:upper:]'):?}"
    $psql --set name="ujuzi_$name" --set password="$password" <<'SQL'
select format('create role %I login', :'name') where not exists (select from pg_roles where rolname = :'name') \gexec
select format('alter role %I password %L', :'name', :'password') \gexec
select format('create database %I owner %I', :'name', :'name')
    where not exists (select from pg_database where datname = :'name') \gexec
select format('revoke connect, temporary on database %I from public', :'name') \gexec
SQL
done
