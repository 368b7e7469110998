"""Read the credentials a learner holds: what they say, what they are worth now, who vouches."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import JsonValue

from wallet.domain.answer import Holding
from wallet.domain.credential import HeldCredential, StatusState, status_of
from wallet.domain.proof_request import issuer_of
from wallet.domain.trust import Standing, issuer_standing
from wallet.domain.words import Claim, claims
from wallet.use_cases.desk import Desk, OpenWallet
from wallet.use_cases.find_edition import find_edition

NOTICES = "revocation-notices"
"""Notes the agent writes when an issuer tells that it revoked a credential, and why."""


@dataclass(frozen=True)
class Shown:
    """A credential in plain terms."""

    holding: Holding
    issuer: Standing
    claims: tuple[Claim, ...]


async def read_credential(wallet: OpenWallet, credential_id: str, *, desk: Desk) -> Shown:
    """One credential. Raises CredentialUnknown."""
    held = await wallet.store.credential(credential_id)
    return await _show(wallet, held, await wallet.store.notes(NOTICES), desk)


async def read_credentials(wallet: OpenWallet, *, desk: Desk) -> Sequence[Shown]:
    """Every credential."""
    notices = await wallet.store.notes(NOTICES)
    held = await wallet.store.credentials()
    return await asyncio.gather(*(_show(wallet, credential, notices, desk) for credential in held))


async def holdings(wallet: OpenWallet, *, desk: Desk) -> Sequence[Holding]:
    """Every credential with its edition and its status."""
    notices = await wallet.store.notes(NOTICES)
    held = await wallet.store.credentials()
    return await asyncio.gather(*(_holding(wallet, credential, notices, desk) for credential in held))


async def _show(
    wallet: OpenWallet, held: HeldCredential, notices: Mapping[str, JsonValue], desk: Desk
) -> Shown:
    holding = await _holding(wallet, held, notices, desk)
    standing = issuer_standing(
        desk.trust.snapshots(),
        issuer_of(held.cred_def_id),
        held.attributes,
        holding.edition,
        now=desk.clock(),
    )
    return Shown(holding, standing, claims(held.attributes))


async def _holding(
    wallet: OpenWallet, held: HeldCredential, notices: Mapping[str, JsonValue], desk: Desk
) -> Holding:
    edition = await find_edition(wallet.store, desk.facts, held.attributes, issuer_of(held.cred_def_id))
    listed = await desk.facts.newest_status(held.rev_reg_id) if held.rev_reg_id else None
    status = status_of(held, listed, now=desk.clock())
    why = _notice(held, notices)
    if why and status.state is StatusState.REVOKED:
        status = replace(status, reason=f"{status.reason} It says why: {why}")
    return Holding(held, edition, status)


def _notice(held: HeldCredential, notices: Mapping[str, JsonValue]) -> str | None:
    thread = f"anoncreds::{held.rev_reg_id}::{held.rev_index}"
    for notice in notices.values():
        if (
            isinstance(notice, dict)
            and notice.get("thread_id") == thread
            and isinstance(notice.get("comment"), str)
        ):
            return str(notice["comment"])
    return None
