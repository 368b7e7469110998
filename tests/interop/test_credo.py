"""Credo-TS, another project's wallet framework, claims an award and satisfies a verifier (`make interop`).

Needs node, npm and a C++ compiler. Credo's native libraries are the ones its Python siblings bring along.
"""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anoncreds
import aries_askar
import pytest

from services.launcher.domain.story import JUNIOR, ClaimableAward
from tests.support.exchange import RunningExchange
from tests.support.free_port import free_port

_SOURCE = Path(__file__).parent / "credo"
_INSTALL_SECONDS = 300
_ANSWER_SECONDS = 60


class CredoWallet:
    """The wallet as a process: invitations in, what happens out."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def open(self, invitation_url: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{invitation_url}\n".encode())
        await self._process.stdin.drain()

    async def says(self, word: str) -> None:
        """Return when the wallet says so; whatever failed in it fails here."""
        assert self._process.stdout is not None
        async with asyncio.timeout(_ANSWER_SECONDS):
            async for line in self._process.stdout:
                said = line.decode().strip()
                assert not said.startswith("FAILED"), said
                if said == word:
                    return
        raise AssertionError(f"the wallet ended before it said {word}")


async def _run(folder: Path, *command: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await asyncio.wait_for(process.communicate(), _INSTALL_SECONDS)
    assert process.returncode == 0, said.decode()


@pytest.fixture(scope="session")
async def credo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with Credo installed; only the two packages that bind native code run their install scripts."""
    folder = tmp_path_factory.mktemp("credo")
    for source in _SOURCE.iterdir():
        if source.is_file():
            shutil.copy(source, folder)
    await _run(folder, "npm", "install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund")
    await _run(folder, "npm", "rebuild", "@2060.io/ref-napi", "@2060.io/ffi-napi")
    return folder


@asynccontextmanager
async def _wallet(folder: Path, dids: dict[str, str]) -> AsyncGenerator[CredoWallet]:
    libraries = {
        "LIB_ANONCREDS_PATH": str(Path(anoncreds.__file__).parent),
        "LIB_ASKAR_PATH": str(Path(aries_askar.__file__).parent),
    }
    process = await asyncio.create_subprocess_exec(
        "node", "holder.mjs", str(free_port()), json.dumps(dids),
        cwd=folder, env={**os.environ, **libraries},
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        wallet = CredoWallet(process)
        await wallet.says("READY")
        yield wallet
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_credo_claims_and_satisfies_a_request(
    exchange: RunningExchange, awards: list[ClaimableAward], credo: Path
) -> None:
    async with _wallet(credo, exchange.endpoints["dids"]) as wallet:
        await wallet.open(await exchange.issuer.claim(awards.pop().claim_url))
        await wallet.says("STORED")
        request_id, invitation_url = await exchange.verifier.ask(JUNIOR.body())
        await wallet.open(invitation_url)
        await wallet.says("DONE")
        verdict = await exchange.verifier.verdict(request_id)
    assert verdict.result == "accepted", verdict
