"""One Askar store per learner, under a key that only the caller has.

The record of a wallet says *managed* and holds no key: ACA-Py ignores mail for unmanaged wallets and writes
their keys into tokens. A key is used to open its store and dropped; tokens are random, kept as hashes, in
memory only. So a restart comes up with every wallet locked and every token dead.
"""

import asyncio
import hashlib
import logging
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.config.wallet import wallet_config
from acapy_agent.core.error import ProfileError
from acapy_agent.core.profile import Profile
from acapy_agent.multitenant.error import InvalidTokenError
from acapy_agent.multitenant.manager import MultitenantManager
from acapy_agent.protocols.routing.v1_0.models.route_record import RouteRecord
from acapy_agent.storage.base import BaseStorage
from acapy_agent.storage.error import StorageNotFoundError
from acapy_agent.utils.env import storage_path
from acapy_agent.wallet.models.wallet_record import WalletRecord
from aries_askar import AskarError, AskarErrorCode

from services.agent.adapters import store_file
from services.agent.domain.owner import WalletState
from services.agent.domain.wallet_key import checked
from services.agent.errors import WalletLocked, WalletUnknown, WrongWalletKey
from shared.adapters.clock import new_id
from shared.ports.turns import OneAtATime

LOGGER = logging.getLogger(__name__)

_OWNER_ONLY = 0o700
_SEALED = "wallet.sealed"
_DOOMED = ".deleted"
_FROM_BASE: dict[str, Any] = {
    "wallet.recreate": False,
    "wallet.seed": None,
    "wallet.rekey": None,
    "wallet.name": None,
    "wallet.type": None,
    "wallet.key": None,
    "wallet.storage_config": None,
    "wallet.storage_creds": None,
    "mediation.open": None,
    "mediation.invite": None,
    "mediation.default_id": None,
    "mediation.clear": None,
    "auto_provision": False,  # else a store that is missing would be made anew, empty
}
"""Settings of the agent's own store that must not leak into a learner's."""


@dataclass
class _OpenWallet:
    profile: Profile
    settled: bool = False
    """False while the envelopes that waited are being handled."""
    closing: bool = False
    """Locked for all that is new, while what was begun before is finished."""
    tokens: set[bytes] = field(default_factory=set)
    busy: int = 0
    idle: asyncio.Event = field(default_factory=asyncio.Event)

    async def nothing_in_hand(self) -> None:
        """Return once nobody uses it."""
        while self.busy:
            self.idle.clear()
            await self.idle.wait()


def _new_record() -> WalletRecord:
    return WalletRecord(
        key_management_mode=WalletRecord.MODE_MANAGED,
        settings={
            _SEALED: True,
            "wallet.type": "askar-anoncreds",
            "wallet.name": new_id(),
            "wallet.key_derivation_method": "RAW",
            "wallet.webhook_urls": [],
            "wallet.dispatch_type": "base",
        },
    )


def _store_of(record: WalletRecord) -> Path:
    return Path(storage_path("wallet", record.wallet_name)) / "sqlite.db"


def _destroy(folder: Path) -> None:
    """Take the folder away in one step, so that no store half of whose files are gone can ever be opened; then its files."""
    doomed = folder.with_name(f"{folder.name}{_DOOMED}")
    if folder.exists():
        folder.rename(doomed)
    if doomed.exists():
        shutil.rmtree(doomed)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


