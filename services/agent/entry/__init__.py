"""The plugin's admin routes."""
