"""Real agents of the three parties, each with the shared edge, sender and DID host before it."""

import asyncio
import copy
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext, suppress
from pathlib import Path
from typing import Literal, Self

import base58
import httpx
import uvicorn
from fastapi import FastAPI

from shared.adapters.acapy_client import AcapyClient
from shared.adapters.acapy_recipients import AgentRecipients
from shared.adapters.background import running
from shared.adapters.did_host import DidHost, serve_rpc
from shared.adapters.didcomm_sender import DidcommSender
from shared.adapters.guarded_http import GuardedClient
from shared.adapters.jetstream import Bus
from shared.adapters.jetstream_mailbox import JetstreamMailbox
from shared.adapters.sql import Database, upgrade
from shared.web.app import create_app
from shared.web.did_host import did_host_router
from shared.web.didcomm_edge import MAX_ENVELOPE, didcomm_router
from tests.support.free_port import free_port
from tests.support.nats_server import PASSWORD, NatsServer
from tests.support.wait import until

type PartyName = Literal["issuer", "wallet", "verifier"]

ADMIN_KEY = "admin-key-for-tests-only"
ROOT = Path(__file__).parents[2]


class AgentProcess:
    """`python -m services.agent`, killed and started again at will."""

    def __init__(
        self,
        party: PartyName,
        folder: Path,
        *,
        nats: NatsServer,
        endpoint: str,
        host_map: dict[str, str],
        **extra: str,
    ) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "agent.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.environment = {
            "AGENT_PROFILE": "development",
            "AGENT_PARTY": party,
            "AGENT_LABEL": f"{party} under test",
            "AGENT_ENDPOINT": endpoint,
            "AGENT_ADMIN_PORT": str(self.port),
            "AGENT_ADMIN_KEY": ADMIN_KEY,
            "AGENT_WALLET_KEY": base58.b58encode(os.urandom(32)).decode(),
            "AGENT_STORAGE_DIR": str(folder / "store"),
            "AGENT_NATS_URL": nats.url,
            "AGENT_NATS_USER": party,
            "AGENT_NATS_PASSWORD": PASSWORD,
            "AGENT_HOST_MAP": json.dumps(host_map),
            **extra,
        }

    def spawn(self) -> None:
        """Start the process without waiting for it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "services.agent"],
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **self.environment},
                stdout=log,
                stderr=log,
            )

    async def ready(self) -> None:
        """Wait until its admin API is there."""
        async with httpx.AsyncClient() as http:

            async def answers() -> bool:
                assert self._process is not None
                assert self._process.poll() is None, f"the agent ended:\n{self.tail()}"
                with suppress(httpx.HTTPError):
                    return (await http.get(f"{self.url}/status/ready")).is_success
                return False

            await until(answers, 150, f"the agent at {self.url} is ready")

    def again(self, name: str, *, store: Path | None = None) -> Self:
        """Another process with the same settings, on a port of its own, over the same store or a copy of it."""
        twin = copy.copy(self)
        twin._process = None
        twin.port = free_port()
        twin.url = f"http://127.0.0.1:{twin.port}"
        twin.log = self.folder / f"{name}.log"
        twin.environment = self.environment | {"AGENT_ADMIN_PORT": str(twin.port)}
        if store is not None:
            twin.environment["AGENT_STORAGE_DIR"] = str(store)
        return twin

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    def pause(self) -> None:
        """SIGSTOP; `resume`, or kill it, before the test ends."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        os.kill(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM."""
        self._end(signal.SIGTERM)

    def wait(self, seconds: float) -> int:
        """The exit code of a process that should end by itself."""
        assert self._process is not None
        return self._process.wait(seconds)

    def tail(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-4000:]

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(40)


class Party:
    """One party: its agent, and what stands before it."""

    def __init__(self, name: PartyName, agent: AgentProcess, bus: Bus, did_host: DidHost) -> None:
        self.name = name
        self.agent = agent
        self.bus = bus
        self.did_host = did_host
        self.admin = AcapyClient(agent.url, ADMIN_KEY)

    def moves_to(self, agent: AgentProcess) -> None:
        """From now on this agent is asked, as if a service name led to it."""
        self.agent = agent
        self.admin._base_url = agent.url

    def stop(self) -> None:
        """Stop the agent it moved to last."""
        self.agent.stop()


class _Server(uvicorn.Server):
    def capture_signals(self) -> nullcontext[None]:  # type: ignore[override]  # pytest keeps its own
        return nullcontext()


@asynccontextmanager
async def serving(app: FastAPI, port: int) -> AsyncIterator[None]:
    """Serve an app in this event loop."""
    server = _Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", access_log=False))
    task = asyncio.create_task(server.serve())
    try:
        await until(lambda: server.started, 30, "the web app listens")
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def running_parties(
    folder: Path, nats: NatsServer, *names: PartyName, also_mapped: Mapping[str, str] | None = None
) -> AsyncIterator[dict[str, Party]]:
    """These parties, connected to one another by HTTP on loopback addresses, and to the hosts `also_mapped`."""
    ports = {name: free_port() for name in names}
    host_map = {f"{name}.ujuzi.test": f"http://127.0.0.1:{port}" for name, port in ports.items()}
    host_map |= also_mapped or {}
    async with AsyncExitStack() as stack:
        parties: dict[str, Party] = {}
        for name in names:
            extra = {"AGENT_TAILS_BASE_URL": "https://issuer.ujuzi.test/tails"} if name == "issuer" else {}
            agent = AgentProcess(
                name,
                folder / name,
                nats=nats,
                endpoint=f"http://127.0.0.1:{ports[name]}/didcomm",
                host_map=host_map,
                **extra,
            )
            agent.spawn()
            stack.callback(agent.stop)
            bus = await stack.enter_async_context(Bus(nats.url, name, PASSWORD))
            url = f"sqlite:///{folder / name / 'service.db'}"
            await upgrade(url, folder)
            db = Database(url)
            stack.push_async_callback(db.close)
            did_host = DidHost(db, os.urandom(32), f"{name}.ujuzi.test")
            await serve_rpc(did_host, bus.nc)
            parties[name] = party = Party(name, agent, bus, did_host)
            stack.callback(party.stop)
            app = create_app(
                name,
                lifespan=lambda _: nullcontext(),
                routers=[
                    didcomm_router(AgentRecipients(party.admin), JetstreamMailbox(bus.js)),
                    did_host_router(did_host),
                ],
                ready_checks={},
                max_body_by_path={"/didcomm": MAX_ENVELOPE},
            )
            await stack.enter_async_context(serving(app, ports[name]))
            client = await stack.enter_async_context(GuardedClient(host_map, allow_loopback=True))
            await stack.enter_async_context(running(sender=DidcommSender(bus.js, client).run))
            stack.push_async_callback(party.admin.close)
        await asyncio.gather(*(party.agent.ready() for party in parties.values()))
        yield parties
