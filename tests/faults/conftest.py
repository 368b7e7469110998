"""The fault test's exchanges are its own."""

from tests.support.exchange import database, spreadsheet

__all__ = ["database", "spreadsheet"]
