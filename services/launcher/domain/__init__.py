"""Facts of an exchange and of the demonstration's story."""
