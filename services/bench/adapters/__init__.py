"""The two sides, the arithmetic, and what the kernel tells."""
