"""End-to-end tests share one exchange, those on PostgreSQL another."""

import pytest

from tests.support.exchange import awards, database, exchange, spreadsheet, template_id

__all__ = ["awards", "database", "exchange", "spreadsheet", "template_id"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what needs PostgreSQL last, so that each exchange starts once."""
    items.sort(key=lambda item: getattr(item, "callspec", None) is not None and "postgresql" in item.name)
