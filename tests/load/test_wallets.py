"""What many wallets need: memory of service and agent, time to unlock, rate of creation, disk, and how these grow.

A service and its agent as processes of their own on SQLite, with nobody else; wallets are empty. Devices' own part, PBKDF2
over the words, is not in it. Prints a table; a slow machine is no failure. Ends after `SECONDS` at the latest.

WALLETS=… changes how many are held in the end.
"""

import asyncio
import base64
import os
import random
import secrets
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import pytest

from tests.support.nats_server import running_nats
from tests.support.wait import until
from tests.support.wallet import WALLET_KEY, wallet_service
from wallet.domain.decoy import decoy_methods
from wallet.settings import Settings

MOST = int(os.environ.get("WALLETS") or 2_000)
HELD = [number for number in (100, 500, 1_000, 2_000) if number < MOST] + [MOST]
OPEN = (10, 50)
AT_ONCE = 8
SECONDS = 1_500
MIB = 1024 * 1024
ADMIN = {"Authorization": f"Bearer {WALLET_KEY}"}
NOT_LIMITED = {
    "WALLET_MOST_WALLETS": "1000000",
    "WALLET_MOST_NEW_WALLETS_A_DAY": "1000000",
    "WALLET_NEW_WALLETS_A_DAY_OF_ONE_ADDRESS": "1000000",
    "WALLET_PUBLIC_POSTS_A_MINUTE": "1000000",
}


@dataclass
class One:
    """A wallet, its key, and the session it is open in."""

    wallet_id: str
    key: str
    token: str = ""


@dataclass(frozen=True)
class Row:
    """What was seen with so many wallets held."""

    held: int
    open: int
    service: float
    agent: float
    """MiB that are in memory."""
    unlock: list[float]
    """Seconds."""
    made: float | None
    """A second, while others are made; none where none were."""
    work: float
    """Seconds of processor time, of service and agent together, for each that was made, or opened and looked through."""
    disk: float
    """KiB of a locked wallet."""

    def __str__(self) -> str:
        ordered = sorted(self.unlock)
        half, most = (
            (ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]) if ordered else (None, None)
        )
        return (
            f"| {self.held:,} | {self.open} | {self.service:.0f} | {self.agent:.0f} | {milli(half)} | {milli(most)} | "
            f"{'' if self.made is None else f'{self.made:.0f}'} | {milli(self.work)} | {self.disk:.0f} |"
        )


HEAD = """\
| held | open | service, MiB | agent, MiB | unlock p50, ms | unlock p95, ms | made a second | processor time for one, ms | KiB of a locked one |
|---|---|---|---|---|---|---|---|---|"""


def milli(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds * 1000:.0f}"


