"""Interoperability tests share one exchange."""

from tests.support.exchange import awards, exchange, spreadsheet, template_id

__all__ = ["awards", "exchange", "spreadsheet", "template_id"]
