"""The arithmetic floor: what issuer, learner and verifier must compute, by the anoncreds library alone, objects held parsed.

One thread, and its processor time: a busy machine tells the same.
"""

import asyncio
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import anoncreds
from anoncreds.bindings import get_library

from services.bench.domain.asked import VALUES, proof_request
from services.bench.domain.figures import Arithmetic
from services.bench.domain.plan import Deed, Issue, Present
from shared.contracts.attributes import ATTRIBUTES, SCHEMA_NAME, SCHEMA_VERSION

_ISSUER = "did:webvh:QmTnJ5kN9pVdxYzAbCdEfGhJkLmNpQrStUvWxYz1234567:issuer.bench.test"
_SCHEMA, _DEFINITION, _REGISTRY = (
    f"{_ISSUER}/resources/{kind}" for kind in ("schema", "definition", "registry")
)
_REGISTRY_SIZE = 1024
_NOW = 1_790_000_000

type Clocked = dict[str, list[float]]
"""Milliseconds by step."""


class AnoncredsArithmetic:
    """Implements DoArithmetic."""

    async def __call__(self, deeds: Sequence[Deed], times: int) -> Sequence[Arithmetic]:
        """In a thread, so that whoever else waits here goes on."""
        return await asyncio.to_thread(_measured, deeds, times)


def _measured(deeds: Sequence[Deed], times: int) -> Sequence[Arithmetic]:
    get_library()
    with tempfile.TemporaryDirectory(prefix="ujuzi-bench-tails-") as tails:
        issuers = {
            revocable: _Issuer(revocable=revocable, tails=tails)
            for revocable in {not isinstance(deed, Issue) or deed.revocable for deed in deeds}
        }
        found = []
        for deed in deeds:
            issuer = issuers[not isinstance(deed, Issue) or deed.revocable]
            clocked: Clocked = defaultdict(list)
            for _ in range(times):
                held = issuer.issue(clocked if isinstance(deed, Issue) else defaultdict(list))
                if isinstance(deed, Present):
                    issuer.prove(held, deed, clocked)
            found.append(
                Arithmetic(deed.name, {step: round(statistics.median(ms), 1) for step, ms in clocked.items()})
            )
        return found


@dataclass(frozen=True)
class _Held:
    credential: anoncreds.Credential
    index: int | None
    link_secret: str


class _Issuer:
    def __init__(self, *, revocable: bool, tails: str) -> None:
        self._schema = anoncreds.Schema.create(SCHEMA_NAME, SCHEMA_VERSION, _ISSUER, list(ATTRIBUTES))
        self._definition, self._private, self._proof = anoncreds.CredentialDefinition.create(
            _SCHEMA, self._schema, _ISSUER, "bench", "CL", support_revocation=revocable
        )
        self._index = 0
        self._revocable = revocable
        self._registry: Any = None
        if revocable:
            self._registry, self._registry_private = anoncreds.RevocationRegistryDefinition.create(
                _DEFINITION, self._definition, _ISSUER, "0", "CL_ACCUM", _REGISTRY_SIZE, tails_dir_path=tails
            )
            self._list = anoncreds.RevocationStatusList.create(
                self._definition, _REGISTRY, self._registry, self._registry_private, _ISSUER, True, _NOW  # noqa: FBT003  the library's signature
            )  # fmt: skip

    def issue(self, clocked: Clocked) -> _Held:
        """To a new learner; every step is one of the library's calls."""
        link_secret = anoncreds.create_link_secret()
        offer = _clock(
            clocked, "offer", lambda: anoncreds.CredentialOffer.create(_SCHEMA, _DEFINITION, self._proof)
        )
        request, metadata = _clock(
            clocked,
            "request",
            lambda: anoncreds.CredentialRequest.create(
                "entropy", None, self._definition, link_secret, "learner", offer
            ),
        )
        index, revocation = None, None
        if self._revocable:
            self._index += 1
            index = self._index
            revocation = anoncreds.CredentialRevocationConfig(
                self._registry, self._registry_private, self._list, index
            )
        made = _clock(
            clocked,
            "issue",
            lambda: anoncreds.Credential.create(
                self._definition, self._private, offer, request, dict(VALUES), None, revocation
            ),
        )
        received = _clock(
            clocked, "store", lambda: made.process(metadata, link_secret, self._definition, self._registry)
        )
        return _Held(received, index, link_secret)

    def prove(self, held: _Held, asked: Present, clocked: Clocked) -> None:
        """What is asked, and verify it."""
        request = proof_request(asked, _DEFINITION, nonce="1234567890", now=_NOW)
        timestamp, state = None, None
        if asked.not_revoked:
            timestamp = _NOW
            state = _clock(
                clocked,
                "status",
                lambda: anoncreds.CredentialRevocationState.create(
                    self._registry, self._list, held.index, self._registry.tails_location
                ),
            )
        chosen = anoncreds.PresentCredentials()
        chosen.add_attributes(
            held.credential,
            *request["requested_attributes"],
            reveal=True,
            timestamp=timestamp,
            rev_state=state,
        )
        chosen.add_predicates(
            held.credential, *request["requested_predicates"], timestamp=timestamp, rev_state=state
        )
        question = anoncreds.PresentationRequest.load(request)
        schemas, definitions = {_SCHEMA: self._schema}, {_DEFINITION: self._definition}
        made = _clock(
            clocked,
            "prove",
            lambda: anoncreds.Presentation.create(
                question, chosen, {}, held.link_secret, schemas, definitions
            ),
        )
        registries = {_REGISTRY: self._registry} if asked.not_revoked else None
        lists = [self._list] if asked.not_revoked else None
        holds = _clock(
            clocked, "verify", lambda: made.verify(question, schemas, definitions, registries, lists)
        )
        if not holds:
            raise ArithmeticError(f"the library's own proof does not hold: {asked.name}")


def _clock[T](clocked: Clocked, step: str, do: Callable[[], T]) -> T:
    began = time.thread_time()
    made = do()
    clocked[step].append(1000 * (time.thread_time() - began))
    return made
