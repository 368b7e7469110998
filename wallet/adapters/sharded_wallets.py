"""Learners' stores spread over shards, each behind an agent of its own; and whose key an envelope is for, asked of all of them."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self

from shared.adapters.acapy_client import AcapyClient
from shared.adapters.acapy_recipients import AgentRecipients
from shared.adapters.acapy_retention import AgentsStore
from shared.adapters.retention import Rule
from shared.ports.didcomm import Recipient
from shared.ports.errors import Unavailable
from wallet.adapters.acapy_wallet import AcapySealedWallets, AcapyStore
from wallet.domain.capacity import Room
from wallet.domain.shard import Placed, roomiest_first
from wallet.errors import AgentSilent, InstallationFull, WalletUnknown
from wallet.ports import WalletPlaces

log = logging.getLogger(__name__)

AWAY_SECONDS: Final = 30.0
"""So long a shard that gave no answer is tried last for a new wallet."""
_OF: Final = "/"


class Shards:
    """The agents, by the shard each has; closed with `async with`."""

    def __init__(self, urls: Mapping[str, str], key: str) -> None:
        """`key` is the admin key of all of them."""
        self._agents = {shard: AcapyClient(url, key) for shard, url in urls.items()}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        for agent in self._agents.values():
            await agent.close()

    async def check(self) -> None:
        """Ask for a sign of life: while one is away the others' wallets go on. Raises AgentUnavailable if none gives one."""
        await _first([agent.check() for agent in self._agents.values()], _is_fine)

    def wallets(self, places: WalletPlaces) -> "ShardedWallets":
        """Their stores."""
        return ShardedWallets(
            {shard: AcapySealedWallets(agent) for shard, agent in self._agents.items()}, places
        )

    def recipients(self) -> "ShardedRecipients":
        """Whose keys they have."""
        return ShardedRecipients(
            [AgentRecipients(agent, shard=shard) for shard, agent in self._agents.items()]
        )

    def retention(self) -> Mapping[str, Rule]:
        """What is deleted of their own stores."""
        return {f"agent's records ({shard})": AgentsStore(agent) for shard, agent in self._agents.items()}

    async def warn_of_others(self, places: WalletPlaces) -> None:
        """Say at the start which wallets nobody serves."""
        for shard, wallets in (await places.by_shard()).items():
            if shard not in self._agents:
                log.error("%d wallets are in shard %s, which WALLET_AGENTS does not name", wallets, shard)


class ShardedWallets:
    """`SealedWallets` over one shard or several; each wallet's is in the book."""

    def __init__(
        self,
        shards: Mapping[str, AcapySealedWallets],
        places: WalletPlaces,
        *,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """`shards` by name, at least one."""
        self._shards = shards
        self._places = places
        self._seconds = seconds
        self._away: dict[str, float] = {}

    async def create(self, wallet_key: bytes) -> Placed:
        """In the shard with most room that answers."""
        return await self._placed(lambda shard: shard.create(wallet_key))

    async def take_in(self, store: bytes) -> Placed:
        """In the shard with most room that answers."""
        return await self._placed(lambda shard: shard.take_in(store))

    async def open(self, wallet_id: str, wallet_key: bytes) -> str:
        """A token that names the shard, too."""
        name = await self._shard_of(wallet_id)
        return f"{name}{_OF}{await self._named(name).open(wallet_id, wallet_key)}"

    async def close(self, wallet_id: str) -> None:
        """Lock a store."""
        try:
            name = await self._shard_of(wallet_id)
        except WalletUnknown:
            return
        await self._named(name).close(wallet_id)

    async def state(self, wallet_id: str) -> tuple[str, int]:
        """State and number of waiting envelopes."""
        return await self._named(await self._shard_of(wallet_id)).state(wallet_id)

    async def delete(self, wallet_id: str, *, shard: str | None = None) -> None:
        """Remove a store."""
        try:
            name = shard or await self._shard_of(wallet_id)
        except WalletUnknown:
            return
        await self._named(name).delete(wallet_id)

    async def has_keys_out(self, wallet_id: str) -> bool:
        """Ask its shard."""
        try:
            name = await self._shard_of(wallet_id)
        except WalletUnknown:
            return False
        return await self._named(name).has_keys_out(wallet_id)

    async def rooms(self) -> Mapping[str, Room | None]:
        """Ask all at once."""
        found = await asyncio.gather(*map(_room, self._shards.values()))
        return dict(zip(self._shards, found, strict=True))

    def opened(self, agent_token: str) -> AcapyStore:
        """The open store, in the shard that the token names."""
        name, _, token = agent_token.partition(_OF)
        return self._named(name).opened(token)

    async def _placed(self, make: Callable[[AcapySealedWallets], Awaitable[str]]) -> Placed:
        """Try one after the other; what a disk that is full says counts least."""
        now = self._seconds()
        away = {name for name, until in self._away.items() if until > now}
        held = await self._places.by_shard() if len(self._shards) > 1 else {}
        refusal: AgentSilent | InstallationFull | None = None
        for name in roomiest_first(self._shards, held, away=away):
            try:
                made = await make(self._shards[name])
            except AgentSilent as silent:
                self._away[name] = self._seconds() + AWAY_SECONDS
                refusal = silent
            except InstallationFull as full:
                refusal = refusal or full
            else:
                self._away.pop(name, None)
                return Placed(made, name)
        if refusal is None:
            raise AssertionError("there is no shard")
        raise refusal

    async def _shard_of(self, wallet_id: str) -> str:
        """Raises WalletUnknown."""
        if len(self._shards) == 1:
            return next(iter(self._shards))
        return await self._places.shard_of(wallet_id)

    def _named(self, name: str) -> AcapySealedWallets:
        found = self._shards.get(name)
        if found is None:
            raise AgentSilent(f"No agent is named for shard {name}: it stands in no WALLET_AGENTS.")
        return found


class ShardedRecipients:
    """`FindRecipient` over the shards. A key that no shard knows is unknown only if all of them answered."""

    def __init__(self, shards: Sequence[AgentRecipients]) -> None:
        """At least one."""
        self._shards = shards

    async def __call__(self, verkey: str) -> Recipient | None:
        """The first answer that names an owner; the shards that are slower are not waited for."""
        kept = next((found for shard in self._shards if (found := shard.known(verkey))), None)
        if kept is not None:
            return kept
        return await _first([shard(verkey) for shard in self._shards], _is_somebody)


async def _first[T](asked: Sequence[Coroutine[Any, Any, T]], good: Callable[[T], bool]) -> T:
    """The first good answer, without waiting for the slower ones; else any, if all answered. Raises Unavailable."""
    tasks = [asyncio.ensure_future(one) for one in asked]
    trouble: Unavailable | None = None
    found: list[T] = []
    try:
        for answer in asyncio.as_completed(tasks):
            try:
                found.append(await answer)
            except Unavailable as error:
                trouble = error
            else:
                if good(found[-1]):
                    return found[-1]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if trouble is not None:
        raise trouble
    return found[-1]


def _is_fine(_: None) -> bool:
    return True


def _is_somebody(found: Recipient | None) -> bool:
    return found is not None


async def _room(shard: AcapySealedWallets) -> Room | None:
    try:
        return await shard.room()
    except AgentSilent:
        return None