class Bench:
    """Devices of many learners."""

    def __init__(self, client: httpx.AsyncClient, service: int, agent: int, store: Path) -> None:
        self._client = client
        self._store = store
        self._service, self._agent = service, agent
        self.wallets: list[One] = []

    async def make(self, number: int) -> float:
        """Make so many and lock each at once, as many at a time as learners do; how many a second, locking left out."""
        spent = 0.0

        async def one() -> None:
            nonlocal spent
            key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
            methods = [
                {"method": each.method, "envelope": dict(each.envelope)}
                for each in decoy_methods(b"", A_UUID)
            ]
            began = time.perf_counter()
            made = await self._ask("POST", "/v1/wallets", {"wallet_key": key, "unlock_methods": methods})
            spent += time.perf_counter() - began
            self.wallets.append(One(made["wallet_id"], key, made["session_token"]))
            await self._lock(self.wallets[-1])

        await several(number, one)
        return number * min(AT_ONCE, number) / spent

    async def unlock(self, one: One) -> float:
        """How long it takes."""
        began = time.perf_counter()
        opened = await self._ask("POST", f"/v1/wallets/{one.wallet_id}/unlock", {"wallet_key": one.key})
        one.token = opened["session_token"]
        return time.perf_counter() - began

    async def row(
        self, opened: int, unlock: list[float], made: float | None, *, number: int, before: float
    ) -> Row:
        """What is seen now; `number` wallets were made or opened since the processor time was `before`."""
        work = (self._worked() - before) / number
        found = (await self._client.get("/v1/capacity", headers=ADMIN)).json()
        assert (found["wallets"]["held"], found["wallets"]["open"]) == (len(self.wallets), opened)
        return Row(
            held=len(self.wallets),
            open=opened,
            service=resident(self._service),
            agent=resident(self._agent),
            unlock=unlock,
            made=made,
            work=work,
            disk=median(taken(each) for each in (self._store / "wallet").iterdir()) / 1024,
        )

    async def measure(self, held: int) -> AsyncIterator[Row]:
        """Rows with so many held: none open, then each number of `OPEN`; in the end all are locked again."""
        number, before = held - len(self.wallets), self._worked()
        made = await self.make(number)
        yield await self.row(0, [], made, number=number, before=before)
        chosen = random.Random(held).sample(self.wallets, max(OPEN))  # noqa: S311 - no secret
        opened = 0
        for until_open in OPEN:
            before = self._worked()
            unlock = [await self.unlock(one) for one in chosen[opened:until_open]]
            opened = until_open
            yield await self.row(opened, unlock, None, number=len(unlock), before=before)
        for one in chosen:
            await self._lock(one)

    def _worked(self) -> float:
        """Seconds of processor time of service and agent until now."""
        return worked(self._service) + worked(self._agent)

    async def _lock(self, one: One) -> None:
        await self._ask("POST", "/v1/lock", None, {"Authorization": f"Bearer {one.token}"})

    async def _ask(
        self, method: str, path: str, body: object, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        answer = await self._client.request(method, path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return dict(answer.json()) if answer.content else {}


A_UUID = "8c2d5a34-5b51-4c62-9f0e-1d1f3a0c7b11"


async def several(number: int, one: Callable[[], Awaitable[None]]) -> None:
    """So often, `AT_ONCE` at a time."""
    left = iter(range(number))

    async def some() -> None:
        for _ in left:
            await one()

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))


def worked(pid: int) -> float:
    """Seconds of processor time until now."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    """MiB of memory the process has now."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def taken(folder: Path) -> int:
    """Bytes of disk its files take."""
    return sum(file.stat().st_blocks * 512 for file in folder.iterdir())


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Bench]:
    with running_nats() as nats:
        agent, settings = wallet_service(folder, nats, {})
        agent.spawn()
        try:
            await agent.ready()
            async with (
                service_of(settings, folder) as pid,
                httpx.AsyncClient(base_url=settings.base_url, timeout=60) as client,
            ):

                async def ready() -> bool:
                    try:
                        return (await client.get("/ready")).is_success
                    except httpx.HTTPError:
                        return False

                await until(ready, 60, "the wallet service is ready")
                yield Bench(client, pid, agent.pid, Path(agent.environment["AGENT_STORAGE_DIR"]))
        finally:
            agent.stop()


@asynccontextmanager
async def service_of(settings: Settings, folder: Path) -> AsyncIterator[int]:
    """The service as a process of its own; its id."""
    told = {
        f"WALLET_{name.upper()}": value if isinstance(value, str) else str(value)
        for name, value in {
            "profile": "development",
            "port": settings.port,
            "base_url": settings.base_url,
            "database_url": settings.database_url,
            "secret_key": settings.secret_key.get_secret_value(),
            "bootstrap_api_key": WALLET_KEY,
            "nats_url": settings.nats_url,
            "nats_user": settings.nats_user,
            "nats_password": settings.nats_password.get_secret_value(),
            "agent_url": settings.agent_url,
            "agent_key": settings.agent_key.get_secret_value(),
        }.items()
    }
    with (folder / "service.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "wallet", env={**os.environ, **told, **NOT_LIMITED}, stdout=log, stderr=log
        )
    try:
        yield process.pid
    finally:
        process.terminate()
        await process.wait()


async def test_what_two_thousand_wallets_need(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load = os.getloadavg()[0]
    began = time.monotonic()
    async with asyncio.timeout(SECONDS), running(tmp_path) as bench:
        rows: list[Row] = []
        for held in HELD:
            async for row in bench.measure(held):
                rows.append(row)
                with capsys.disabled():
                    print(row, flush=True)  # noqa: T201  what this test is for
    with capsys.disabled():
        print(  # noqa: T201
            f"\n{os.cpu_count()} cores, load average {load:.1f} before and {os.getloadavg()[0]:.1f} after, "
            f"{time.monotonic() - began:.0f} s\n{HEAD}\n" + "\n".join(map(str, rows))
        )
    assert [row.held for row in rows[:: len(OPEN) + 1]] == HELD
