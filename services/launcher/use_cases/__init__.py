"""What the launcher does, one verb per file."""
