"""What stands in the way of `ujuzi up` is named in one sentence; nothing is left running."""

import asyncio
import os
import socket
import sys
from pathlib import Path

import asyncpg
import pytest

from services.launcher.adapters.free_ports import free_base_port
from services.launcher.adapters.home_folder import HomeFolder
from tests.support.free_port import free_port

COULD_NOT_START = 2


async def up(home: Path, base_port: int, **environment: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.launcher", "up", "--home", str(home), "--base-port", str(base_port),
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    return process.returncode, said.decode()


async def test_a_taken_port(tmp_path: Path) -> None:
    base_port = free_base_port()
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", base_port + 2))
        holder.listen()
        code, said = await up(tmp_path / "home", base_port)
    assert code == COULD_NOT_START
    assert f"Port {base_port + 2} (for verifier) is not free" in said
    assert "--base-port" in said
    assert "Traceback" not in said


async def test_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, said = await up(tmp_path / "file" / "home", free_base_port())
    assert code == COULD_NOT_START
    assert "cannot be written" in said
    assert "--home" in said


async def test_a_second_up_on_the_same_home(tmp_path: Path) -> None:
    first = HomeFolder(tmp_path)
    first.claim()
    code, said = await up(tmp_path, free_base_port())
    first.release()
    assert code == COULD_NOT_START
    assert "Another `ujuzi up` already runs" in said


@pytest.mark.parametrize("broken", ["{", ""])
async def test_secrets_that_cannot_be_read(tmp_path: Path, broken: str) -> None:
    (tmp_path / "secrets.json").write_text(broken)
    code, said = await up(tmp_path, free_base_port())
    assert code == COULD_NOT_START
    assert "restore it from a backup" in said


async def test_a_database_server_that_does_not_answer(tmp_path: Path) -> None:
    code, said = await up(
        tmp_path, free_base_port(), UJUZI_DATABASE=f"postgresql://amal:secret@127.0.0.1:{free_port()}"
    )
    assert code == COULD_NOT_START
    assert "does not answer (ConnectionRefusedError); start it, or correct the database setting" in said
    assert "secret" not in said


async def test_a_database_server_that_knows_no_such_user(tmp_path: Path, postgres_cluster: str) -> None:
    nobody = postgres_cluster.replace("ujuzi@", "nobody:secret@")
    code, said = await up(tmp_path, free_base_port(), UJUZI_DATABASE=nobody)
    assert code == COULD_NOT_START
    assert "does not let 'nobody' in; check user and password" in said
    assert "secret" not in said


async def test_a_user_who_may_not_make_databases(tmp_path: Path, postgres_cluster: str) -> None:
    connection = await asyncpg.connect(f"{postgres_cluster}/postgres")
    await connection.execute("create role guest login nocreatedb")
    await connection.close()
    code, said = await up(
        tmp_path, free_base_port(), UJUZI_DATABASE=postgres_cluster.replace("ujuzi@", "guest@") + "/guests"
    )
    assert code == COULD_NOT_START
    assert "'guest' may not make databases: allow it (alter role … createdb), or make guests_issuer, " in said


async def test_a_url_of_another_database(tmp_path: Path) -> None:
    code, said = await up(tmp_path, free_base_port(), UJUZI_DATABASE="mysql://amal:secret@127.0.0.1")
    assert code == COULD_NOT_START
    assert "give it as postgresql://user:password@host:port" in said
    assert "secret" not in said
