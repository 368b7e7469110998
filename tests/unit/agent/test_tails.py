"""A tails file is believed by its hash alone."""

import asyncio
import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import base58
import pytest

from services.agent.adapters.tails import fetch_tails
from services.agent.errors import TailsRejected

TAILS = b"\x00\x02" + bytes(128)
TAILS_HASH = base58.b58encode(hashlib.sha256(TAILS).digest()).decode()


class Profile:
    """Reaches a web that serves one body."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def inject(self, _: object) -> Any:  # noqa: ANN401
        return SimpleNamespace(web=self)

    async def get(self, url: str, *, accept: str, max_bytes: int) -> Any:  # noqa: ANN401
        assert url.startswith("https://")
        assert accept
        assert max_bytes == 2 + 21 * 128
        return SimpleNamespace(body=self.body)


def definition() -> Any:  # noqa: ANN401
    return SimpleNamespace(
        value=SimpleNamespace(
            tails_location="https://issuer.example/tails", tails_hash=TAILS_HASH, max_cred_num=10
        )
    )


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_the_file_the_registry_names_is_kept(tmp_path: Path) -> None:
    await fetch_tails(Profile(TAILS), definition(), tmp_path / "tails" / "file")
    assert (tmp_path / "tails" / "file").read_bytes() == TAILS


async def test_many_wallets_may_fetch_one_file_at_once(tmp_path: Path) -> None:
    kept = tmp_path / "file"
    await asyncio.gather(*(fetch_tails(Profile(TAILS), definition(), kept) for _ in range(50)))
    assert kept.read_bytes() == TAILS
    assert names_in(tmp_path) == [kept.name]


async def test_another_file_is_refused_and_not_kept(tmp_path: Path) -> None:
    with pytest.raises(TailsRejected, match=f"Expected a tails file with hash {TAILS_HASH}, found"):
        await fetch_tails(Profile(b"forged"), definition(), tmp_path / "file")
    assert not (tmp_path / "file").exists()
