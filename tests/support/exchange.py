"""A whole exchange, run by the `ujuzi` command in a folder of its own on free ports."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO

import httpx
import pytest

from services.launcher.adapters.bundled_files import demonstration_data
from services.launcher.adapters.free_ports import free_base_port
from services.launcher.adapters.http_graduate import HttpGraduate
from services.launcher.adapters.http_issuer import HttpIssuer
from services.launcher.adapters.http_json import JsonApi
from services.launcher.adapters.http_verifier import HttpVerifier
from services.launcher.domain.story import PROGRAMME, ClaimableAward, cohort_of, template_of
from tests.support.otlp_receiver import OtlpReceiver, receiving_traces, traces_to
from tests.support.wait import until

JOBS = "https://jobs.test"
"""The job platform to which learners are returned."""
LOGS_IN_JSON = ("ISSUER", "ISSUER_AGENT", "WALLET", "WALLET_AGENT")
GOOD = 20
"""So many at the end of a cohort prove what the junior post asks: earlier ones were awarded before their issuer was accredited."""
ENOUGH = 60
_READY_SECONDS = 120
_STOP_SECONDS = 40


class RunningExchange:
    """The addresses of a running `ujuzi up`, and everyone's way of using it."""

    def __init__(
        self,
        home: Path,
        process: asyncio.subprocess.Process,
        client: httpx.AsyncClient,
        *,
        database: str | None = None,
    ) -> None:
        """`database` is what `ujuzi up` was told."""
        self.home = home
        self.database = database
        self.process = process
        self.client = client
        self.endpoints: dict[str, Any] = json.loads((home / "endpoints.json").read_text())
        self.graduates: list[HttpGraduate] = []
        self.patience = 45.0

    @property
    def issuer_api(self) -> JsonApi:
        return JsonApi(self.endpoints["issuer"], self.endpoints["keys"]["issuer"], self.client)

    @property
    def issuer(self) -> HttpIssuer:
        return HttpIssuer(self.issuer_api)

    @property
    def verifier_api(self) -> JsonApi:
        return JsonApi(self.endpoints["verifier"], self.endpoints["keys"]["verifier"], self.client)

    @property
    def verifier(self) -> HttpVerifier:
        return HttpVerifier(self.verifier_api, patience=self.patience)

    async def new_graduate(self) -> HttpGraduate:
        graduate = HttpGraduate(self.endpoints["wallet"], self.client, patience=self.patience)
        await graduate.create()
        self.graduates.append(graduate)
        return graduate

    def child_pids(self) -> list[int]:
        """The launcher's children, as the kernel knows them."""
        return children_of(self.process.pid)

    def programs(self) -> dict[str, int]:
        """The process of each program that runs now, by the program's name."""
        # Each runs in a folder of its program's name.
        found = ((folder_of(pid), pid) for pid in self.child_pids())
        return {name: pid for name, pid in found if name is not None}


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def folder_of(pid: int) -> str | None:
    """The name of the folder in which a process runs; None when it is gone."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink().name
    except OSError:
        return None


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _opened(log: Path) -> BinaryIO:
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return log.open("wb")


UP = ("-m", "services.launcher", "up")


async def start_up(
    home: Path,
    base_port: int,
    database: str | None = None,
    *,
    program: Sequence[str] = UP,
    settings: Mapping[str, str] | None = None,
) -> asyncio.subprocess.Process:
    """Start `ujuzi up`, or a program like it, and return when it has published its addresses, or has ended."""
    setting = {**(settings or {}), **({"UJUZI_DATABASE": database} if database else {})}
    said = home / "said.log"
    with _opened(said) as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *program, "--home", str(home), "--base-port", str(base_port),
            env={**os.environ, **setting}, stdout=output,
        )  # fmt: skip
    await until(
        lambda: (home / "endpoints.json").exists() or process.returncode is not None,
        _READY_SECONDS,
        f"`ujuzi up` in {home} is ready",
    )
    assert process.returncode is None, f"`ujuzi up` ended: {said.read_text()}"
    return process


@asynccontextmanager
async def running_exchange(
    home: Path,
    base_port: int | None = None,
    database: str | None = None,
    *,
    program: Sequence[str] = UP,
    settings: Mapping[str, str] | None = None,
) -> AsyncGenerator[RunningExchange]:
    port = base_port or free_base_port()
    process = await start_up(home, port, database, program=program, settings=settings)
    try:
        async with httpx.AsyncClient(timeout=60) as client:
            yield RunningExchange(home, process, client, database=database)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), _STOP_SECONDS)


ON_BOTH_DATABASES = pytest.mark.parametrize(
    "database", [None, "postgresql"], ids=["sqlite", "postgresql"], indirect=True, scope="session"
)
"""For a test that runs with SQLite and again with PostgreSQL: the core story, and what looks into databases.

