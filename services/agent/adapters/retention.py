"""Deletes from one store what is past its time: see `services.agent.domain.retention` for what is kept how long.

ACA-Py keeps every record for ever, or forgets an exchange the moment it ends: too long for the disk, too short for a
service that asks later. So:

1. Ids of handled envelopes go by their day.
2. Exchanges go by their last move. Before a credential exchange goes, what it delivered is noted as *carried* by its
   connection: a revocation is told over it for as long as the credential stands.
3. Connections go that nothing needs: no exchange, nothing carried that still stands, no day until which the service wants
   them kept, unused for long. Their keys, DIDs, documents and routes go with them.
4. So do invitations nobody took up and revocation notices that were never sent.
5. Copies of tails files go, and halves of them.

Every deletion looks again in its own transaction, so that two processes, or an exchange that moves meanwhile, do no harm.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from acapy_agent.anoncreds.holder import CATEGORY_CREDENTIAL
from acapy_agent.anoncreds.models.issuer_cred_rev_record import IssuerCredRevRecord
from acapy_agent.connections.base_manager import BaseConnectionManager
from acapy_agent.connections.models.conn_record import ConnRecord
from acapy_agent.core.profile import Profile
from acapy_agent.protocols.issue_credential.v2_0.models.cred_ex_record import V20CredExRecord
from acapy_agent.protocols.issue_credential.v2_0.models.detail.anoncreds import V20CredExRecordAnonCreds
from acapy_agent.protocols.out_of_band.v1_0.models.invitation import InvitationRecord
from acapy_agent.protocols.out_of_band.v1_0.models.oob_record import OobRecord
from acapy_agent.protocols.present_proof.v2_0.models.pres_exchange import V20PresExRecord
from acapy_agent.protocols.revocation_notification.v2_0.models.rev_notification_record import (
    RevNotificationRecord,
)
from acapy_agent.protocols.routing.v1_0.models.route_record import RouteRecord
from acapy_agent.resolver.default.peer4 import PeerDID4Resolver
from acapy_agent.utils.env import storage_path
from acapy_agent.wallet.askar import CATEGORY_DID
from aries_askar import AskarError, AskarErrorCode

from services.agent.adapters import handled_envelopes, kept_days
from services.agent.domain import retention
from services.agent.domain.retention import LEARNERS, SERVICES, Kept, exchange_is_past, is_unused
from shared.adapters.clock import utc_now
from shared.contracts.agent_events import KEPT_UNTIL

CARRIED = "ujuzi-carried"
"""Our records: a connection, and a credential that came or went over it."""
_EXCHANGES = (V20CredExRecord.RECORD_TYPE, V20PresExRecord.RECORD_TYPE)
_DAILY = (handled_envelopes.CATEGORY, "ujuzi-verdict-told")
_LEFT_LYING = (OobRecord.RECORD_TYPE, InvitationRecord.RECORD_TYPE, RevNotificationRecord.RECORD_TYPE)
_OF_A_CONNECTION = (
    ConnRecord.RECORD_TYPE_METADATA,
    ConnRecord.RECORD_TYPE_REQUEST,
    ConnRecord.RECORD_TYPE_INVITATION,
    OobRecord.RECORD_TYPE,
)
MOST = 500
"""Exchanges, connections and others each, in one run; the caller runs again while so many went."""


class DeleteWhatIsPast:
    """One run over one store."""

    def __init__(self, *, copies_tails: bool) -> None:
        """`copies_tails` False: the tails files here are originals."""
        self._copies_tails = copies_tails

    async def __call__(self, root: Profile, profile: Profile) -> Mapping[str, int]:
        """How many records and files went from a learner's open store or the agent's own, `root`, by kind."""
        now = utc_now()
        learners = profile.settings.get("wallet.id") is not None
        busy, exchanges = await _exchanges(profile, LEARNERS if learners else SERVICES, now)
        gone = {
            "exchanges": exchanges,
            "connections": await _connections(root, profile, busy, now),
            "left lying": await _left_lying(profile, now),
        }
        if not learners:
            for category in _DAILY:
                gone[category] = await kept_days.forget(root, category, retention.HANDLED_DAYS, now=now)
            gone["tails files"] = await asyncio.to_thread(_tails, now, copies=self._copies_tails)
        return gone


async def _connections(root: Profile, profile: Profile, busy: set[str], now: datetime) -> int:
    needed = busy | await _carrying(profile, now) | await _wanted(profile, now)
    past = [
        name
        async for name, record in _scan(profile, ConnRecord.RECORD_TYPE)
        if name not in needed and is_unused(record, now=now)
    ]
    gone = 0
    for connection_id in past[:MOST]:
        keys = await _drop_connection(profile, connection_id, now)
        if keys is not None:
            gone += 1
            await _drop_routes(root, profile, keys)
    return gone


async def _drop_routes(root: Profile, profile: Profile, keys: list[str]) -> None:
    """A learner's keys are also known to the agent's own store, so that her mail is parked while she is away."""
    wallet_id = profile.settings.get("wallet.id")
    if wallet_id is None:
        return
    async with root.session() as session:
        for key in keys:
            await session.handle.remove_all(
                RouteRecord.RECORD_TYPE, {"recipient_key": key, "wallet_id": wallet_id}
            )


async def _exchanges(profile: Profile, kept: Kept, now: datetime) -> tuple[set[str], int]:
    """Connections on which something is under way or ended lately, and how many exchanges went."""
    busy: set[str] = set()
    past: list[tuple[str, str, str]] = []
    for category in _EXCHANGES:
        async for name, record in _scan(profile, category):
            connection_id = str(record.get("connection_id"))
            if len(past) < MOST and exchange_is_past(record, kept, now=now):
                past.append((category, name, connection_id))
            else:
                busy.add(connection_id)
    gone = 0
    for category, name, connection_id in past:
        if await _drop_exchange(profile, category, name, kept, now):
            gone += 1
        else:
            busy.add(connection_id)
    return busy, gone


async def _drop_exchange(profile: Profile, category: str, name: str, kept: Kept, now: datetime) -> bool:
    async with profile.transaction() as txn:
        entry = await txn.handle.fetch(category, name, for_update=True)
        if entry is None or not exchange_is_past(record := json.loads(entry.value), kept, now=now):
            return False
        if category == V20CredExRecord.RECORD_TYPE:
            for detail in await txn.handle.fetch_all(
                V20CredExRecordAnonCreds.RECORD_TYPE, {"cred_ex_id": name}
            ):
                carried = _delivered(json.loads(detail.value))
                if carried is not None:
                    await txn.handle.insert(
                        CARRIED,
                        f"{record.get('connection_id')}/{name}",
                        value_json={"connection_id": record.get("connection_id"), "credential": carried},
                    )
                await txn.handle.remove(V20CredExRecordAnonCreds.RECORD_TYPE, detail.name)
        await txn.handle.remove(category, name)
        await txn.commit()
    return True


def _delivered(detail: Mapping[str, Any]) -> list[str] | None:
    """What a credential is known by: the learner's own id of it, or the issuer's place in the status list."""
    if detail.get("cred_id_stored"):
        return [str(detail["cred_id_stored"])]
    if detail.get("rev_reg_id") and detail.get("cred_rev_id"):
        return [str(detail["rev_reg_id"]), str(detail["cred_rev_id"])]
    return None


async def _carrying(profile: Profile, now: datetime) -> set[str]:
    """Connections over which a credential went that still stands; the others' marks go."""
    held = {(name,) async for name, _ in _scan(profile, CATEGORY_CREDENTIAL, parse=False)}
    revoked = {
        (str(record["rev_reg_id"]), str(record["cred_rev_id"]))
        async for _, record in _scan(profile, IssuerCredRevRecord.RECORD_TYPE)
        if record.get("state") == IssuerCredRevRecord.STATE_REVOKED and is_unused(record, now=now)
    }
    standing: set[str] = set()
    fallen: list[str] = []
    async for name, mark in _scan(profile, CARRIED):
        credential = tuple(mark["credential"])
        stands = credential in held if len(credential) == 1 else credential not in revoked
        if stands:
            standing.add(mark["connection_id"])
        else:
            fallen.append(name)
    async with profile.session() as session:
        for name in fallen[:MOST]:
            await _without_complaint(session.handle.remove(CARRIED, name))
    return standing


