"""Fixtures every test may use; each lives in tests/support, next to the server it starts."""

pytest_plugins = [
    "tests.support.nats_server",
    "tests.support.postgres",
    "tests.support.databases",
    "tests.support.browser",
]
