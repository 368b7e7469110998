"""Credentials' places in their status list, flipped there and back in the agent's own store.

ACA-Py only ever revokes. Here the bits and the states of ACA-Py's records of the credentials change in one transaction, which
keeps what others changed meanwhile: an issuance, a revocation, another suspension. Nothing is published here: that is
RepublishStatus, which publishes what is stored, so that an agent killed in between has lost nothing.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

from acapy_agent.anoncreds.constants import (
    CATEGORY_CRED_DEF,
    CATEGORY_REV_LIST,
    CATEGORY_REV_REG_DEF,
    CATEGORY_REV_REG_DEF_PRIVATE,
)
from acapy_agent.anoncreds.models.credential_definition import CredDef
from acapy_agent.anoncreds.models.issuer_cred_rev_record import IssuerCredRevRecord
from acapy_agent.anoncreds.models.revocation import RevList, RevRegDef
from acapy_agent.anoncreds.revocation.revocation import AnonCredsRevocation
from acapy_agent.core.profile import Profile, ProfileSession
from anoncreds import RevocationRegistryDefinitionPrivate

from services.agent.domain.status import Outcome, Wanted, is_listed, recorded_as
from services.agent.errors import RegistryUnknown, StatusBusy, StatusFinal

MOST_TRIES = 10


async def set_status(profile: Profile, rev_reg_id: str, numbers: Sequence[int], wanted: Wanted) -> Outcome:
    """Make it so for each that can be, at once. Raises RegistryUnknown or StatusBusy."""
    for _ in range(MOST_TRIES):
        done = await _try(profile, rev_reg_id, numbers, wanted)
        if done is not None:
            return done
    raise StatusBusy("The status list was changed by others whenever it was to be changed. Try again")


async def _try(profile: Profile, rev_reg_id: str, numbers: Sequence[int], wanted: Wanted) -> Outcome | None:
    """None if the list was changed by somebody else meanwhile."""
    async with profile.session() as session:
        entry = await session.handle.fetch(CATEGORY_REV_LIST, rev_reg_id)
        if entry is None:
            raise RegistryUnknown("No registry of ours has this id")
        known = entry.value_json
        records, refused = await _look(session, rev_reg_id, known, numbers, wanted)
    bits = known["rev_list"]["revocationList"]
    newer = None
    if flips := sorted(number for number in records if bool(bits[number]) != is_listed(wanted)):
        newer = await _flipped(profile, rev_reg_id, RevList.deserialize(known["rev_list"]), flips, wanted)
    async with profile.transaction() as txn:
        now = await txn.handle.fetch(CATEGORY_REV_LIST, rev_reg_id, for_update=True)
        if now is None or now.value_json != known:
            return None
        records, refused_now = await _look(txn, rev_reg_id, known, numbers, wanted)
        if refused_now != refused:
            return None
        if newer is not None:
            await txn.handle.replace(
                CATEGORY_REV_LIST, rev_reg_id, value_json=known | {"rev_list": newer}, tags=now.tags
            )
        changed = set(flips)
        for number, record in records.items():
            state = recorded_as(wanted, record=record.state, listed=bool(bits[number]))
            if record.state != state:
                record.state = state
                await record.save(txn, reason=f"credential is to be {wanted}")
                changed.add(number)
        await txn.commit()
    return Outcome(sorted(changed), refused)


async def _look(
    session: ProfileSession, rev_reg_id: str, known: Mapping[str, Any], numbers: Sequence[int], wanted: Wanted
) -> tuple[Mapping[int, IssuerCredRevRecord], Mapping[int, str]]:
    """The records of those that can become so, and why the others cannot.

    All of the registry are read at once: one by one is ten times slower. Their states change under the list's lock alone.
    """
    bits = known["rev_list"]["revocationList"]
    found = await IssuerCredRevRecord.query_by_ids(session, rev_reg_id=rev_reg_id)
    by_number = {int(record.cred_rev_id): record for record in found}
    records, refused = {}, {}
    for number in numbers:
        record = by_number.get(number)
        if record is None or not 0 < number < min(len(bits), known["next_index"]):
            refused[number] = "No credential of ours has this number in this registry"
            continue
        try:
            recorded_as(wanted, record=record.state, listed=bool(bits[number]))
        except StatusFinal as error:
            refused[number] = str(error)
        else:
            records[number] = record
    return records, refused


async def _flipped(
    profile: Profile, rev_reg_id: str, present: RevList, numbers: list[int], wanted: Wanted
) -> dict[str, Any]:
    """The list with these bits changed. Arguments are as ACA-Py gives them: a wrong type can end the process."""
    revocation = AnonCredsRevocation(profile)
    async with profile.session() as session:
        definition = await session.handle.fetch(CATEGORY_REV_REG_DEF, rev_reg_id)
        private = await session.handle.fetch(CATEGORY_REV_REG_DEF_PRIVATE, rev_reg_id)
        cred_def = definition and await session.handle.fetch(
            CATEGORY_CRED_DEF, definition.value_json["credDefId"]
        )
    if definition is None or private is None or cred_def is None:
        raise RegistryUnknown("This registry is not one we can change")
    registry = RevRegDef.deserialize(definition.value_json)
    registry.value.tails_location = await revocation.get_or_fetch_local_tails_path(registry)
    updated = await asyncio.to_thread(
        present.to_native().update,
        cred_def=CredDef.deserialize(cred_def.value_json).to_native(),
        rev_reg_def=registry.to_native(),
        rev_reg_def_private=RevocationRegistryDefinitionPrivate.load(private.value_json),
        issued=None if is_listed(wanted) else numbers,
        revoked=numbers if is_listed(wanted) else None,
        timestamp=int(time.time()),
    )
    changed_list: dict[str, Any] = updated.to_dict()
    return changed_list
