"""Interoperability tests share one exchange."""

from tests.support.exchange import awards, database, exchange, spreadsheet, template_id

__all__ = ["awards", "database", "exchange", "spreadsheet", "template_id"]
