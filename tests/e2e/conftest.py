"""End-to-end tests share one exchange, those on PostgreSQL another."""

from tests.support.exchange import awards, database, exchange, spreadsheet, template_id, traces

__all__ = ["awards", "database", "exchange", "spreadsheet", "template_id", "traces"]
