"""What the services have in common: contracts, cryptography, ports, adapters and the web edge; knows no service."""
