"""What the registry does, one verb per file."""
