"""Children are started, watched and stopped; shown on small stand-ins for the real programs."""

import asyncio
import os
import signal
import socket
import sys
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.launcher.adapters.child_processes import ChildProcesses
from services.launcher.domain.exchange import Program, Stage
from services.launcher.errors import CannotStart, NotReady
from tests.support.free_port import free_port
from tests.support.wait import until

SERVER = """
import http.server, os, sys
print("environment", os.environ.get("WALLET_SECRET"), flush=True)
handler = type("H", (http.server.BaseHTTPRequestHandler,), {"do_GET": lambda self: (self.send_response(200), self.end_headers()), "log_message": lambda *a: None})
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), handler).serve_forever()
"""


def server(
    folder: Path, name: str = "web", stage: Stage = Stage.WEB, code: str = SERVER, **environment: str
) -> Program:
    port = free_port()
    return Program(
        name=name,
        folder=folder / name,
        command=(sys.executable, "-c", code, str(port)),
        ready=f"http://127.0.0.1:{port}/ready",
        stage=stage,
        environment=environment,
    )


@pytest.fixture
async def children(tmp_path: Path) -> AsyncIterator[ChildProcesses]:
    made = ChildProcesses(tmp_path / "logs", ready_within=15, stop_within=2)
    yield made
    await made.stop()


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_returns_when_all_are_ready_and_leaves_none_after_stopping(
    children: ChildProcesses, tmp_path: Path
) -> None:
    await children.start([server(tmp_path, "one"), server(tmp_path, "two", Stage.AGENT)])
    pids = children.pids()
    assert set(pids) == {"one", "two"}
    await children.stop()
    assert not any(is_running(pid) for pid in pids.values())


async def test_a_program_gets_its_own_settings_and_none_of_the_callers(
    children: ChildProcesses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WALLET_SECRET", "of the shell")
    await children.start([server(tmp_path, "plain"), server(tmp_path, "told", WALLET_SECRET="its own")])
    assert "environment None" in (tmp_path / "logs" / "plain.log").read_text()
    assert "environment its own" in (tmp_path / "logs" / "told.log").read_text()


async def test_a_crashed_program_is_started_again(children: ChildProcesses, tmp_path: Path) -> None:
    await children.start([server(tmp_path)])
    first = children.pids()["web"]
    os.kill(first, signal.SIGKILL)

    def another_runs() -> bool:
        return children.pids()["web"] != first

    await until(another_runs, 30, "a second process")
    assert is_running(children.pids()["web"])


async def test_a_program_that_ends_at_once_is_named_with_its_last_words(
    children: ChildProcesses, tmp_path: Path
) -> None:
    with pytest.raises(NotReady, match=r"web ended before it was ready .* no database here"):
        await children.start([server(tmp_path, code="raise SystemExit('no database here')")])


async def test_a_program_that_never_becomes_ready_is_named(tmp_path: Path) -> None:
    children = ChildProcesses(tmp_path / "logs", ready_within=1, stop_within=2)
    with pytest.raises(NotReady, match="web was not ready within 1 seconds"):
        await children.start([server(tmp_path, code="import signal; signal.pause()")])
    pids = children.pids()
    await children.stop()
    assert not any(is_running(pid) for pid in pids.values())


async def test_a_program_deaf_to_term_is_killed_with_what_it_started(
    children: ChildProcesses, tmp_path: Path
) -> None:
    deaf = textwrap.dedent("""
        import os, signal, subprocess, sys
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
        open("grandchild", "w").write(str(child.pid))
    """)
    await children.start([server(tmp_path, code=deaf + SERVER)])
    pids = [children.pids()["web"], int((tmp_path / "web" / "grandchild").read_text())]
    await children.stop()

    def all_gone() -> bool:
        return not any(is_running(pid) and not is_zombie(pid) for pid in pids)

    await until(all_gone, 30, "the end of both")


def is_zombie(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"


async def test_a_missing_binary_is_named(children: ChildProcesses, tmp_path: Path) -> None:
    program = Program("web", tmp_path / "web", ("/nowhere/nats-server",), "http://127.0.0.1:1/", Stage.WEB)
    with pytest.raises(CannotStart, match=r"/nowhere/nats-server is missing; run `sh setup.sh`"):
        await children.start([program])


async def test_a_taken_port_is_named(children: ChildProcesses) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port: int = holder.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"Port {port} \(for wallet\) is not free; .*--base-port"):
            children.check_ports({"wallet": port})


LAUNCHER = """
import asyncio, sys
from pathlib import Path
from services.launcher.adapters.child_processes import ChildProcesses
from services.launcher.domain.exchange import Program, Stage

async def main(folder, code, port):
    children = ChildProcesses(folder / "logs")
    command = (sys.executable, "-c", code, port)
    await children.start([Program("web", folder / "web", command, f"http://127.0.0.1:{port}/", Stage.WEB)])
    print(children.pids()["web"], flush=True)
    await asyncio.Event().wait()

asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
"""


async def test_children_end_with_a_launcher_that_was_killed(tmp_path: Path) -> None:
    launcher = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        LAUNCHER,
        str(tmp_path),
        SERVER,
        str(free_port()),
        stdout=asyncio.subprocess.PIPE,
    )
    assert launcher.stdout is not None
    child = int(await launcher.stdout.readline())
    assert is_running(child)
    launcher.kill()
    await launcher.wait()

    def gone() -> bool:
        return not is_running(child) or is_zombie(child)

    await until(gone, 30, "the end of the launcher's child")


TALKER = SERVER.replace(
    "http.server.HTTPServer",
    """import threading, time
def talk():
    number = 0
    while True:
        number += 1
        print("line", number, "x" * 200, flush=True)
        time.sleep(0.0005)
threading.Thread(target=talk, daemon=True).start()
http.server.HTTPServer""",
)


async def test_a_log_stays_within_bounds_while_its_program_writes(tmp_path: Path) -> None:
    largest = 20_000
    children = ChildProcesses(tmp_path / "logs", ready_within=15, stop_within=2, largest_log=largest)
    log, aside = tmp_path / "logs" / "talker.log", tmp_path / "logs" / "talker.log.1"
    try:
        await children.start([server(tmp_path, "talker", code=TALKER)])
        await until(aside.exists, 30, "the log is set aside")
        first = aside.read_text()
        await until(lambda: aside.read_text() != first, 30, "it is set aside again")
        pid = children.pids()["talker"]
        await until(lambda: log.stat().st_size > 0, 10, "the program goes on writing")
        assert is_running(pid)
    finally:
        await children.stop()
    assert aside.stat().st_size == largest
    assert aside.stat().st_mode & 0o077 == 0
    assert b"\0" not in log.read_bytes(), "emptied, the file begins at its start again"
    assert sorted(file.name for file in log.parent.iterdir()) == ["talker.log", "talker.log.1"]
