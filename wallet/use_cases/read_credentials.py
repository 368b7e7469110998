"""Read the credentials a learner holds: what they say, what they are worth now, who vouches."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from wallet.domain.answer import Holding
from wallet.domain.credential import HeldCredential, IssuersWord, StatusState, status_of, with_word
from wallet.domain.part import ALL, Part, part_of
from wallet.domain.proof_request import issuer_of
from wallet.domain.trust import Standing, issuer_standing
from wallet.domain.words import Claim, claims
from wallet.ports import LearnerStore
from wallet.use_cases.desk import Desk, OpenWallet
from wallet.use_cases.find_edition import find_edition
from wallet.use_cases.settle_exchanges import SETTLED

REVOCATIONS = "revocation-notices"
"""Notes the agent writes when an issuer tells that it revoked a credential, and why."""
SUSPENSIONS = "status-notices"
"""The same when it suspended one, or took that back; the last word of each issuer on each credential."""


@dataclass(frozen=True)
class Notice:
    """An issuer's word; `about` ends in the registry's id and the credential's number there."""

    connection_id: str
    about: str
    word: IssuersWord


@dataclass(frozen=True)
class Told:
    """Notices, those of revocations first, and over which connection each credential came: only its own issuer's word counts."""

    notices: Sequence[Notice]
    origins: Mapping[str, str]

    def of(self, held: HeldCredential) -> IssuersWord | None:
        """What its issuer said last: a revocation is final."""
        about, origin = f"{held.rev_reg_id}::{held.rev_index}", self.origins.get(held.id)
        return next(
            (one.word for one in self.notices if one.connection_id == origin and one.about.endswith(about)),
            None,
        )


@dataclass(frozen=True)
class Shown:
    """A credential in plain terms."""

    holding: Holding
    issuer: Standing
    claims: tuple[Claim, ...]


async def read_credential(wallet: OpenWallet, credential_id: str, *, desk: Desk) -> Shown:
    """One credential. Raises CredentialUnknown."""
    held = await wallet.store.credential(credential_id)
    return await _show(wallet, held, await _told(wallet.store), desk)


async def read_credentials(wallet: OpenWallet, *, part: Part = ALL, desk: Desk) -> Sequence[Shown]:
    """Every credential, or a part of them. Raises PlaceUnknown."""
    told = await _told(wallet.store)
    held = part_of(await wallet.store.credentials(), part, key=lambda credential: credential.id)
    return await asyncio.gather(*(_show(wallet, credential, told, desk) for credential in held))


async def holdings(wallet: OpenWallet, *, desk: Desk) -> Sequence[Holding]:
    """Every credential with its edition and its status."""
    told = await _told(wallet.store)
    held = await wallet.store.credentials()
    return await asyncio.gather(*(_holding(wallet, credential, told, desk) for credential in held))


async def _show(wallet: OpenWallet, held: HeldCredential, told: Told, desk: Desk) -> Shown:
    holding = await _holding(wallet, held, told, desk)
    standing = issuer_standing(
        desk.trust.snapshots(),
        issuer_of(held.cred_def_id),
        held.attributes,
        holding.edition,
        now=desk.clock(),
    )
    return Shown(holding, standing, claims(held.attributes))


async def _holding(wallet: OpenWallet, held: HeldCredential, told: Told, desk: Desk) -> Holding:
    edition = await find_edition(wallet.store, desk.facts, held.attributes, issuer_of(held.cred_def_id))
    listed = await desk.facts.newest_status(held.rev_reg_id) if held.rev_reg_id else None
    status = with_word(status_of(held, listed, now=desk.clock()), told.of(held))
    return Holding(held, edition, status)


async def _told(store: LearnerStore) -> Told:
    revocations, suspensions, settled = await store.notes_of(REVOCATIONS, SUSPENSIONS, SETTLED)
    return Told([*_revocations(revocations), *_suspensions(suspensions)], _origins(settled))


def _revocations(found: Mapping[str, JsonValue]) -> Sequence[Notice]:
    """What issuers told about revocations, each with the connection it came over."""
    return [
        Notice(
            str(note.get("connection_id")),
            str(note.get("thread_id") or note.get("credential_id")),
            IssuersWord(StatusState.REVOKED, str(note["comment"]) if note.get("comment") else None),
        )
        for note in found.values()
        if isinstance(note, dict)
    ]


def _suspensions(found: Mapping[str, JsonValue]) -> Sequence[Notice]:
    """What they told about suspensions and their end."""
    return [
        Notice(
            str(note["connection_id"]),
            str(note["credential_id"]),
            IssuersWord(
                StatusState(str(note["state"])),
                str(note["reason"]) or None,
                datetime.fromisoformat(str(note["at"])),
            ),
        )
        for note in found.values()
        if isinstance(note, dict)
    ]


def _origins(settled: Mapping[str, JsonValue]) -> Mapping[str, str]:
    """Over which connection each credential came."""
    return {
        str(note["credential_id"]): str(note["connection_id"])
        for note in settled.values()
        if isinstance(note, dict) and note.get("credential_id") and note.get("connection_id")
    }
