"""The AnonCreds arithmetic, by the anoncreds library, in a thread of its own: it takes a tenth of a second or more.

One proof at a time: the library keeps the last error once for the whole process, so of two calls that fail at the same
time one is told the other's reason, or none; and loaded by two threads at once it panics.

Restrictions are stripped: an attribute that stays hidden satisfies a false one, and a true "false" gives no reason.
What they ask is judged in steps 4, 6 and 7 instead.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from anoncreds import (
    AnoncredsError,
    AnoncredsErrorCode,
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

_SAYS_NO = {
    AnoncredsErrorCode.INPUT,
    AnoncredsErrorCode.INVALID_STATE,
    AnoncredsErrorCode.CREDENTIAL_REVOKED,
    AnoncredsErrorCode.INVALID_USER_REVOC_ID,
    AnoncredsErrorCode.PROOF_REJECTED,
}
"""What the library says of a presentation. All else (a panic, no file, no reason at all) it says of itself."""


class AnoncredsProof:
    """Implements CheckProof."""

    def __init__(self) -> None:
        """Load the library."""
        get_library()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="proofs")

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
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, _verify, presentation, without_restrictions(request), objects
        )


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
) -> Holds | DoesNotHold | NotRun:
    try:
        question = PresentationRequest.load(json.dumps(request))
        schemas = {name: Schema.load(json.dumps(content)) for name, content in objects.schemas.items()}
        definitions = {
            name: CredentialDefinition.load(json.dumps(content))
            for name, content in objects.definitions.items()
        }
        registries = {
            name: RevocationRegistryDefinition.load(json.dumps(content))
            for name, content in objects.registries.items()
        }
        lists = [RevocationStatusList.load(json.dumps(content)) for content in objects.status_lists]
    except AnoncredsError as error:
        log.warning("the library cannot read the request or what its issuer published: %s", error.code)
        return NotRun(
            "the request, or an object its issuer published, is not what the library reads",
            passing=error.code not in _SAYS_NO,
        )
    try:
        holds = Presentation.load(json.dumps(presentation)).verify(
            question, schemas, definitions, registries, lists
        )
    except AnoncredsError as error:
        if error.code in _SAYS_NO:
            log.info("the library refused a presentation: %s", error.code)
            return DoesNotHold("the library refuses it")
        log.warning("the library failed over a presentation: %s", error.code)
        return NotRun("the library that checks proofs failed", passing=True)
    return Holds() if holds is True else DoesNotHold("the library says no and gives no reason")
