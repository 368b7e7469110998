"""docs/operations.md tells of every table and stream how long it is kept, and names tests that exist."""

import re
from importlib import import_module
from pathlib import Path

from issuer.adapters.sql_tables import IssuerTable
from issuer.domain.retention import CLAIM_KEPT, COMPLAINTS_KEPT, CONTACTS_KEPT
from services.agent.domain import retention as agents
from services.trust_registry.adapters.sql_tables import RegistryTable
from services.trust_registry.domain import application
from shared.adapters import sql_audit
from shared.adapters.sql import SharedTable
from shared.contracts.streams import MIB, STREAMS
from tests.unit.docs.test_security import ROOT, is_there
from verifier.adapters.sql_requests import VerifierTable
from verifier.domain.retention import REQUESTS_KEPT
from wallet.adapters.sql_tables import WalletTable
from wallet.domain.retention import NEVER_USED_KEPT

SECTION = re.search(
    r"^## What grows, and what bounds it\n(.*?)^## ",
    (ROOT / "docs" / "operations.md").read_text(),
    re.MULTILINE | re.DOTALL,
)
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (SECTION.group(1) if SECTION else "").splitlines()
    if line.startswith("| ") and not line.startswith(("| table", "| stream", "| file"))
]


def named(row: list[str]) -> set[str]:
    return set(re.findall(r"`(\w+)`", row[0]))


def row_of(name: str) -> str:
    return next(" ".join(row) for row in ROWS if name in row[0])


def test_every_table_and_stream_has_a_row() -> None:
    for module in (Path(sql_audit.__file__).parent).glob("sql_*.py"):
        import_module(f"shared.adapters.{module.stem}")
    bases = (SharedTable, IssuerTable, WalletTable, VerifierTable, RegistryTable)
    tables = {name for base in bases for name in base.metadata.tables}
    assert len(tables) > 25
    described = set[str]().union(*map(named, ROWS))
    missing = (tables | {stream.name for stream in STREAMS}) - described
    assert not missing, "say in docs/operations.md how long these are kept, and what deletes them"


def test_every_row_says_how_long_and_is_tested_unless_it_is_kept_on_purpose() -> None:
    for row in ROWS:
        assert len(row) == 5, row
        _, _, kept, _, tests = row
        assert kept, row
        if not ("on purpose" in kept or "temporary folder" in row[0]):
            assert re.search(r"`tests/[\w/]+\.py::test_\w+`", tests), f"no test: {row[0]}"


def test_every_test_named_exists() -> None:
    tests = [found for row in ROWS for found in re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row[4])]
    assert len(tests) > 20
    missing = [f"{file}::{name}" for file, name in tests if not is_there(file, name)]
    assert not missing, f"docs/operations.md names tests that do not exist: {missing}"


def test_the_periods_are_those_of_the_code() -> None:
    said = {
        "`audit`": sql_audit.KEPT,
        "`request`": REQUESTS_KEPT,
        "`wallets`": NEVER_USED_KEPT,
        "`batch`": COMPLAINTS_KEPT,
        "`award`": CONTACTS_KEPT,
        "copies of tails": agents.TAILS_KEPT,
        "learners' stores": agents.LEARNERS_FINISHED_KEPT,
        "verifier's agents' stores": agents.FINISHED_KEPT,
    }
    for name, kept in said.items():
        assert f"{kept.days} days" in row_of(name), name
    assert CLAIM_KEPT.days == 2 * 365
    for kept in (application.CONTACTS_KEPT, application.UNPROVEN_KEPT, application.UNDECIDED_KEPT):
        assert f"{kept.days} days" in row_of("`application`")
    for kept in (agents.UNFINISHED_KEPT, agents.UNUSED_KEPT):
        assert f"{kept.days} days" in row_of("verifier's agents' stores")
    assert f"{agents.HANDLED_DAYS} days" in row_of("ids of handled envelopes")


def test_the_bounds_are_those_of_the_streams() -> None:
    for stream in STREAMS:
        row = row_of(f"`{stream.name}`")
        size = stream.max_bytes // MIB
        assert f"{size} MiB" in row or f"{size // 1024} GiB" in row, stream.name
        if stream.most is not None:
            assert f"{stream.most:,}".replace(",", " ") in row, stream.name
        if stream.per_subject is not None:
            assert f"{stream.per_subject} a wallet" in row, stream.name
        assert ("refuses newer" in row) == (stream.when_full == "refuse newer"), stream.name