Every other one runs with PostgreSQL where TEST_DATABASE=postgresql says so.
"""


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest) -> str | None:
    """What `ujuzi up` is told: URL of a PostgreSQL server, or None for SQLite."""
    wanted = getattr(request, "param", None) or os.environ.get("TEST_DATABASE", "sqlite")
    if wanted == "sqlite":
        return None
    cluster: str = request.getfixturevalue("postgres_cluster")
    return cluster


@pytest.fixture(scope="session")
def traces() -> Iterator[OtlpReceiver]:
    """What every exchange of the end-to-end tests traces."""
    with receiving_traces() as receiver:
        yield receiver


@pytest.fixture(scope="session")
async def exchange(
    tmp_path_factory: pytest.TempPathFactory, database: str | None, traces: OtlpReceiver
) -> AsyncIterator[RunningExchange]:
    """One exchange for every end-to-end test, and one more for those on PostgreSQL."""
    home = tmp_path_factory.mktemp("exchange")
    name = f"{home.parent.name}_{home.name}".replace("-", "_")
    own = database and f"{database}/{name}"
    async with running_exchange(
        home,
        database=own,
        settings={
            "UJUZI_RETURN_ORIGINS": JOBS,
            **{f"{program}_LOG_FORMAT": "json" for program in LOGS_IN_JSON},
            **traces_to(traces),
        },
    ) as running:
        await running.issuer.wait_until_it_can_issue()
        yield running


@pytest.fixture(scope="session")
async def template_id(exchange: RunningExchange) -> str:
    """The published template of the data programme."""
    return await publish_programme(exchange.issuer)


async def publish_programme(issuer: HttpIssuer) -> str:
    """Publish the template of the data programme and return its id."""
    programmes = json.loads(demonstration_data("programmes.json"))
    programme = next(one for one in programmes if one["key"] == PROGRAMME)
    template_id, _ = await issuer.publish_template(template_of(programme))
    return template_id


async def make_awards(issuer: HttpIssuer, spreadsheet: str, number: int) -> list[ClaimableAward]:
    """At least this many awards nobody has claimed yet, each of which proves what the story's junior post asks."""
    template_id = await publish_programme(issuer)
    awards: list[ClaimableAward] = []
    while len(awards) < number:
        awards += (await issuer.issue_batch(template_id, spreadsheet))[-GOOD:]
    return awards


@pytest.fixture(scope="session")
def spreadsheet() -> str:
    """The cohort of 24."""
    return demonstration_data("graduates.csv")


@pytest.fixture(scope="session")
async def awards(exchange: RunningExchange, template_id: str, spreadsheet: str) -> list[ClaimableAward]:
    """Awards nobody has claimed yet, as many as all tests together need; each takes (pops) its own from the end."""
    made: list[ClaimableAward] = []
    while len(made) < ENOUGH:
        batch = await exchange.issuer.issue_batch(template_id, spreadsheet)
        assert len(batch) == len(cohort_of(spreadsheet))
        made += batch[-GOOD:]
    return made
