"""Fixtures every test may use; each lives in tests/support, next to the server it starts."""

import os
import sys

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is no fault of what is tried: nothing is timed here. `make fuzz` draws more.
settings.register_profile(
    "untimed", max_examples=40, deadline=None, suppress_health_check=(HealthCheck.too_slow,)
)
settings.load_profile("untimed")

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
