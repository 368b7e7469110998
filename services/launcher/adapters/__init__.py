"""How the launcher reaches processes, files and services."""
