"""Where ACA-Py looks for a plugin's admin routes."""

from services.agent.entry.admin_routes import register

__all__ = ["register"]
