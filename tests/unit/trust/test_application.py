"""The states of an application, and what may follow which."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Self

import pytest

from services.trust_registry.domain.application import (
    CHALLENGE_LASTS,
    Application,
    Approved,
    Contact,
    Evidence,
    InReview,
    LogCheck,
    MoreAsked,
    Proposed,
    Received,
    Refused,
    State,
    Wish,
    Withdrawn,
    answered,
    approvable,
    as_it_stands,
    asked,
    challenged,
    checked_application,
    decided,
    log_checked,
    proven,
    refused,
    taken_up,
    withdrawn,
)
from services.trust_registry.domain.evidence import LARGEST_FILE, checked_file
from services.trust_registry.domain.proposal import ProposalState
from services.trust_registry.errors import (
    ApplicationRefusesAction,
    ApplicationsFull,
    ControlUnproven,
    EntryRefused,
    EvidenceRefused,
    ProofNotAsked,
)
from services.trust_registry.ports import Operator
from services.trust_registry.use_cases.submit_application import SubmitApplication, Submitted
from shared.vc.did_control import ControlNotProven
from shared.vc.keys import SigningKey
from shared.vc.webvh import DidHistory, rotate, verify_log
from tests.support.applicants import JPEG, PDF, PNG, REGISTRY, signed
from tests.support.dids import party

NOW = datetime.now(UTC)
APPLICANT = party()
APPLICATION = Application(
    id="a1",
    names={"en": "Mwangaza"},
    country="KE",
    did=APPLICANT.did,
    wish=Wish(action="issue", resources=("*",)),
    evidence=Evidence(url="https://a.test/licence"),
    contact=Contact(name="Amina", email="amina@a.test"),
    log=LogCheck(at=NOW, version="1-Qm"),
    created_at=NOW,
    changed_at=NOW,
)
STATES: dict[str, State] = {
    "received": Received(),
    "in_review": InReview(by="member:1"),
    "more_asked": MoreAsked(by="member:1", question="Which?"),
    "proposed": Proposed(by="member:1", proposal_id="p1", entity_id="e1"),
    "approved": Approved(by="member:1", entity_id="e1"),
    "refused": Refused(by="member:1", reason="no"),
    "withdrawn": Withdrawn(by="applicant"),
}
MOVES: dict[str, tuple[Callable[[Application], Application], set[str]]] = {
    "taking up": (
        lambda a: taken_up(a, by="member:2", now=NOW),
        {"received", "in_review", "more_asked"},
    ),
    "asking": (lambda a: asked(a, by="member:2", question="Who?", now=NOW), {"in_review"}),
    "answering": (lambda a: answered(a, now=NOW), {"more_asked"}),
    "refusing": (
        lambda a: refused(a, by="member:2", reason="no", now=NOW),
        {"received", "in_review", "more_asked"},
    ),
    "withdrawing": (
        lambda a: withdrawn(a, by="applicant", now=NOW),
        {"received", "in_review", "more_asked"},
    ),
    "checking": (
        lambda a: log_checked(a, LogCheck(at=NOW, problem="away")),
        {"received", "in_review", "more_asked"},
    ),
    "drawing": (
        lambda a: challenged(a, audience=REGISTRY, nonce="n" * 43, version="1-Qm", now=NOW),
        {"received", "in_review", "more_asked"},
    ),
}


def waiting() -> tuple[Application, str]:
    """An application with a challenge, and the proof it waits for."""
    application = challenged(APPLICATION, audience=REGISTRY, nonce="n" * 43, version="1-Qm", now=NOW)
    challenge = application.challenge
    assert challenge is not None
    shown = {
        "did": challenge.did,
        "audience": challenge.audience,
        "nonce": challenge.nonce,
        "expires": challenge.expires.isoformat(),
    }
    return application, signed(shown, APPLICANT, iat=int(NOW.timestamp()))


def in_review() -> Application:
    application, proof = waiting()
    return taken_up(proven(application, proof, APPLICANT.history(), now=NOW), by="member:1", now=NOW)


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("state", STATES)
def test_each_move_is_made_from_its_states_and_from_no_other(move: str, state: str) -> None:
    change, allowed = MOVES[move]
    application = replace(APPLICATION, state=STATES[state])

    if state in allowed:
        assert change(application) != application or move == "taking up"
    else:
        with pytest.raises(ApplicationRefusesAction, match=f"found one that is {state.replace('_', ' ')}"):
            change(application)


def test_a_question_and_its_answer_lead_back_to_who_asked() -> None:
    question = asked(taken_up(APPLICATION, by="member:1", now=NOW), by="member:2", question="Who?", now=NOW)

    assert question.state == MoreAsked(by="member:2", question="Who?")
    assert answered(question, now=NOW).state == InReview(by="member:2")


@pytest.mark.parametrize(
    ("proposal", "state"),
    [(None, "proposed"), ("open", "proposed"), ("approved", "approved"), ("rejected", "in_review"),
     ("withdrawn", "in_review")],
)  # fmt: skip
def test_what_was_proposed_stands_as_the_proposal_stands(proposal: ProposalState | None, state: str) -> None:
    application = replace(APPLICATION, state=STATES["proposed"])

    assert as_it_stands(application, proposal).state.name == state


def test_a_proof_spends_its_challenge() -> None:
    application, proof = waiting()
    accepted = proven(application, proof, APPLICANT.history(), now=NOW)

    assert accepted.proof is not None
    assert accepted.proof.version == APPLICANT.history().version_id
    with pytest.raises(ProofNotAsked, match="each counts once"):
        proven(accepted, proof, APPLICANT.history(), now=NOW)


def test_a_challenge_lasts_a_week() -> None:
    application, proof = waiting()

    with pytest.raises(ControlNotProven, match="the challenge has expired"):
        proven(application, proof, APPLICANT.history(), now=NOW + CHALLENGE_LASTS)


def test_approving_wants_a_proof_that_the_log_still_bears_out() -> None:
    with pytest.raises(ControlUnproven, match="none was given yet"):
        approvable(taken_up(APPLICATION, by="member:1", now=NOW), APPLICANT.history())
    with pytest.raises(ApplicationRefusesAction, match="that is in review"):
        approvable(replace(in_review(), state=Received()), APPLICANT.history())
    approvable(in_review(), APPLICANT.history())

    longer = rotate(APPLICANT.log, APPLICANT.next_key, SigningKey.generate(), NOW)
    history = verify_log(APPLICANT.did, longer.jsonl, max_entries=10, now=NOW + timedelta(minutes=1))
    with pytest.raises(ControlUnproven, match="no longer in it"):
        approvable(in_review(), history)


def test_a_decision_by_one_person_approves_and_by_one_of_two_proposes() -> None:
    alone = decided(in_review(), by="member:1", entity_id="e1", proposal_id=None, now=NOW)
    first = decided(in_review(), by="member:1", entity_id="e1", proposal_id="p1", now=NOW)

    assert (alone.state, first.state) == (STATES["approved"], STATES["proposed"])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"names": {}}, "a name in at least one language"),
        ({"did": "did:key:z6Mk"}, "expected the did:webvh"),
        ({"wish": Wish(action="issue", resources=())}, "at least one resource"),
        ({"evidence": Evidence()}, "expected evidence"),
        ({"evidence": Evidence(url="http://a.test")}, "begin with https://"),
        ({"contact": None}, "an e-mail address"),
    ],
)
def test_an_application_that_lacks_something_is_refused(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(EntryRefused, match=reason):
        checked_application(replace(APPLICATION, **changes))  # type: ignore[arg-type] # fields by name


@pytest.mark.parametrize(
    ("content", "kind"),
    [(PDF, "application/pdf"), (PNG, "image/png"), (JPEG, "image/jpeg"), (JPEG + b"\0\0", "image/jpeg")],
)
def test_a_file_is_what_its_content_says(content: bytes, kind: str) -> None:
    facts = checked_file(content)

    assert (facts.media_type, facts.size, len(facts.sha256)) == (kind, len(content), 43)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "something else inside"),
        (b"#!/bin/sh\n%PDF-1.7\n%%EOF", "something else inside"),
        (b"%PDF-1.7\n<script>alert(1)</script>", "something else inside"),
        (PDF + b"<html>" * 400, "something else inside"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "something else inside"),
        (b"GIF89a", "something else inside"),
        (PDF.replace(b"/Type", b"/S/JavaScript/JS(app.alert(1))/Type"), "without scripts"),
        (PDF.replace(b"/Type", b"/S/Launch/Type"), "without scripts"),
        (PDF.replace(b"/Type", b"/EmbeddedFile/Type"), "without scripts"),
        (PDF.ljust(LARGEST_FILE + 1), "at most 2 MiB"),
    ],
)
def test_what_is_no_plain_document_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(EvidenceRefused, match=reason):
        checked_file(content)


class Full:
    """A desk on which as many applications lie as may."""

    async def is_listed(self, did: str) -> bool:
        return did == "did:webvh:listed"

    def changing(self) -> Self:
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def waiting(self) -> int:
        return 1000


class Authority:
    async def operator(self) -> Operator:
        return Operator(did=REGISTRY, kid=f"{REGISTRY}#z6", multikey="z6")


async def read_log(did: str) -> DidHistory:
    assert did == APPLICANT.did
    return APPLICANT.history()


async def test_no_more_are_received_than_can_be_kept() -> None:
    submit = SubmitApplication(
        applications=Full(),  # type: ignore[arg-type] # no more of it is asked for
        read_log=read_log,
        signer=Authority(),  # type: ignore[arg-type] # likewise
        new_token=lambda: "t" * 43,
        new_id=lambda: "a1",
        clock=lambda: NOW,
    )
    said = Submitted(
        names={"en": "M"}, country="KE", did=APPLICANT.did, external_ids=(), wish=APPLICATION.wish,
        url="https://a.test/x", digest=None, file=None, contact=Contact(name="A", email="a@b.test"),
    )  # fmt: skip

    with pytest.raises(ApplicationsFull, match="1000 applications wait for a reviewer"):
        await submit(said)
