"""The AnonCreds arithmetic, by the anoncreds library, in a thread: it takes a tenth of a second or more.

Restrictions are stripped: an attribute that stays hidden satisfies a false one, and a true "false" gives no reason.
What they ask is judged in steps 4, 6 and 7 instead.
"""

import asyncio
import json
import logging
from collections.abc import Mapping

from anoncreds import (
    AnoncredsError,
    CredentialDefinition,
    Presentation,
    PresentationRequest,
    RevocationRegistryDefinition,
    RevocationStatusList,
    Schema,
)
from anoncreds.bindings import get_library

from verifier.domain.facts import DoesNotHold, Holds, NotRun
from verifier.domain.presentation import read
from verifier.errors import NotAPresentation
from verifier.ports import PublishedObjects

log = logging.getLogger(__name__)

AT_ONCE = 2
"""Proofs computed at the same time; more would only wait for the same cores."""


class AnoncredsProof:
    """Implements CheckProof."""

    def __init__(self) -> None:
        """Load the library: two threads that do it at once make it refuse a proof that holds."""
        get_library()
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def __call__(
        self, presentation: object, request: Mapping[str, object], objects: PublishedObjects
    ) -> Holds | DoesNotHold | NotRun:
        """The library gets nothing whose shape was not checked: a wrong type can crash the process."""
        try:
            parsed = read(presentation)
        except NotAPresentation as error:
            return DoesNotHold(str(error))
        for identifier in parsed.identifiers:
            if identifier.schema_id not in objects.schemas:
                return NotRun("a schema is missing")
            if identifier.cred_def_id not in objects.definitions:
                return NotRun("a credential definition is missing")
            if identifier.rev_reg_id is not None and identifier.rev_reg_id not in objects.registries:
                return NotRun("a revocation registry is missing")
            if identifier.timestamp is not None and not any(
                found.get("revRegDefId") == identifier.rev_reg_id
                and found.get("timestamp") == identifier.timestamp
                for found in objects.status_lists
            ):
                return NotRun("the status list it was made against is missing")
        async with self._slots:
            return await asyncio.to_thread(_verify, presentation, without_restrictions(request), objects)


def without_restrictions(request: Mapping[str, object]) -> dict[str, object]:
    """The same request, open to any credential."""
    stripped = dict(request)
    for part in ("requested_attributes", "requested_predicates"):
        items = stripped.get(part)
        if isinstance(items, Mapping):
            stripped[part] = {
                name: {key: value for key, value in item.items() if key != "restrictions"}
                for name, item in items.items()
            }
    return stripped


def _verify(
    presentation: object, request: Mapping[str, object], objects: PublishedObjects
) -> Holds | DoesNotHold:
    try:
        holds = Presentation.load(json.dumps(presentation)).verify(
            PresentationRequest.load(json.dumps(request)),
            {name: Schema.load(json.dumps(content)) for name, content in objects.schemas.items()},
            {
                name: CredentialDefinition.load(json.dumps(content))
                for name, content in objects.definitions.items()
            },
            {
                name: RevocationRegistryDefinition.load(json.dumps(content))
                for name, content in objects.registries.items()
            },
            [RevocationStatusList.load(json.dumps(content)) for content in objects.status_lists],
        )
    except AnoncredsError as error:
        log.info("the library refused a presentation: %s", error.code)
        return DoesNotHold("the library refuses it")
    return Holds() if holds is True else DoesNotHold("the library says no and gives no reason")
