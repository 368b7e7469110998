"""Find the programme's description a credential names: her own copy if there is one, else the issuer's, verified."""

import hashlib
from collections.abc import Mapping

from shared.vc import achievement
from shared.vc.jcs import digest_multibase
from wallet.domain.credential import EditionFound, EditionMissing, EditionResult
from wallet.domain.proof_request import issuer_of
from wallet.ports import LearnerStore, PublicFacts

EDITIONS = "editions"
"""Notes: copies of editions, so that a credential stays readable when its issuer's site is gone."""


async def find_edition(
    store: LearnerStore,
    facts: PublicFacts,
    attributes: Mapping[str, str],
    issuer_did: str | None,
    *,
    hers: bool = True,
) -> EditionResult:
    """The edition, or why there is none to rely on. `hers`: she accepted it, and a copy was kept then."""
    edition_id = attributes.get("achievement_id")
    if edition_id is None:
        return EditionMissing(None, "the credential names no published description.")
    if issuer_of(edition_id) != issuer_did:
        return await facts.edition(edition_id, issuer_did)
    if hers and (known := facts.copied_edition(edition_id)) is not None:
        return known
    copied = await store.note(EDITIONS, note_id(edition_id))
    if isinstance(copied, dict) and _is_true_copy(copied, edition_id):
        found = EditionFound(edition_id, achievement.read(copied), copied)
        facts.remember_copy(found)
        return found
    return await facts.edition(edition_id, issuer_did)


async def keep_edition(store: LearnerStore, edition: EditionResult) -> None:
    """Keeps a copy inside her store."""
    if isinstance(edition, EditionFound):
        await store.write_note(EDITIONS, note_id(edition.id), dict(edition.content))


def note_id(edition_id: str) -> str:
    """A note's id must fit a URL path."""
    return hashlib.sha256(edition_id.encode()).hexdigest()


def _is_true_copy(content: Mapping[str, object], edition_id: str) -> bool:
    """The id names the content by its digest, so a copy proves itself."""
    return digest_multibase(dict(content)) == edition_id.rpartition("/")[2]
