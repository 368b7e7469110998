"""The auditor sees every kind of fault: each is planted in stores that add up, and it complains in these words."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from issuer.adapters.sql_tables import AwardRow, RevocationRow, TemplateRow
from tests.support.auditor import Place, Stores, Wallet, judge
from tests.support.tally import Event
from verifier.adapters.sql_requests import RequestRow

NOW = datetime(2026, 1, 1, tzinfo=UTC)
STATES = ("prepared", "issued", "revoked", "superseded", "declined")


def award(state: str, **changes: Any) -> AwardRow:  # noqa: ANN401  any column
    sent = state in {"issued", "accepted"}
    columns: dict[str, Any] = {
        "id": state, "batch_id": "b", "template_id": "t", "edition_id": "e", "row": 1, "given_name": "N",
        "family_name": "N", "email": "", "phone": "", "language": "en", "awarded_on": date(2026, 1, 1), "grade": "",
        "identity_salt": "", "claim_digest": state, "wrong_codes": 0, "state": state, "leftovers": [], "version": 1,
        "created_at": NOW, "updated_at": NOW, "superseded_by": "prepared" if state == "superseded" else None,
        "cred_ex_id": "x" if sent else None, "rev_reg_id": "r" if sent else None, "cred_rev_id": "1" if sent else None,
    }  # fmt: skip
    return AwardRow(**columns | changes)


def request(state: str, **changes: Any) -> RequestRow:  # noqa: ANN401  any column
    asked, answered = state not in {"created", "withdrawn"}, state in {"answered", "judged"}
    columns: dict[str, Any] = {
        "id": state, "state": state, "created_at": NOW, "invitation_message_id": state, "body": {},
        "exchange_id": state if asked else None, "answer_digest": f"digest {state}" if answered else None,
    }  # fmt: skip
    return RequestRow(**columns | changes)


def event(subject: str, **facts: str) -> Event:
    return Event(f"{subject} {facts}", f"events.{subject}.v1", facts)


def wallet(**changes: Any) -> Wallet:  # noqa: ANN401  any field
    return replace(
        Wallet(
            "w",
            [{"id": "o", "state": "stored", "credential_id": "o"}, {"id": "p", "state": "open"}],
            [{"id": "o", "status": {"state": "valid"}}],
            [{"id": "q", "state": "verified"}, {"id": "d", "state": "declined"}],
        ),
        **changes,
    )


def revocation(published_at: datetime | None) -> RevocationRow:
    return RevocationRow(
        id="v", organisation="o", award_id="revoked", connection_id="c", cred_ex_id="y", rev_reg_id="r", cred_rev_id="2",
        reason="", requested_at=NOW, published_at=published_at,
    )  # fmt: skip


def that_add_up() -> Stores:
    history = {
        "created": ["created"],
        "judged": ["created", "asked", "answered", "judged"],
        "declined": ["created", "asked", "declined"],
        "withdrawn": ["created", "withdrawn"],
    }
    return Stores(
        templates=[
            TemplateRow(
                id="t", programme_id="t", organisation="o", description={}, edition_id="e", created_at=NOW
            )
        ],
        awards=[award(state) for state in STATES],
        revocations=[revocation(NOW)],
        places=[Place("x", "r", "1", "issued"), Place("y", "r", "2", "revoked")],
        requests=[request(state) for state in history],
        wallets=[wallet()],
        events={
            "issuer": [
                event("edition.published", template_id="t", edition_id="e"),
                event("credential.issued", award_id="issued"),
                event("credential.issued", award_id="revoked"),
                event("award.revoked", award_id="revoked"),
                event("award.superseded", award_id="superseded", by="prepared"),
            ],
            "wallet": [],
            "verifier": [
                event(f"request.{state}", request_id=name)
                for name, states in history.items()
                for state in states
            ],
        },
        waits=Counter(),
    )


def announced(stores: Stores, party: str, *more: Event, without: str = "nothing") -> Stores:
    kept = [one for one in stores.events[party] if without not in one.subject]
    return replace(stores, events={**stores.events, party: [*kept, *more]})


def seen(stores: Stores, **changes: Any) -> Stores:  # noqa: ANN401  any field of the wallet
    return replace(stores, wallets=[wallet(**changes)])


def awarded(stores: Stores, *more: AwardRow) -> Stores:
    return replace(stores, awards=[*stores.awards, *more])


def asked(stores: Stores, *more: RequestRow) -> Stores:
    return replace(stores, requests=[*stores.requests, *more])


STORED = {"id": "o", "status": {"state": "valid"}}
OFFER = {"id": "o", "state": "stored", "credential_id": "o"}
ANOTHER = {"id": "z", "state": "stored", "credential_id": "z"}


def telling(party: str, subject: str, name: str) -> Callable[[Stores], Stores]:
    return lambda all_: announced(all_, party, event(subject, **{name: "prepared"}))


def silencing(party: str, subject: str) -> Callable[[Stores], Stores]:
    return lambda all_: announced(all_, party, without=subject)


PLANTED: dict[str, tuple[Callable[[Stores], Stores], str]] = {
    "a lost credential": (
        lambda all_: seen(all_, credentials=[]),
        r"wallet w: each accepted offer is one stored credential: expected \['o'\], found \[\]",
    ),
    "a lost credential, for the issuer": (
        lambda all_: seen(all_, credentials=[]),
        "each issued award is one valid credential in a wallet: expected 1, found 0",
    ),
    "a doubled credential": (
        lambda all_: seen(all_, credentials=[STORED, STORED]),
        r"each accepted offer is one stored credential: expected \['o'\], found \['o', 'o'\]",
    ),
    "an award taken twice": (
        lambda all_: seen(all_, offers=[OFFER, ANOTHER], credentials=[STORED, {**STORED, "id": "z"}]),
        "each issued award is one valid credential in a wallet: expected 1, found 2",
    ),
    "an accepted offer that never ended": (
        lambda all_: seen(
            all_, offers=[{**OFFER, "state": "accepted", "credential_id": None}], credentials=[]
        ),
        r"each accepted offer is one stored credential: expected \['None'\]",
    ),
    "an award left half-way": (
        lambda all_: awarded(all_, award("accepted", cred_ex_id=None)),
        r"awards left half-way: \['accepted'\]",
    ),
    "a credential of nobody": (
        lambda all_: replace(all_, places=[*all_.places, Place("stray", "r", "3", "issued")]),
        r"valid credentials of no award: \[\('stray', 'r', '3'\)\]",
    ),
    "a credential the agent does not know": (
        lambda all_: replace(all_, places=all_.places[1:]),
        r"awards whose credential the agent does not know: \[\('x', 'r', '1'\)\]",
    ),
    "a leftover": (
        lambda all_: awarded(all_, award("broken", leftovers=[{"cred_ex_id": "x"}])),
        r"awards with a credential to be revoked yet: \['broken'\]",
    ),
    "a revocation that is not published": (
        lambda all_: replace(all_, revocations=[revocation(None)]),
        r"revocations nobody can see: \['v'\]",
    ),
    "a lost verdict": (
        lambda all_: announced(asked(all_, request("answered")), "verifier"),
        r"answers without a verdict: \['answered'\]",
    ),
    "an answer lost on the way": (
        lambda all_: seen(
            all_, requests=[{"id": "q", "state": "verified"}, {"id": "r", "state": "answered"}]
        ),
        "each answer given has one verdict: expected 2, found 1",
    ),
    "a verdict the learner was not told": (
        lambda all_: seen(all_, requests=[{"id": "q", "state": "answered"}]),
        r"wallet w: answers of which she does not know the verdict: \['q'\]",
    ),
    "a doubled verdict": (
        lambda all_: asked(all_, request("judged", id="again", exchange_id="again")),
        r"answers with several verdicts: \['digest judged'\]",
    ),
    "a verdict told twice": (
        lambda all_: announced(all_, "verifier", event("request.judged", request_id="judged")),
        r"events told more than once: \[\('events.request.judged.v1', 'judged'\)\]",
    ),
    "a message left in a queue": (
        lambda all_: replace(all_, waits=Counter({"issuer DIDCOMM_OUT": 1})),
        r"queues, outboxes or poison that are not empty: \[\('issuer DIDCOMM_OUT', 1\)\]",
    ),
    "an event of an unknown kind": (
        lambda all_: announced(all_, "wallet", event("wallet.opened", wallet_id="w")),
        r"events without a cause: \[\('events.wallet.opened.v1', 'nobody'\)\]",
    ),
    **{
        f"an event without its cause: {subject}": (
            telling(party, subject, name),
            rf"events without a cause: \[\('events.{subject}.v1', 'prepared'\)\]",
        )
        for party, subject, name in (
            ("issuer", "edition.published", "template_id"),
            ("issuer", "credential.issued", "award_id"),
            ("issuer", "award.revoked", "award_id"),
            ("issuer", "award.superseded", "award_id"),
            ("issuer", "award.reissued", "award_id"),
            ("verifier", "request.created", "request_id"),
            ("verifier", "request.asked", "request_id"),
            ("verifier", "request.answered", "request_id"),
            ("verifier", "request.judged", "request_id"),
            ("verifier", "request.declined", "request_id"),
            ("verifier", "request.expired", "request_id"),
            ("verifier", "request.withdrawn", "request_id"),
        )
    },
    **{
        f"a change without its event: {subject}": (
            silencing(party, subject),
            rf"changes that were never announced: \[\('events.{subject}.v1'",
        )
        for party, subject in (
            ("issuer", "edition.published"),
            ("issuer", "credential.issued"),
            ("issuer", "award.revoked"),
            ("issuer", "award.superseded"),
            ("verifier", "request.created"),
            ("verifier", "request.asked"),
            ("verifier", "request.answered"),
            ("verifier", "request.judged"),
            ("verifier", "request.declined"),
            ("verifier", "request.withdrawn"),
        )
    },
    "a reissue that was announced as a correction": (
        lambda all_: awarded(
            replace(all_, awards=[one for one in all_.awards if one.id != "prepared"]),
            award("prepared", reissue={"told": "lost"}),
        ),
        r"changes that were never announced: \[\('events.award.reissued.v1', 'superseded'\)\]",
    ),
}


def test_stores_that_add_up_are_let_pass_and_counted() -> None:
    findings = judge(that_add_up())
    assert findings.complaints == []
    assert "all adds up" in str(findings)
    assert findings.figures["credentials stored"] == findings.figures["answers given"] == 1
    assert findings.figures["events.credential.issued.v1"] == 2


@pytest.mark.parametrize("fault", PLANTED)
def test_the_auditor_complains_of(fault: str) -> None:
    plant, words = PLANTED[fault]
    findings = judge(plant(that_add_up()))
    assert "WRONG" in str(findings)
    assert any(re.search(words, complaint) for complaint in findings.complaints), findings.complaints