async def _wanted(profile: Profile, now: datetime) -> set[str]:
    """Connections that the service wants kept though nothing goes over them."""
    return {
        str(mark["connection_id"])
        async for _, mark in _scan(profile, ConnRecord.RECORD_TYPE_METADATA, key=KEPT_UNTIL)
        if retention.is_wanted(mark, now=now)
    }


async def _drop_connection(profile: Profile, connection_id: str, now: datetime) -> list[str] | None:
    """The keys that went with it; None if it is gone or in use by now."""
    keys: list[str] = []
    async with profile.transaction() as txn:
        handle = txn.handle
        entry = await handle.fetch(ConnRecord.RECORD_TYPE, connection_id, for_update=True)
        if entry is None or not is_unused(record := json.loads(entry.value), now=now):
            return None
        await handle.remove(ConnRecord.RECORD_TYPE, connection_id)
        for category in _OF_A_CONNECTION:
            await handle.remove_all(category, {"connection_id": connection_id})
        tags = {**record, **entry.tags}
        if tags.get("their_role") in ConnRecord.Role.REQUESTER.value and tags.get("invitation_key"):
            keys.append(str(tags["invitation_key"]))
        if own := tags.get("my_did"):
            did = await handle.fetch(CATEGORY_DID, own)
            if did is not None:
                verkey = str(json.loads(did.value)["verkey"])
                await handle.remove_all(CATEGORY_DID, {"verkey": verkey})
                keys.append(verkey)
        if their := tags.get("their_did"):
            await _drop_their_document(handle, str(their))
        for key in keys:
            if await handle.fetch_key(key) is not None:
                await handle.remove_key(key)
        await txn.commit()
    return keys


