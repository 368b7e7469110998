#!/bin/sh
# Install Ujuzi in a clean Debian 13, from sources beside this file: what Containerfile runs, and `make image-check` in a root
# of its own. Every Python package is pinned with its hash (requirements/run.txt); Debian's packages are the base's release.
#
# What is there afterwards: /opt/ujuzi (the programs), /etc/ujuzi/nats (NATS's files), /data (empty, of the user 10001).
set -eu
sources=$(cd "$(dirname "$0")/../.." && pwd)
[ "$(id -u)" = 0 ] || { echo "install.sh: expected root in an image that is being built" >&2; exit 2; }
export DEBIAN_FRONTEND=noninteractive

apt-get update -qq
apt-get install -qq -y --no-install-recommends ca-certificates python3 python3-venv >/dev/null
python3 -m venv /tmp/tool
/tmp/tool/bin/pip install --quiet --disable-pip-version-check --require-hashes -r "$sources/requirements/uv.txt"
uv=/tmp/tool/bin/uv
export UV_CACHE_DIR=/tmp/cache UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/opt/ujuzi
"$uv" venv --quiet --python /usr/bin/python3 /opt/ujuzi
"$uv" pip sync --quiet --require-hashes --only-binary :all: --compile-bytecode "$sources/requirements/run.txt"
"$uv" pip install --quiet --no-deps --compile-bytecode --build-constraints "$sources/requirements/build.txt" "$sources"

mkdir -p /etc/ujuzi /data
cp -R "$sources/deploy/nats" /etc/ujuzi/nats
chmod -R a+rX,go-w /etc/ujuzi /opt/ujuzi
groupadd --gid 10001 ujuzi
useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin ujuzi
chown 10001:10001 /data
chmod 700 /data
dpkg-query --show >/opt/ujuzi/debian-packages.txt

apt-get purge -qq -y --auto-remove python3-venv >/dev/null
rm -rf /tmp/tool /tmp/cache /var/lib/apt/lists/* /var/cache/apt/* /root/.cache
