"""What holds of every judgement, whatever is found out and in whatever order lists arrive."""

import ast
import inspect
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.adapters.http_trust_lists import TrustSnapshots
from shared.ports.trust_pins import TrustPin
from shared.vc import trust_decision
from shared.vc.keys import SigningKey
from shared.vc.trust_decision import Refused, Snapshot, Unreachable
from shared.vc.trust_list import Status, StatusPeriod
from shared.vc.trust_list_form import sign_list
from shared.vc.webvh import DidHistory
from tests.support.verifier_fakes import Clock, trusting
from tests.unit.trust.fakes import MemoryTrustPins, Web
from tests.unit.trust.lists import authorization, trust_list
from tests.unit.verifier.test_judge import (
    ASKED,
    CREDENTIAL,
    EDITION,
    FACTS,
    ISSUER,
    NOW,
    SHOWN,
    STRANGER,
    VALUES,
    shown,
)
from verifier.domain import judge as judging
from verifier.domain.facts import DoesNotHold, Facts, Holds, NotRun, ShownEdition, Unknown, Untrue
from verifier.domain.judge import judge
from verifier.domain.presentation import Presentation
from verifier.domain.verdict import Outcome, Result, Step, verdict

NOT_TRUE, NOT_KNOWN = Untrue("it was changed"), Unknown("the host is away")
GRANTED = StatusPeriod(status="granted", since=datetime(2024, 1, 1, tzinfo=UTC))
STATUSES: st.SearchStrategy[Status] = st.sampled_from(
    ["granted", "suspended", "lapsed", "withdrawn", "compromised"]
)
DAYS = st.integers(-900, 900).map(lambda days: NOW + timedelta(days=days))
EDITIONS: st.SearchStrategy[ShownEdition | Untrue | Unknown] = st.sampled_from([SHOWN, NOT_TRUE, NOT_KNOWN])
PROOFS: st.SearchStrategy[Holds | DoesNotHold | NotRun] = st.sampled_from(
    [Holds(), DoesNotHold("no"), NotRun("a schema is missing")]
)
ODDS = {Result.REJECTED: 0, Result.UNDECIDED: 1, Result.ACCEPTED: 2}


@st.composite
def lists(draw: st.DrawFn) -> tuple[Snapshot, ...]:
    found = []
    for _ in range(draw(st.integers(0, 2))):
        status = draw(STATUSES)
        later = StatusPeriod(
            status=status,
            since=draw(DAYS),
            earlier_awards_stand=draw(st.booleans()) if status == "withdrawn" else None,
        )
        snapshot = trusting(
            draw(st.sampled_from([ISSUER, STRANGER])),
            periods=tuple(sorted((GRANTED, later), key=lambda each: each.since)),
            next_update=draw(DAYS),
        )
        problem = draw(
            st.sampled_from([None, Refused(reason="rolled back"), Unreachable(reason="away", since=NOW)])
        )
        found.append(
            replace(snapshot, problem=problem, trust_list=draw(st.sampled_from([snapshot.trust_list, None])))
        )
    return tuple(found)


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    parts = {
        name: draw(st.sampled_from([getattr(CREDENTIAL, name), NOT_TRUE, NOT_KNOWN]))
        for name in ("definition", "schema", "registry", "status_list")
    }
    values = {name: value for name, value in VALUES.items() if draw(st.booleans())}
    kinds: list[Presentation | Untrue] = [shown(VALUES), shown(values), shown({}, revealed={}), NOT_TRUE]
    presentation = draw(st.sampled_from(kinds))
    arrival = replace(
        FACTS.arrival,
        connection_id=draw(st.sampled_from(["connection", "another"])),
        received_at=draw(DAYS),
        seen_in=draw(st.sampled_from([None, "request-1"])),
    )
    return Facts(
        arrival=arrival,
        presentation=presentation,
        credentials=() if isinstance(presentation, Untrue) else (replace(CREDENTIAL, **parts),),
        editions={EDITION: draw(EDITIONS)},
        proof=draw(PROOFS),
    )


@given(facts(), lists(), DAYS)
def test_the_same_question_gets_the_same_verdict(
    found: Facts, pinned: tuple[Snapshot, ...], now: datetime
) -> None:
    assert judge(ASKED, found, pinned, now=now) == judge(ASKED, found, pinned, now=now)


@given(facts(), lists(), DAYS)
def test_a_failure_outranks_what_could_not_be_checked(
    found: Facts, pinned: tuple[Snapshot, ...], now: datetime
) -> None:
    judged = judge(ASKED, found, pinned, now=now)
    outcomes = {step.outcome for step in judged.steps}
    assert (judged.result is Result.REJECTED) == (Outcome.FAILED in outcomes)
    assert (judged.result is Result.ACCEPTED) == (outcomes == {Outcome.PASSED})
    assert [step.number for step in judged.steps] == [1, 2, 3, 4, 5, 6, 7]
    assert all(step.reason and step.lasting for step in judged.steps)


