"""The database, the signing keys and NATS."""
