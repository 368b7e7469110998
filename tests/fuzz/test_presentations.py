"""Whatever a wallet presents, the verifier comes to exactly one verdict, and it can be stored, signed and shown."""

from datetime import timedelta
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from shared.ports.turns import OneAtATime
from shared.vc import jws
from tests.fuzz.hostile import TEXTS, VALUES, Json, changed, nested
from tests.support.verifier_fakes import (
    MemoryAgent,
    MemoryRequests,
    MemorySessions,
    PinnedSnapshots,
    SigningVerifier,
)
from tests.unit.verifier.test_judge import (
    ASKED,
    CREDENTIAL,
    EDITION,
    ISSUER,
    NOW,
    SHOWN,
    TRUSTED,
)
from verifier.adapters.anoncreds_proof import AnoncredsProof
from verifier.domain.facts import DoesNotHold, Holds, NotRun, ShownEdition, Unknown, Untrue
from verifier.domain.presentation import read
from verifier.domain.request import Asked, Exchange, Invitation, Judged, Stated
from verifier.domain.requirement import Requirement
from verifier.domain.verdict import Result
from verifier.entry.shapes import show
from verifier.ports import AgentRecord, LookedUp, PublishedObjects
from verifier.use_cases.judge_answer import RECEIVED, JudgeAnswer

OBJECT = f"{ISSUER}/resources/zQmPMFm8VtRHRhcrZ5xtp8xW9XeTZHvqCQj7EVsd4N6qMTF"
GOOD: dict[str, Any] = {
    "proof": {"proofs": [{}], "aggregated_proof": {}},
    "identifiers": [
        {
            "schema_id": OBJECT,
            "cred_def_id": OBJECT,
            "rev_reg_id": OBJECT,
            "timestamp": CREDENTIAL.identifier.timestamp,
        }
    ],
    "requested_proof": {
        "revealed_attr_groups": {
            "need_0": {
                "sub_proof_index": 0,
                "values": {
                    "achievement_id": {"raw": EDITION, "encoded": "1"},
                    "title": {"raw": "Data Analytics Foundations", "encoded": "1"},
                    "awarded_dateint": {"raw": "20260115", "encoded": "20260115"},
                },
            }
        },
        "revealed_attrs": {"need_1": {"sub_proof_index": 0, "raw": "80", "encoded": "80"}},
        "predicates": {"need_0_eqf_level": {"sub_proof_index": 0}},
        "unrevealed_attrs": {"need_2": {"sub_proof_index": 0}},
        "self_attested_attrs": {"x": "y"},
    },
}


class Published:
    """LookUpObjects that finds everything in order."""

    async def credentials(self, identifiers: Json) -> LookedUp:
        return LookedUp(tuple(CREDENTIAL for _ in identifiers), PublishedObjects({}, {}, {}, ()))

    async def edition(self, edition_id: str) -> ShownEdition | Untrue | Unknown:
        return SHOWN if edition_id == EDITION else Untrue("it does not resolve")


class Sound:
    """CheckProof that says yes to what the library would get, so that nothing is refused early."""

    async def __call__(
        self, presentation: Json, request: Json, objects: Json
    ) -> Holds | DoesNotHold | NotRun:
        read(presentation)
        found = await AnoncredsProof()(presentation, request, objects)
        assert isinstance(found, (DoesNotHold, NotRun))
        return Holds()


def test_the_genuine_presentation_is_read() -> None:
    assert read(GOOD).identifiers[0].schema_id == OBJECT


EXCHANGE = Exchange("exchange", "connection", "thread")
REQUIREMENT = Requirement("Application", (ASKED.question.needs[0].need,), ("title",), 30)


@given(
    changed(GOOD, most=4)
    | VALUES
    | st.tuples(
        st.sampled_from(["revealed_attrs", "revealed_attr_groups", "predicates", "self_attested_attrs"]),
        TEXTS,
    ).map(
        lambda found: (
            GOOD
            | {
                "requested_proof": {
                    found[0]: {
                        found[1]: {
                            "sub_proof_index": 0,
                            "values": {found[1]: {"raw": found[1], "encoded": found[1]}},
                        }
                    }
                }
            }
        )
    )
)
@example(nested(900))
@example(GOOD | {"proof": nested(5_000)})
@example(GOOD | {"proof": {"a": float("nan"), "proofs": [{}], "aggregated_proof": {}}})
@example(GOOD | {"requested_proof": {"predicates": {"\ud800": {"sub_proof_index": 9}}}})
async def test_any_presentation_gets_one_verdict(presented: Json) -> None:
    clock = lambda: NOW  # noqa: E731
    requests, agent = MemoryRequests(), MemoryAgent(clock)  # type: ignore[arg-type]
    stated = Stated(
        "request-1", REQUIREMENT, Invitation("https://x/i", "invitation", "key"), NOW, NOW + timedelta(days=1)
    )
    requests.stored[stated.id] = Asked(stated, ASKED.question, EXCHANGE, ASKED.request_digest, NOW)
    agent.records[EXCHANGE.id] = AgentRecord(EXCHANGE, RECEIVED, {}, presented, NOW, "")
    judge = JudgeAnswer(
        requests=requests, agent=agent, look_up=Published(), check_proof=Sound(), trust=PinnedSnapshots(TRUSTED),
        signer=SigningVerifier(), clock=clock, one_at_a_time=OneAtATime(), sessions=MemorySessions(requests),
    )  # fmt: skip

    await judge(EXCHANGE.id)

    judged = requests.stored[stated.id]
    if presented is None:
        assert isinstance(judged, Asked)
        return
    assert isinstance(judged, Judged)
    assert judged.verdict.result is not Result.ACCEPTED  # the request's digest is another one
    TypeAdapter(Judged).dump_json(judged)  # as it is stored
    show(judged, "https://verifier.example").model_dump_json(exclude_none=True).encode()
    jws.peek(judged.receipt)
    assert len(judged.receipt) < 100_000
