"""A credential's place in its status list, flipped there and back in the agent's own store.

ACA-Py only ever revokes. Here the bit and the state of ACA-Py's record of the credential change in one transaction, which
keeps what others changed meanwhile: an issuance, a revocation, another suspension. Nothing is published here: that is
RepublishStatus, which publishes what is stored, so that an agent killed in between has lost nothing.
"""

import asyncio
import time
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

from services.agent.domain.status import Wanted, is_listed, recorded_as
from services.agent.errors import CredentialUnknown, RegistryUnknown, StatusBusy

MOST_TRIES = 10


async def set_status(profile: Profile, rev_reg_id: str, cred_rev_id: int, wanted: Wanted) -> bool:
    """Make it so; False if it was so already. Raises RegistryUnknown, CredentialUnknown, StatusFinal or StatusBusy."""
    for _ in range(MOST_TRIES):
        done = await _try(profile, rev_reg_id, cred_rev_id, wanted)
        if done is not None:
            return done
    raise StatusBusy("The status list was changed by others whenever it was to be changed. Try again")


async def _try(profile: Profile, rev_reg_id: str, cred_rev_id: int, wanted: Wanted) -> bool | None:
    """None if the list was changed by somebody else meanwhile."""
    async with profile.session() as session:
        entry = await session.handle.fetch(CATEGORY_REV_LIST, rev_reg_id)
    if entry is None:
        raise RegistryUnknown("No registry of ours has this id")
    known = entry.value_json
    bits = known["rev_list"]["revocationList"]
    if not 0 < cred_rev_id < min(len(bits), known["next_index"]):
        raise CredentialUnknown("No credential of ours has this number in this registry")
    newer = None
    if bool(bits[cred_rev_id]) != is_listed(wanted):
        newer = await _flipped(
            profile, rev_reg_id, RevList.deserialize(known["rev_list"]), cred_rev_id, wanted
        )
    async with profile.transaction() as txn:
        now = await txn.handle.fetch(CATEGORY_REV_LIST, rev_reg_id, for_update=True)
        if now is None or now.value_json != known:
            return None
        record = await _record(txn, rev_reg_id, cred_rev_id)
        state = recorded_as(wanted, record=record.state, listed=bool(bits[cred_rev_id]))
        if newer is None and record.state == state:
            return False
        if newer is not None:
            await txn.handle.replace(
                CATEGORY_REV_LIST, rev_reg_id, value_json=known | {"rev_list": newer}, tags=now.tags
            )
        if record.state != state:
            record.state = state
            await record.save(txn, reason=f"credential is to be {wanted}")
        await txn.commit()
    return True


async def _flipped(
    profile: Profile, rev_reg_id: str, present: RevList, cred_rev_id: int, wanted: Wanted
) -> dict[str, Any]:
    """The list with this one bit changed. Arguments are as ACA-Py gives them: a wrong type can end the process."""
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
    changed = [cred_rev_id]
    updated = await asyncio.to_thread(
        present.to_native().update,
        cred_def=CredDef.deserialize(cred_def.value_json).to_native(),
        rev_reg_def=registry.to_native(),
        rev_reg_def_private=RevocationRegistryDefinitionPrivate.load(private.value_json),
        issued=None if is_listed(wanted) else changed,
        revoked=changed if is_listed(wanted) else None,
        timestamp=int(time.time()),
    )
    changed_list: dict[str, Any] = updated.to_dict()
    return changed_list


async def _record(txn: ProfileSession, rev_reg_id: str, cred_rev_id: int) -> IssuerCredRevRecord:
    found = await IssuerCredRevRecord.retrieve_by_ids(txn, rev_reg_id, str(cred_rev_id), for_update=True)
    if not found:
        raise CredentialUnknown("No credential of ours has this number in this registry")
    return found[0]
