"""The client for job platforms, a package of its own: see README.md."""
