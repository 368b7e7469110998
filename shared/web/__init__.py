"""What every web API of the exchange has in common."""