async def _drop_their_document(handle: Any, did: str) -> None:  # noqa: ANN401  Askar ships no types
    """A did:peer:4 in short form, and the long form it was told in."""
    document = await handle.fetch(PeerDID4Resolver.RECORD_TYPE, did)
    names = [did] if document is None else [did, bytes(document.value).decode()]
    for name in names:
        await handle.remove_all(BaseConnectionManager.RECORD_TYPE_DID_KEY, {"did": name})
    if document is not None:
        await handle.remove(PeerDID4Resolver.RECORD_TYPE, did)


async def _left_lying(profile: Profile, now: datetime) -> int:
    past = [
        (category, name)
        for category in _LEFT_LYING
        async for name, record in _scan(profile, category)
        if is_unused(record, now=now)
    ]
    async with profile.session() as session:
        for category, name in past[:MOST]:
            await _without_complaint(session.handle.remove(category, name))
    return len(past[:MOST])


async def _scan(
    profile: Profile, category: str, *, parse: bool = True, key: str | None = None
) -> AsyncIterator[tuple[str, Mapping[str, Any]]]:
    """Every record of a category (of this key) by its name, a page at a time, with its tags: ACA-Py writes some values only there."""
    tags = None if key is None else {"key": key}
    async for entry in profile.store.scan(category, tags, profile=profile.profile_id):
        yield entry.name, {**entry.tags, **json.loads(entry.value)} if parse else {}


async def _without_complaint(removal: Any) -> None:  # noqa: ANN401  Askar ships no types
    """Two processes may delete the same record."""
    try:
        await removal
    except AskarError as error:
        if error.code != AskarErrorCode.NOT_FOUND:
            raise


def _tails(now: datetime, *, copies: bool) -> int:
    """Delete old copies, and halves of files; returns how many."""
    gone = 0
    for file in Path(storage_path("tails", create=True)).iterdir():
        age = now.timestamp() - file.stat().st_mtime
        kept = retention.PARTS_KEPT if file.suffix == ".part" else retention.TAILS_KEPT
        if (copies or file.suffix == ".part") and age > kept.total_seconds():
            file.unlink(missing_ok=True)
            gone += 1
    return gone
