"""The cluster's exchanges are their own."""

from tests.support.exchange import spreadsheet

__all__ = ["spreadsheet"]