@given(facts(), lists(), DAYS)
def test_nothing_is_accepted_without_a_proof_and_a_list_that_is_fresh(
    found: Facts, pinned: tuple[Snapshot, ...], now: datetime
) -> None:
    judged = judge(ASKED, found, pinned, now=now)
    if judged.result is Result.ACCEPTED:
        assert isinstance(found.proof, Holds)
        assert not isinstance(found.presentation, Untrue)
        assert any(
            each.trust_list is not None
            and not each.trust_list.is_stale(now)
            and each.trust_list.entity_of(ISSUER)
            for each in pinned
        )


@given(facts(), lists())
def test_what_is_found_out_to_be_worse_never_helps(found: Facts, pinned: tuple[Snapshot, ...]) -> None:
    before = ODDS[judge(ASKED, found, pinned, now=NOW).result]
    for proof in (DoesNotHold("no"), NotRun("a schema is missing")):
        if isinstance(found.proof, Holds):
            assert ODDS[judge(ASKED, replace(found, proof=proof), pinned, now=NOW).result] <= before
    replayed = replace(found, arrival=replace(found.arrival, seen_in="request-1"))
    assert judge(ASKED, replayed, pinned, now=NOW).result is Result.REJECTED


STEPS = st.lists(
    st.sampled_from(list(Outcome)).map(lambda outcome: Step(1, "a", outcome, "r", "r")),
    min_size=1,
    max_size=7,
)


@given(STEPS, st.sampled_from([Outcome.FAILED, Outcome.UNCHECKED]))
def test_one_more_step_that_did_not_pass_never_improves_a_verdict(
    steps: Sequence[Step], outcome: Outcome
) -> None:
    before = verdict(steps).result
    for at in range(len(steps) + 1):
        more = [*steps[:at], Step(1, "b", outcome, "r", "r"), *steps[at:]]
        assert ODDS[verdict(more).result] <= ODDS[before]


def test_judging_reads_no_clock_and_does_no_input_or_output() -> None:
    """Neither module imports anything that could, awaits, or asks what time it is."""
    for module in (judging, trust_decision):
        tree = ast.parse(inspect.getsource(module))
        names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not names & {"now", "utcnow", "today", "open", "environ", "random"}, module
        assert not any(
            isinstance(node, (ast.Await, ast.AsyncFunctionDef, ast.Global)) for node in ast.walk(tree)
        )
        roots = {
            node.module.partition(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module
        }
        assert roots <= {
            "calendar",
            "collections",
            "dataclasses",
            "datetime",
            "typing",
            "enum",
            "shared",
            "verifier",
        }


# --- in whatever order issues of a list arrive


URL = "https://registry.ujuzi.test/lists/demo"
KEY = SigningKey.from_seed(bytes(range(32)))
THIEF = SigningKey.from_seed(bytes(range(1, 33)))


class _Histories:
    async def history(self, did: str, *, fresh: bool = False) -> DidHistory:
        raise AssertionError((did, fresh))


def _issue(number: int, *, trusts: bool, by: SigningKey = KEY) -> str:
    dids = (ISSUER,) if trusts else (STRANGER,)
    issued = trust_list(
        authorization(dids=dids),
        sequence=number,
        issued=NOW - timedelta(days=9 - number),
        next_update=NOW + timedelta(days=number),
    )
    return sign_list(issued, key=by, kid="did:example:authority#key")


NEVER_TRUSTED = [_issue(1, trusts=False), _issue(2, trusts=False), _issue(4, trusts=False)]
FORGED = [_issue(3, trusts=True, by=THIEF), _issue(9, trusts=True, by=THIEF), "no.list.atall", ""]


async def _after(served: Sequence[str]) -> tuple[Snapshot, ...]:
    web, clock = Web(), Clock(NOW)
    kept = TrustSnapshots(web, MemoryTrustPins(), _Histories(), clock=clock)
    await kept.pin(TrustPin(url=URL, name="demo", operator_key=KEY.multikey))
    for compact in served:
        web.pages[URL] = compact
        await kept.refresh(URL)
    return tuple(kept.snapshots())


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from([*NEVER_TRUSTED, *FORGED]), max_size=8))
async def test_no_order_of_lists_makes_an_issuer_trusted_that_no_list_trusts(served: list[str]) -> None:
    judged = judge(ASKED, FACTS, await _after(served), now=NOW)
    assert judged.result is not Result.ACCEPTED
    assert judged.steps[5].outcome is not Outcome.PASSED


async def test_once_a_list_has_struck_an_issuer_off_no_order_of_older_ones_brings_it_back() -> None:
    struck_off = _issue(5, trusts=False)
    older = [_issue(1, trusts=True), _issue(4, trusts=True), _issue(5, trusts=True), *FORGED[:2]]
    assert judge(ASKED, FACTS, await _after(older[:2]), now=NOW).result is Result.ACCEPTED
    for order in permutations(older, 3):
        judged = judge(ASKED, FACTS, await _after([struck_off, *order]), now=NOW)
        assert judged.result is Result.REJECTED, order
        assert "not on the list" in judged.steps[5].reason
