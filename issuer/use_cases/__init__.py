"""What the issuer does, one verb per module."""
