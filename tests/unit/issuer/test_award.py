"""An award's states and the only moves between them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from issuer.domain import award as awards
from issuer.domain.award import (
    NAMES,
    TRANSITIONS,
    Accepted,
    Award,
    Broken,
    Declined,
    Exchange,
    Invited,
    Issued,
    Offered,
    Prepared,
    Revoked,
    SentCredential,
    State,
    Superseded,
)
from issuer.domain.envelope import anoncreds_attributes
from issuer.domain.reissue import MOST_REISSUES, CheckMethod, IdentityCheck, Loss, Reissue
from issuer.domain.template import Published
from issuer.errors import AwardRefusesAction, ClaimAlreadyUsed, ReissueLimitReached
from tests.support.issuer import START, batch_of, new_id, prepared_award, published_template

LATER = START + timedelta(hours=1)
EXCHANGE = Exchange("connection", "exchange")
OTHER = Exchange("other connection", "other exchange")
SENT = SentCredential(EXCHANGE, "registry", "7")
SUCCESSOR = new_id()
REISSUE = Reissue(Loss.PHONE, "", IdentityCheck(CheckMethod.DOCUMENT, "Passport.", "key:7", LATER))

STATES: dict[str, State] = {
    "prepared": Prepared(),
    "invited": Invited("invitation"),
    "offered": Offered(EXCHANGE),
    "accepted": Accepted(EXCHANGE),
    "sent": Accepted(EXCHANGE, SENT),
    "issued": Issued(SENT),
    "declined": Declined(),
    "broken": Broken(),
    "revoked": Revoked("why", START),
    "superseded": Superseded(SUCCESSOR, "why", START),
}


def again(award: Award, *, beyond_limit: bool = False) -> tuple[Award, Award, tuple[SentCredential, ...]]:
    return awards.issue_again(
        award,
        SUCCESSOR,
        claim_digest="new link",
        code_digest="new code",
        reissue=REISSUE,
        beyond_limit=beyond_limit,
        now=LATER,
    )


MOVES: dict[str, tuple[Callable[[Award], object], set[str]]] = {
    "invite": (
        lambda a: awards.invite(a, "new", now=LATER),
        {"prepared", "invited", "offered", "accepted", "sent", "declined", "broken"},
    ),
    "offer": (lambda a: awards.offer(a, EXCHANGE, now=LATER), {"invited"}),
    "accept": (lambda a: awards.accept(a, EXCHANGE, now=LATER), {"offered", "accepted", "sent"}),
    "send": (lambda a: awards.send(a, SENT, now=LATER), {"offered", "accepted", "sent"}),
    "acknowledge": (lambda a: awards.acknowledge(a, now=LATER), {"sent"}),
    "end": (lambda a: awards.end_exchange(a, now=LATER), {"offered", "accepted", "sent"}),
    "revoke": (
        lambda a: awards.revoke(a, "why", now=LATER),
        set(STATES) - {"revoked", "superseded"},
    ),
    "supersede": (
        lambda a: awards.supersede(a, SUCCESSOR, "why", now=LATER),
        set(STATES) - {"revoked", "superseded"},
    ),
    "issue again": (again, {"issued"}),
}


def award_in(state: State) -> Award:
    template = published_template()
    return prepared_award(template, batch_of(template), state=state)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("move", MOVES)
def test_a_move_is_made_from_the_states_that_allow_it_and_from_no_other(move: str, state: str) -> None:
    carry_out, allowed = MOVES[move]
    if state in allowed:
        carry_out(award_in(STATES[state]))
    else:
        with pytest.raises((AwardRefusesAction, ClaimAlreadyUsed)):
            carry_out(award_in(STATES[state]))


def test_the_table_knows_every_state() -> None:
    assert set(TRANSITIONS) == set(NAMES) == {type(state) for state in STATES.values()}


def test_a_move_notes_its_time() -> None:
    assert awards.invite(award_in(Prepared()), "new", now=LATER).updated_at == LATER


@pytest.mark.parametrize("state", ["offered", "accepted"])
def test_another_exchange_cannot_take_the_award(state: str) -> None:
    with pytest.raises(AwardRefusesAction, match="not the award's current one"):
        awards.accept(award_in(STATES[state]), OTHER, now=LATER)
    with pytest.raises(AwardRefusesAction, match="not the award's current one"):
        awards.send(award_in(STATES[state]), SentCredential(OTHER, "registry", "8"), now=LATER)


def test_a_credential_that_was_sent_but_not_acknowledged_becomes_a_leftover() -> None:
    invited = awards.invite(award_in(Accepted(EXCHANGE, SENT)), "new", now=LATER)
    assert invited.leftovers == (SENT,)
    assert awards.end_exchange(award_in(Accepted(EXCHANGE, SENT)), now=LATER).leftovers == (SENT,)


def test_a_learner_who_says_no_declined_and_one_who_had_said_yes_broke_off() -> None:
    assert awards.end_exchange(award_in(Offered(EXCHANGE)), now=LATER).state == Declined()
    assert awards.end_exchange(award_in(Accepted(EXCHANGE)), now=LATER).state == Broken()


def test_everything_a_wallet_may_hold_is_revoked_with_the_award() -> None:
    older = SentCredential(OTHER, "registry", "3")
    template = published_template()
    award = prepared_award(template, batch_of(template), state=Issued(SENT), leftovers=(older,))
    revoked, credentials = awards.revoke(award, "A mistake.", now=LATER)
    assert credentials == (older, SENT)
    assert revoked.state == Revoked("A mistake.", LATER)
    assert awards.credentials_out(revoked) == ()


@pytest.mark.parametrize(("state", "says"), [("issued", "claimed already"), ("revoked", "no longer given")])
def test_a_used_link_is_refused_in_words_for_the_learner(state: str, says: str) -> None:
    with pytest.raises(ClaimAlreadyUsed, match=says):
        awards.invite(award_in(STATES[state]), "new", now=LATER)


def test_an_award_issued_again_says_the_very_same_under_a_link_of_its_own() -> None:
    template = published_template()
    assert isinstance(template.state, Published)
    old = prepared_award(template, batch_of(template), state=Issued(SENT), leftovers=())
    new, ended, credentials = again(old)
    assert (new.id, new.claim_digest, new.code_digest) == (SUCCESSOR, "new link", "new code")
    assert anoncreds_attributes(new, template.state.edition) == anoncreds_attributes(
        old, template.state.edition
    )
    assert (new.replaces, new.reissue, new.reissues) == (old.id, REISSUE, 1)
    assert ended.state == Superseded(new.id, "Issued again to its learner, whose telephone was lost.", LATER)
    assert credentials == (SENT,)


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("prepared", "in no wallet yet.*claim link again"),
        ("offered", "in no wallet yet.*claim link again"),
        ("revoked", "was revoked.*award it anew"),
        ("superseded", f"replaced by the award {SUCCESSOR}. Issue that one"),
    ],
    ids=["prepared", "offered", "revoked", "superseded"],
)
def test_what_is_not_in_a_wallet_is_not_issued_again_and_the_officer_is_told_what_to_do(
    state: str, says: str
) -> None:
    with pytest.raises(AwardRefusesAction, match=says):
        again(award_in(STATES[state]))


def test_an_award_is_issued_again_three_times_and_then_only_by_an_administrators_word() -> None:
    award = award_in(Issued(SENT))
    for number in range(1, MOST_REISSUES + 1):
        new, *_ = again(award)
        assert new.reissues == number
        award = replace(new, state=Issued(SENT))
    with pytest.raises(ReissueLimitReached, match=r"issued again 3 times already.*scope admin"):
        again(award)
    beyond, *_ = again(award, beyond_limit=True)
    assert beyond.reissues == MOST_REISSUES + 1
