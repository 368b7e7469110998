"""An operator who wants to know what is in his learners' locked wallets, and has all there is on his machine but its memory.

He copies every file of the wallet service, its agent and their NATS, dumps the service's tables, asks service and agent whatever
they answer to his own keys, and tries every key he finds on every sealed store. What he learned lies in one folder.
"""

import asyncio
import base64
import binascii
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import asyncpg
import base58
import httpx
from aries_askar import AskarError, AskarErrorCode, Store

from services.launcher.domain.exchange import Ports, postgres_server
from tests.support.exchange import RunningExchange

KEY_BYTES: Final = 32
SHUTS_DOWN: Final = "/shutdown"
OURS: Final = (
    "/ujuzi/room",
    "/ujuzi/store",
    "/ujuzi/wallets/{wallet_id}",
    "/ujuzi/wallets/{wallet_id}/keys",
    "/ujuzi/notes/history",
)
"""What our plugin answers; the agent's own document does not tell of it."""
_WORD: Final = re.compile(rb"[A-Za-z0-9+/_=-]{32,128}")
_LONGEST_READ: Final = 4_000_000


class CuriousOperator:
    """`loot` is where he puts what he finds."""

    def __init__(self, exchange: RunningExchange, loot: Path) -> None:
        self._exchange = exchange
        self.loot = loot
        self._secrets: dict[str, Any] = json.loads((exchange.home / "secrets.json").read_text())
        self._answers = 0

    async def take_all(self, wallet_ids: list[str]) -> None:
        """Everything, but the memory of running programs."""
        self._copy_disk()
        await self._dump_database()
        await self._ask_service(wallet_ids)
        await self._ask_agent(wallet_ids)

    def _copy_disk(self) -> None:
        home = self._exchange.home
        found = [
            *home.glob("wallet*"), home / "nats" / "jetstream" / "WALLET",
            *home.glob("logs/wallet*"), *home.glob("logs/nats*"),
        ]  # fmt: skip
        assert len(found) >= 5
        for each in found:
            target = self.loot / "disk" / each.relative_to(home)
            target.parent.mkdir(parents=True, exist_ok=True)
            if each.is_dir():
                shutil.copytree(each, target, ignore=shutil.ignore_patterns("*.lock"))
            else:
                shutil.copy(each, target)

    async def _dump_database(self) -> None:
        """Every row of every table; with SQLite the file lies on the disk."""
        if self._exchange.database is None:
            return
        connection = await asyncpg.connect(postgres_server(self._exchange.database).url("wallet"))
        try:
            tables = await connection.fetch("select tablename from pg_tables where schemaname = 'public'")
            assert "unlock_methods" in {one["tablename"] for one in tables}
            for table in tables:
                name = table["tablename"]
                rows = await connection.fetch(f'select row_to_json(t)::text from "{name}" t')  # noqa: S608 - our own tables
                self._keep(f"table {name}", "\n".join(row[0] for row in rows))
        finally:
            await connection.close()

    async def _ask_service(self, wallet_ids: list[str]) -> None:
        """All that its API answers to a key with every scope, of each wallet too."""
        wallet, key = self._exchange.endpoints["wallet"], self._exchange.endpoints["keys"]["wallet"]
        document = (await self._exchange.client.get(f"{wallet}/openapi.json")).json()
        paths = [
            path for path, methods in document["paths"].items() if "get" in methods and path != "/v1/events"
        ]
        assert {"/v1/capacity", "/v1/audit", "/v1/history", "/v1/wallet/export"} <= set(paths)
        for path in paths:
            for wallet_id in wallet_ids if "{" in path else [""]:
                await self._get(
                    f"{wallet}{re.sub('{[^}]+}', wallet_id, path)}", {"Authorization": f"Bearer {key}"}
                )

    async def _ask_agent(self, wallet_ids: list[str]) -> None:
        """All that reads at the agent, by its own key, of the agent's wallet and of each learner's."""
        port = Ports(httpx.URL(self._exchange.endpoints["issuer"]).port or 0).wallet_agent
        agent, key = f"http://127.0.0.1:{port}", {"X-API-KEY": self._secrets["agent_keys"]["wallet"]}
        document = (await self._exchange.client.get(f"{agent}/api/docs/swagger.json", headers=key)).json()
        paths = [
            path for path, methods in document["paths"].items() if "get" in methods and path != SHUTS_DOWN
        ]
        assert {"/credentials", "/connections", "/present-proof-2.0/records"} <= set(paths)
        for path in [*paths, *OURS]:
            for wallet_id in wallet_ids[:1] if "{" in path else [""]:
                await self._get(f"{agent}{re.sub('{[^}]+}', wallet_id, path)}", key)
        for wallet_id in wallet_ids:
            for path, body in (
                (f"/multitenancy/wallet/{wallet_id}/token", {}),
                (f"/multitenancy/wallet/{wallet_id}/token", {"wallet_key": self._secrets["agent_wallet_keys"]["wallet"]}),
                (f"/ujuzi/wallets/{wallet_id}/open", {"wallet_key": self._secrets["agent_wallet_keys"]["wallet"]}),
            ):  # fmt: skip
                answer = await self._exchange.client.post(f"{agent}{path}", headers=key, json=body)
                assert not answer.is_success, f"{path} opened a locked wallet"
                self._keep(path, answer.text)

    async def _get(self, url: str, headers: dict[str, str]) -> None:
        try:
            answer = await self._exchange.client.get(url, headers=headers, timeout=20)
        except httpx.TimeoutException:
            return
        self._keep(url, f"{answer.status_code} {dict(answer.headers)}\n{answer.text}")

    def _keep(self, what: str, text: str) -> None:
        self._answers += 1
        (self.loot / "answers").mkdir(parents=True, exist_ok=True)
        (self.loot / "answers" / f"{self._answers:04}.txt").write_text(f"{what}\n{text}", "utf-8")

    def keys(self) -> set[bytes]:
        """Whatever in his files, answers and secrets could be a key of 32 bytes."""
        small = (
            each for each in self.loot.rglob("*") if each.is_file() and each.stat().st_size < _LONGEST_READ
        )
        texts = [json.dumps(self._secrets).encode(), *(each.read_bytes() for each in small)]
        return {key for text in texts for word in _WORD.findall(text) for key in _as_keys(word)}

    def stores(self) -> list[Path]:
        """The sealed stores on his copy of the disk; the agent's own is none of them."""
        return sorted((self.loot / "disk" / "wallet-agent" / "wallet").glob("*-*/sqlite.db"))

    async def open_any(self) -> list[Path]:
        """The stores that one of the keys opens."""
        tried = [base58.b58encode(key).decode() for key in sorted(self.keys())]
        opened = await asyncio.gather(*(_opens(store, tried) for store in self.stores()))
        return [store for store, does in zip(self.stores(), opened, strict=True) if does]


async def _opens(store: Path, keys: list[str]) -> bool:
    for key in keys:
        try:
            opened = await Store.open(f"sqlite://{store}", "raw", key)
        except AskarError as error:
            if error.code != AskarErrorCode.ENCRYPTION:
                raise
        else:
            await opened.close()
            return True
    return False


def _as_keys(word: bytes) -> Iterator[bytes]:
    """The word read as base64, hexadecimal and base58, where that gives 32 bytes."""
    padded = word.rstrip(b"=") + b"=" * (-len(word.rstrip(b"=")) % 4)
    for read in (
        lambda: base64.b64decode(padded, altchars=b"-_", validate=True),
        lambda: base64.b64decode(padded, validate=True),
        lambda: bytes.fromhex(word.decode()),
        lambda: base58.b58decode(word),
    ):
        try:
            key = read()
        except (ValueError, binascii.Error):
            continue
        if len(key) == KEY_BYTES:
            yield key
