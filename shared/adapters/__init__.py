"""Technology behind the ports, used by several services."""
