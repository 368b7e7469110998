"""An award's states and the only moves between them."""

from collections.abc import Callable
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
from issuer.errors import AwardRefusesAction, ClaimAlreadyUsed
from tests.support.issuer import START, batch_of, new_id, prepared_award, published_template

LATER = START + timedelta(hours=1)
EXCHANGE = Exchange("connection", "exchange")
OTHER = Exchange("other connection", "other exchange")
SENT = SentCredential(EXCHANGE, "registry", "7")
SUCCESSOR = new_id()

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
