"""Alembic environment and the migrations of the tables that every service has."""
