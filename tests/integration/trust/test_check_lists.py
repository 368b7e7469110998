"""`check-lists`: every list ever issued is checked by what is in it; and a key replaced half-way."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from shared.vc.trust_list_form import signing_key
from tests.integration.trust.registry import running_registry, sqlite_url
from tests.integration.trust.test_process import ROOT, environment
from tests.support.nats_server import NatsServer

DIES_HALF_WAY = """
import asyncio, os, signal, sys
from services.trust_registry.adapters.did_host_operator import DidHostOperator
from services.trust_registry.use_cases.rotate_key import RotateKey
from shared.adapters.did_host import DidHost
from shared.adapters.sql import Database
from tests.integration.trust.registry import HOST

async def die():
    os.kill(os.getpid(), signal.SIGKILL)

async def replace_the_key():
    async with Database(sys.argv[1]) as db:
        signer = DidHostOperator(DidHost(db, bytes(32), HOST), ("authority", "demo"))
        await RotateKey(signer=signer, issue_list=die)()

asyncio.run(replace_the_key())
"""
MEDDLES = "import sqlite3, sys; sqlite3.connect(sys.argv[1], autocommit=True).execute(sys.argv[2])"


def check(folder: Path, nats_server: NatsServer) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services.trust_registry", "check-lists"],
        cwd=ROOT,
        env=environment(folder, nats_server, 1) | {"REGISTRY_LIST_NAME": "demo"},
        capture_output=True,
        text=True,
        check=False,
    )


async def test_a_process_killed_between_a_new_key_and_its_list_leaves_no_list_of_the_old_key_behind(
    tmp_path: Path, nats_server: NatsServer
) -> None:
    url = sqlite_url(tmp_path)
    async with running_registry(url, nats_server) as before:
        await before.grant((await before.entity())["id"])
        about = await before.about()
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", DIES_HALF_WAY, url, cwd=ROOT)
    assert await killed.wait() == -signal.SIGKILL

    async with running_registry(url, nats_server) as after:
        again = await after.about()
        newest = (await after.public.get("/lists/demo")).text
    assert again["operator_key"] != about["operator_key"]
    assert signing_key(newest) == f"{about['operator_did']}#{again['operator_key']}"
    assert again["sequence"] == about["sequence"] + 1
    checked = check(tmp_path, nats_server)
    assert (checked.returncode, checked.stdout) == (
        0,
        f"{again['sequence']} lists: every signature, digest and link holds.\n",
    )


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("update list_issue set digest = 'zForged' where number = 2", "number 2: expected the digest z"),
        ("update list_issue set previous = null where number = 3", "number 3: expected the previous list z"),
        (
            "update list_issue set compact = (select compact from list_issue where number = 1) where number = 2",
            "number 2: expected the number 1, found 2",
        ),
        ("delete from list_issue where number = 2", "number 3: it follows a list that is not kept here"),
        (
            "update list_issue set compact = replace(compact, '.', '.A') where number = 2",
            "number 2: ",
        ),
    ],
)
async def test_a_list_that_is_not_as_it_was_signed_is_found(
    tmp_path: Path, nats_server: NatsServer, statement: str, said: str
) -> None:
    async with running_registry(sqlite_url(tmp_path), nats_server) as registry:
        await registry.grant((await registry.entity())["id"])
    subprocess.run([sys.executable, "-c", MEDDLES, str(tmp_path / "registry.db"), statement], check=True)  # noqa: ASYNC221 - nothing else runs meanwhile

    found = check(tmp_path, nats_server)

    assert found.returncode == 2
    assert said in found.stderr