class SealedWallets(MultitenantManager):  # type: ignore[misc]  # ACA-Py ships no types
    """ACA-Py's multitenancy manager for sealed wallets; the only one this agent has.

    Strong references keep open wallets open: ACA-Py's own cache would evict one in mid-exchange.
    """

    closing_seconds = 20.0
    """For work in hand when a wallet is locked; less than a service waits for an answer."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile)
        self._open: dict[str, _OpenWallet] = {}
        self._turns = OneAtATime()
        self.mail = OneAtATime()
        """Held while an envelope is parked, or while the last parked one is looked for: none is overlooked."""
        self.take_in_what_waited: Callable[[str], Awaitable[None]] | None = None
        """Set by the inbound transport; ends with `settle`."""
        self._taking_in: set[asyncio.Task[None]] = set()

    @property
    def open_count(self) -> int:
        """How many wallets are open."""
        return len(self._open)

    # what the routes call

    async def create(self, wallet_key: str) -> str:
        """Make an empty locked wallet and return its id. Raises NotAWalletKey."""
        key = checked(wallet_key)
        record = _new_record()
        async with self._profile.session() as session:
            await record.save(session)
        try:
            await (await self._open_store(record, key, provision=True)).close()
        except BaseException:
            async with self._profile.session() as session:
                await record.delete_record(session)
            raise
        return str(record.wallet_id)

    async def copy(self, wallet_id: str) -> bytes:
        """The wallet's store as it is now, sealed as on disk. Raises WalletUnknown."""
        return await store_file.copied(_store_of(await self._record(wallet_id)))

    async def take_in(self, store: bytes) -> str:
        """Make a locked wallet of a copied store and return its id. Raises NotAStore."""
        record = _new_record()
        file = _store_of(record)
        file.parent.mkdir(parents=True, mode=_OWNER_ONLY)
        try:
            await asyncio.to_thread(file.write_bytes, store)
            await store_file.check(file)
            async with self._profile.session() as session:
                await record.save(session)
        except BaseException:
            shutil.rmtree(file.parent)
            raise
        return str(record.wallet_id)

    async def open(self, wallet_id: str, wallet_key: str) -> str:
        """Open the wallet if it is not open yet, and return a further token for it.

        Raises NotAWalletKey, WrongWalletKey (also when the wallet is open already) or WalletUnknown.
        """
        key = checked(wallet_key)
        record = await self._record(wallet_id)
        async with self._turns(wallet_id):
            profile = await self._open_store(record, key, provision=False)
            if wallet_id in self._open:
                await profile.close()
            else:
                self._open[wallet_id] = _OpenWallet(profile)
                self._begin_taking_in(wallet_id)
            token = secrets.token_urlsafe(32)
            self._open[wallet_id].tokens.add(_hash(token))
        return token

    async def close(self, wallet_id: str) -> None:
        """Lock the wallet: tokens die at once, work in hand is finished, for twenty seconds at most. Raises WalletUnknown."""
        await self._record(wallet_id)
        async with self._turns(wallet_id):
            wallet = self._open.get(wallet_id)
            if wallet is None:
                return
            wallet.closing = True
            wallet.tokens.clear()
            try:
                async with asyncio.timeout(self.closing_seconds):
                    await wallet.nothing_in_hand()
            except TimeoutError:
                LOGGER.warning("Wallet %s is closed over work that did not end", wallet_id)
            finally:
                del self._open[wallet_id]
                await wallet.profile.close()

    async def delete(self, wallet_id: str, forget: Callable[[str], Awaitable[None]]) -> None:
        """Destroy the wallet: its store, its routes, by `forget` what waits for it, and its record last.

        So one that was cut off anywhere is done again whole by another call. Raises WalletUnknown.
        """
        record = await self._record(wallet_id)
        await self.close(wallet_id)
        async with self._turns(wallet_id):
            folder = Path(storage_path("wallet", record.wallet_name))
            await asyncio.to_thread(_destroy, folder)  # Askar's own removal leaves files behind
            async with self._profile.session() as session:
                storage = session.inject(BaseStorage)
                await storage.delete_all_records(RouteRecord.RECORD_TYPE, {"wallet_id": wallet_id})
            await forget(wallet_id)
            async with self._profile.session() as session:
                await record.delete_record(session)

    async def state(self, wallet_id: str) -> WalletState:
        """Whether the wallet is locked, taking in what waited, or open. Raises WalletUnknown."""
        await self._record(wallet_id)
        return self.state_of_known(wallet_id)

    def state_of_known(self, wallet_id: str) -> WalletState:
        """The same for a wallet that is known to exist."""
        wallet = self._open.get(wallet_id)
        if wallet is None or wallet.closing:
            return "locked"
        return "open" if wallet.settled else "opening"

    async def store_of(self, wallet_id: str) -> str:
        """The name of the wallet's store. Raises WalletUnknown."""
        return str((await self._record(wallet_id)).wallet_name)

    def _begin_taking_in(self, wallet_id: str) -> None:
        if self.take_in_what_waited is None:
            raise RuntimeError("The inbound transport has not started")
        task = asyncio.ensure_future(self.take_in_what_waited(wallet_id))
        self._taking_in.add(task)
        task.add_done_callback(self._taking_in.discard)

    # what the inbound transport calls

    def settle(self, wallet_id: str) -> None:
        """Nothing waits any more: from now on envelopes are handled as they come."""
        if (wallet := self._open.get(wallet_id)) is not None:
            wallet.settled = True

    @asynccontextmanager
    async def in_use(self, wallet_id: str) -> AsyncIterator[None]:
        """Closing waits for the end of this block. Raises WalletLocked."""
        wallet = self._open.get(wallet_id)
        if wallet is None or wallet.closing:
            raise WalletLocked(wallet_id)
        wallet.busy += 1
        try:
            yield
        finally:
            wallet.busy -= 1
            if not wallet.busy:
                wallet.idle.set()

    # what ACA-Py calls

    @property
    def open_profiles(self) -> Iterator[Profile]:
        """Open wallets; ACA-Py closes them when it stops."""
        yield from [wallet.profile for wallet in self._open.values()]

    async def get_wallet_profile(
        self,
        base_context: InjectionContext,  # noqa: ARG002  given by ACA-Py
        wallet_record: WalletRecord,
        extra_settings: dict[str, Any] | None = None,  # noqa: ARG002
        *,
        provision: bool = False,  # noqa: ARG002
    ) -> Profile:
        """The profile of an open wallet, also for work that is being finished before it closes. Raises WalletLocked."""
        wallet = self._open.get(wallet_record.wallet_id)
        if wallet is None:
            raise WalletLocked(str(wallet_record.wallet_id))
        return wallet.profile

    async def get_profile_for_token(self, context: InjectionContext, token: str) -> Profile:  # noqa: ARG002
        """The profile of the wallet a token was given for. Raises ACA-Py's InvalidTokenError."""
        return self._open[self._wallet_of(token)].profile

    def get_wallet_details_from_token(self, token: str) -> tuple[str, None]:
        """The wallet's id; never a key."""
        return self._wallet_of(token), None

    def _wallet_of(self, token: str) -> str:
        digest = _hash(token)
        for wallet_id, wallet in self._open.items():
            if digest in wallet.tokens:
                return wallet_id
        raise InvalidTokenError("Token unknown, or its wallet is locked")

    async def _record(self, wallet_id: str) -> WalletRecord:
        async with self._profile.session() as session:
            try:
                return await WalletRecord.retrieve_by_id(session, wallet_id)
            except StorageNotFoundError as error:
                raise WalletUnknown("No wallet has this id") from error

    async def _open_store(self, record: WalletRecord, key: str, *, provision: bool) -> Profile:
        context = self._profile.context.copy()
        context.settings = (
            context.settings.extend(_FROM_BASE)
            .extend(record.settings)
            .extend({"wallet.key": key, "admin.webhook_urls": []})
        )
        try:
            profile, _ = await wallet_config(context, provision=provision)
        except ProfileError as error:
            cause = error.__cause__
            if isinstance(cause, AskarError) and cause.code == AskarErrorCode.ENCRYPTION:
                raise WrongWalletKey("The wallet does not open with this key") from cause
            raise
        finally:
            context.settings["wallet.key"] = None
        profile.context.settings["wallet.key"] = None
        profile.opened.config.key = None  # nothing needs it once the store is open
        return profile
