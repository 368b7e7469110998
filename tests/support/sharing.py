"""Which tests go to one process when several share the work: those of a file, and those that share an installation.

Starting an installation takes up to half a minute: dealt out file by file, its tests would let every process start one.
"""

import re
from collections.abc import Generator
from functools import cache
from pathlib import Path
from typing import Final, override

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

ROOT: Final = Path(__file__).parents[2]
ASKED_FOR: Final = {
    "tests/e2e/": re.compile(r"\bexchange: RunningExchange\b"),
    "tests/integration/agent/": re.compile(r"\bparties: dict\b"),
    "tests/integration/issuer/": re.compile(r"\bissuer: IssuerUnderTest\b"),
    "tests/integration/verifier/": re.compile(r"\b(desk: Desk|world: World)\b"),
    "tests/integration/wallet/": re.compile(r"\bworld: World\b"),
}
"""By what a test asks for the installation of its folder."""
HARDLY_USED: Final = re.compile(r"tests/e2e/test_[2367]_")
"""They want an exchange in which nobody else has published, locked or noted anything: their own, or the first turn."""
OF_ITS_OWN: Final = re.compile(r"\brunning_(exchange|world|parties)\(")


_OWN_OR_WAITING: Final = re.compile(r"tests/(e2e|integration/outages)/")
"""Files that start installations of their own, or mostly wait: beside them others have the processors."""


class ByInstallation(LoadScopeScheduling):  # type: ignore[misc]  # it ships no types
    """Deals out what `shared_by` names."""

    @override
    def _split_scope(self, nodeid: str) -> str:
        return shared_by(nodeid)


def shared_by(nodeid: str) -> str:
    """The same for tests that go to one process: a folder whose installation they share, or else their file."""
    file, _, test = nodeid.partition("::")
    place = _place_of(file)
    if place != "tests/e2e/":
        return place
    if "[postgresql" in test:
        return f"{place} on PostgreSQL"
    return f"{place} hardly used" if HARDLY_USED.match(file) else place


@cache
def _place_of(file: str) -> str:
    folder = f"{file.rpartition('/')[0]}/"
    if folder not in ASKED_FOR:
        return file
    text = (ROOT / file).read_text("utf-8")
    return folder if ASKED_FOR[folder].search(text) and not OF_ITS_OWN.search(text) else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByInstallation | None:
    return ByInstallation(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None]:
    """End what runs for a whole session with the last test that shares it: eight idle programs take a tenth of a processor."""
    yield
    if nextitem is not None and is_last(item.nodeid, nextitem.nodeid):
        item.session._setupstate.teardown_exact(None)


def is_last(nodeid: str, then: str) -> bool:
    """Whether the installation of this test has no use for the next one of its process."""
    place = shared_by(nodeid)
    return place != shared_by(then) and (place.startswith("tests/e2e/") or not place.endswith(".py"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what is longest: shared installations, each used to its end, then files that start their own."""
    items.sort(key=lambda item: rank(item.nodeid))


def rank(nodeid: str) -> tuple[int, bool]:
    """What has less of it begins earlier."""
    place, used = shared_by(nodeid), not HARDLY_USED.match(nodeid)
    if place.endswith(".py"):
        return 2 if _OWN_OR_WAITING.match(place) else 3, used
    return int("[postgresql" in nodeid), used  # last, so that each installation starts once
