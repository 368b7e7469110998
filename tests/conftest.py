"""Fixtures every test may use; each lives in tests/support, next to the server it starts."""

import os
import sys

import pytest

pytest_plugins = [
    "tests.support.nats_server",
    "tests.support.postgres",
    "tests.support.databases",
    "tests.support.browser",
    "tests.support.sharing",
]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A failure is shown as it happens: a run that is cut off later still says what failed."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        sys.stderr.write(f"\n{report.nodeid} failed:\n{report.longreprtext}\n")
