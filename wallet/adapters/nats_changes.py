"""Changes told to every replica over core NATS: ids and kinds. One that is lost is seen at the next look."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from typing import Final

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from shared.adapters.clock import new_id
from wallet.adapters.memory_wallets import MemoryChanges
from wallet.domain.inbox import Change

log = logging.getLogger(__name__)

SUBJECT: Final = "wallet.changes"
_MOST_UNSAID: Final = 1000


class NatsChanges:
    """`Changes`: told here at once, and to the other replicas as long as NATS is there."""

    def __init__(self, client: Client, *, locked: Callable[[str], None]) -> None:
        """`locked` is called for each wallet that another replica has locked."""
        self._client = client
        self._locked = locked
        self._here = MemoryChanges()
        self._unsaid: asyncio.Queue[tuple[str, Change]] = asyncio.Queue(_MOST_UNSAID)
        self._me = new_id()

    def announce(self, wallet_id: str, change: Change) -> None:
        """Wake whoever follows, wherever."""
        self._here.announce(wallet_id, change)
        if not self._unsaid.full():
            self._unsaid.put_nowait((wallet_id, change))

    def follow(self, wallet_id: str) -> AsyncIterator[Change]:
        """Changes from now on."""
        return self._here.follow(wallet_id)

    async def run(self) -> None:
        """Tell and listen until cancelled."""
        await self._client.subscribe(f"{SUBJECT}.*", cb=self._heard)
        while True:
            wallet_id, change = await self._unsaid.get()
            body = json.dumps({"from": self._me, "kind": change.kind, "id": change.id}).encode()
            try:
                await self._client.publish(f"{SUBJECT}.{wallet_id}", body)
            except (nats.errors.Error, OSError) as error:
                log.debug("a change was not told to other replicas: %s", type(error).__name__)

    async def _heard(self, message: Msg) -> None:
        told = json.loads(message.data)
        if told["from"] == self._me:
            return
        wallet_id = message.subject.rsplit(".", 1)[-1]
        change = Change(told["kind"], told["id"])
        if change.kind == "locked":
            self._locked(wallet_id)
        self._here.announce(wallet_id, change)
