"""What a wallet knows and decides: frozen data and plain functions."""
