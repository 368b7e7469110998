"""After a restore no credential is issued before every registry of the store gave way to a new one.

What the store holds of a registry is of the time of the backup: places it shows as free may be taken. Credentials issued before
stay as they are, and can be suspended and revoked.

1. The store keeps a note of where it is; a note of another place means that it was restored, or copied.
2. Until that is settled orders to issue are refused as for now, and come again.
3. Each definition gets two registries: one to use, and, as ACA-Py has it, the next one. The old ones take nothing any more.
4. Then, and not before, the note says the present place.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Final
from uuid import uuid4

from acapy_agent.anoncreds.constants import CATEGORY_REV_LIST, CATEGORY_REV_REG_DEF
from acapy_agent.anoncreds.models.revocation import RevListState, RevRegDefState
from acapy_agent.anoncreds.revocation.auto_recovery.event_storage import generate_request_id
from acapy_agent.anoncreds.revocation.revocation import AnonCredsRevocation
from acapy_agent.core.profile import Profile

from services.agent.adapters import notes
from services.agent.errors import StoreRestored

LOGGER = logging.getLogger(__name__)

CATEGORY: Final = "place"
_NOTE: Final = "store"
_PAUSE: Final = 5.0
_READY_SECONDS: Final = 300.0
_USABLE: Final = 2
_LOOK: Final = 0.2

type Turn = Callable[[Profile, str], AbstractAsyncContextManager[None]]


class SettleRestored:
    """Whether this store may issue, and what must be done before it may."""

    def __init__(self, place: Callable[[], Awaitable[str]], turn: Turn) -> None:
        """`place` says where the store is; `turn` lets one agent of several do it."""
        self._place = place
        self._turn = turn
        self._settled = False

    def check(self) -> None:
        """Raises StoreRestored."""
        if not self._settled:
            raise StoreRestored(
                "Status lists of a restored store are being replaced; nothing is issued meanwhile"
            )

    async def __call__(self, profile: Profile) -> None:
        """Settle it; try until it is done, since services and NATS may not be there yet."""
        while not self._settled:
            try:
                async with self._turn(profile, "restored"):
                    await self._once(profile)
            except Exception:  # whatever it was: issuing stays shut, and the log says why
                LOGGER.exception(
                    "Whether the store was restored is not settled; nothing is issued, tried again"
                )
                await asyncio.sleep(_PAUSE)

    async def _once(self, profile: Profile) -> None:
        place = await self._place()
        known = (await notes.all_of(profile, CATEGORY)).get(_NOTE, place)
        if known != place:
            LOGGER.warning(
                "The store was restored from a backup, or copied: every status registry is replaced"
            )
            for cred_def_id, registries in (await _registries(profile)).items():
                await _replace(profile, cred_def_id, registries)
        await notes.put(profile, CATEGORY, _NOTE, place)
        self._settled = True


async def _registries(profile: Profile) -> dict[str, set[str]]:
    """The ids of all registries, by definition."""
    async with profile.session() as session:
        entries = await session.handle.fetch_all(CATEGORY_REV_REG_DEF)
    found: dict[str, set[str]] = {}
    for entry in entries:
        found.setdefault(entry.tags["cred_def_id"], set()).add(entry.name)
    return found


async def _replace(profile: Profile, cred_def_id: str, old: set[str]) -> None:
    """Not by ACA-Py's rotation, which keeps the next registry, and races its own events for the one it makes."""
    revocation = AnonCredsRevocation(profile)
    like = await revocation.get_created_revocation_registry_definition(min(old))
    for _ in range(_USABLE):
        await revocation.emit_create_revocation_registry_definition_event(
            issuer_id=like.issuer_id, cred_def_id=cred_def_id, registry_type=like.type, tag=str(uuid4()),
            max_cred_num=like.value.max_cred_num, options={"request_id": generate_request_id()},
        )  # fmt: skip
    async with asyncio.timeout(_READY_SECONDS):
        while True:  # ACA-Py's events lead to their first lists
            fresh = await _ready(profile, cred_def_id) - old
            if len(fresh) >= _USABLE:
                break
            await asyncio.sleep(_LOOK)
    await revocation.set_active_registry(min(fresh))
    async with profile.transaction() as txn:
        for entry in await txn.handle.fetch_all(
            CATEGORY_REV_REG_DEF, {"cred_def_id": cred_def_id}, for_update=True
        ):
            if entry.name in old and entry.tags.get("state") == RevRegDefState.STATE_FINISHED:
                tags = entry.tags | {"active": "false", "state": RevRegDefState.STATE_DECOMMISSIONED}
                await txn.handle.replace(CATEGORY_REV_REG_DEF, entry.name, entry.value, tags)
        await txn.commit()
    LOGGER.warning("The registries of %s were replaced", cred_def_id)


async def _ready(profile: Profile, cred_def_id: str) -> set[str]:
    """Registries that can take credentials: published, with a first list."""
    finished = {"cred_def_id": cred_def_id, "state": RevRegDefState.STATE_FINISHED}
    async with profile.session() as session:
        names = {entry.name for entry in await session.handle.fetch_all(CATEGORY_REV_REG_DEF, finished)}
        lists = {name: await session.handle.fetch(CATEGORY_REV_LIST, name) for name in names}
    return {
        name for name, each in lists.items() if each and each.tags.get("state") == RevListState.STATE_FINISHED
    }
