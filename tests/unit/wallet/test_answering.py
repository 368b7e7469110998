"""The verbs around requests."""

import asyncio
from dataclasses import replace
from typing import Any, cast

import pytest

from shared.vc.jcs import digest_multibase
from shared.vc.trust_decision import Snapshot
from tests.support.wallet_fakes import (
    CRED_DEF,
    NOW,
    SKILL,
    VERIFIER,
    MemoryFacts,
    MemoryStore,
    a_credential,
    a_desk,
    a_wallet,
)
from tests.unit.trust.lists import authorization, snapshot
from wallet.domain.listing import ListingState
from wallet.domain.request import RequestExchange, RequestState
from wallet.domain.requester import Doubt, Proven, Unproven
from wallet.domain.warning import Warned, WarningCode
from wallet.entry.shapes import RequestOut
from wallet.errors import (
    NeedUnanswered,
    RequestExpired,
    RequestUnreadable,
    UnfitChoice,
    WarningUnseen,
)
from wallet.use_cases.consent_to_request import consent_to_request
from wallet.use_cases.decline_request import decline_request
from wallet.use_cases.desk import Desk, OpenWallet
from wallet.use_cases.read_request import read_request
from wallet.use_cases.write_history import read_history

RESTRICTIONS = [{"cred_def_id": CRED_DEF}]
ASKED: dict[str, Any] = {
    "name": "ujuzi:1",
    "requested_attributes": {"need_0": {"names": ["title", "achievement_id"], "restrictions": RESTRICTIONS}},
    "requested_predicates": {
        "need_0_awarded_dateint": {
            "name": "awarded_dateint",
            "p_type": ">=",
            "p_value": 20260101,
            "restrictions": RESTRICTIONS,
        }
    },
}
JWS = "eyJhbGciOiJFZERTQSJ9.e30.c2ln"
LISTED = snapshot(authorization(dids=(VERIFIER,), action="verify"))


def payload(**changes: object) -> dict[str, Any]:
    now = int(NOW.timestamp())
    return {
        "iss": VERIFIER,
        "iat": now,
        "exp": now + 600,
        "request_id": "r1",
        "verifier_name": "Its own choice",
        "invitation_key": "key-1",
        "purpose": "Application",
        "keep_days": 30,
        "proof_request_digest": digest_multibase(ASKED),
        "needs": [{"skill": SKILL}],
        "reveal": ["title"],
        "trust_lists": [],
    } | changes


def a_request(
    signed: dict[str, Any] | None, *, asked: dict[str, Any] = ASKED, lists: tuple[Snapshot, ...] = (LISTED,)
) -> tuple[OpenWallet, MemoryStore, Desk]:
    comment = "Somebody says" if signed is None else f"Somebody says\n{JWS}"
    store = MemoryStore(
        held={"c1": a_credential("c1"), "early": a_credential("early", awarded_dateint="20250101")},
        asked={"r1": RequestExchange("r1", "connection-1", RequestState.OPEN, asked, comment)},
        kept={"connections": {"connection-1": {"recipient_keys": ["key-1"]}}},
    )
    facts = MemoryFacts(signed={} if signed is None else {JWS: (VERIFIER, signed)})
    return a_wallet(store), store, a_desk(facts=facts, lists=lists)


async def test_who_asks_is_proven_and_named_by_the_list() -> None:
    wallet, _, desk = a_request(payload())

    view = await read_request(wallet, "r1", desk=desk)

    assert isinstance(view.who, Proven)
    assert view.who.request.purpose == "Application"
    assert view.listing is not None
    assert view.listing.names["en"] == "Digital Skills Trust"
    assert view.listing.state is ListingState.LISTED
    assert view.warnings == ()


async def test_a_proven_stranger_has_no_name() -> None:
    wallet, _, desk = a_request(payload(), lists=())

    view = await read_request(wallet, "r1", desk=desk)

    assert isinstance(view.who, Proven)
    assert view.listing is not None
    assert view.listing.names == {}
    assert [one.code for one in view.warnings] == [WarningCode.NO_LIST]


@pytest.mark.parametrize(
    ("signed", "doubt", "why"),
    [
        (None, Doubt.UNSIGNED, "not signed"),
        (payload(invitation_key="key-2"), Doubt.OTHER_INVITATION, "another invitation"),
        (payload(proof_request_digest="zOther"), Doubt.OTHER_REQUEST, "another request"),
        (payload(iss="did:webvh:other"), Doubt.OTHER_SENDER, "another sender"),
        (payload(iat=int(NOW.timestamp()) + 3600), Doubt.FROM_THE_FUTURE, "future"),
        (payload(purpose=""), Doubt.DAMAGED, "purpose"),
    ],
)
async def test_nobody_proved_who_asks(signed: dict[str, Any] | None, doubt: Doubt, why: str) -> None:
    wallet, store, desk = a_request(signed)

    view = await read_request(wallet, "r1", desk=desk)

    assert isinstance(view.who, Unproven)
    assert view.who.doubt is doubt
    assert why in view.who.why
    assert view.listing is None
    assert view.warnings == (Warned(WarningCode.UNPROVEN, (doubt.value,)),)
    with pytest.raises(WarningUnseen, match="found none for unproven"):
        await consent_to_request(wallet, "r1", {"need_0": "c1"}, acknowledged=(), desk=desk)
    assert store.sent == []
    await consent_to_request(wallet, "r1", {"need_0": "c1"}, acknowledged=["unproven"], desk=desk)
    assert [kind for kind, _ in store.sent] == ["proof"]


@pytest.mark.parametrize(
    ("choices", "error", "why"),
    [
        ({}, NeedUnanswered, "none was chosen for need_0"),
        ({"need_0": "c1", "need_7": "c1"}, NeedUnanswered, "no need called need_7"),
        ({"need_0": "nothing"}, UnfitChoice, "not in this wallet"),
        ({"need_0": "early"}, UnfitChoice, "yours: 1 January 2025"),
    ],
)
async def test_consent_must_answer_every_need(
    choices: dict[str, str], error: type[Exception], why: str
) -> None:
    wallet, store, desk = a_request(payload())

    with pytest.raises(error, match=why):
        await consent_to_request(wallet, "r1", choices, acknowledged=(), desk=desk)

    assert store.sent == []


async def test_an_expired_request_is_not_answered() -> None:
    wallet, store, desk = a_request(payload(exp=int(NOW.timestamp())))

    with pytest.raises(RequestExpired, match="The time to answer is over"):
        await consent_to_request(wallet, "r1", {"need_0": "c1"}, acknowledged=list(WarningCode), desk=desk)

    assert store.sent == []


async def test_a_request_that_cannot_be_explained_cannot_be_answered() -> None:
    asked = {"requested_attributes": {"a": {"name": "x", "restrictions": [{"$or": []}]}}}
    wallet, store, desk = a_request(None, asked=asked)

    view = await read_request(wallet, "r1", desk=desk)

    assert not view.can_answer
    with pytest.raises(RequestUnreadable):
        await consent_to_request(wallet, "r1", {}, acknowledged=list(WarningCode), desk=desk)
    assert store.sent == []


async def test_a_value_that_is_hers_alone_is_warned_of() -> None:
    asked = {"requested_attributes": {"a": {"name": "twin_digest"}}}
    wallet, _, desk = a_request(None, asked=asked)

    view = await read_request(wallet, "r1", desk=desk)

    assert Warned(WarningCode.YOURS_ALONE, ("twin_digest",)) in view.warnings


async def test_two_consents_at_once_are_one_answer() -> None:
    wallet, store, desk = a_request(payload())

    answers = await asyncio.gather(
        *(consent_to_request(wallet, "r1", {"need_0": "c1"}, acknowledged=(), desk=desk) for _ in range(2))
    )

    assert answers == [RequestState.ANSWERED] * 2
    assert len(store.sent) == 1
    assert len(await read_history(wallet)) == 1


async def test_a_consent_that_was_cut_off_is_said_again_and_written_down_by_the_next() -> None:
    wallet, store, desk = a_request(payload())
    asked = store.asked["r1"]
    store.asked["r1"] = replace(asked, state=RequestState.ANSWERED)

    state = await consent_to_request(wallet, "r1", {"need_0": "c1"}, acknowledged=(), desk=desk)

    assert state is RequestState.ANSWERED
    assert store.sent == [("present again", "r1")]
    (entry,) = await read_history(wallet)
    assert entry.subject == "r1"


async def test_history_says_what_was_revealed_and_only_proven() -> None:
    wallet, store, desk = a_request(payload())
    await consent_to_request(wallet, "r1", {"need_0": "c1"}, acknowledged=(), desk=desk)

    (entry,) = await read_history(wallet)
    assert entry.who == "Digital Skills Trust"
    assert entry.who_did == VERIFIER
    assert entry.said["purpose"] == "Application"
    (need,) = cast("list[dict[str, Any]]", entry.said["needs"])
    assert need["revealed"]["Title"] == "Data Analytics Foundations"
    assert need["proven"] == ["awarded on or after 1 January 2026"]
    assert "20260314" not in str(entry)
    assert entry.outcome is None

    answered = store.asked["r1"]
    store.asked["r1"] = RequestExchange(
        "r1", answered.connection_id, RequestState.VERIFIED, answered.proof_request, answered.comment
    )
    assert (await read_history(wallet))[0].outcome == "accepted as proof"


async def test_declining_is_told_once_and_remembered() -> None:
    wallet, store, desk = a_request(payload())

    for _ in range(2):
        assert await decline_request(wallet, "r1", "I cannot", desk=desk) is RequestState.DECLINED

    assert store.sent == [("refuse", "I cannot")]
    assert [entry.kind for entry in await read_history(wallet)] == ["request_declined"]


async def test_she_reads_that_her_name_is_compared_where_the_verifier_signed_it() -> None:
    for signed, compared in ((payload(name_compared=True), True), (payload(), False), (None, False)):
        wallet, _, desk = a_request(signed)
        view = await read_request(wallet, "r1", desk=desk)
        assert RequestOut.of(view).name_compared is compared


@pytest.mark.parametrize(
    ("published", "asked", "answerable"),
    [
        (("ujuzi_micro_credential", "1.0"), {"schema_name": "ujuzi_micro_credential"}, True),
        (("ujuzi_micro_credential", "1.0"), {"schema_name": "ujuzi_micro_credential", "schema_version": "1.0"}, True),
        (("ujuzi_micro_credential", "1.0"), {"schema_name": "ujuzi_micro_credential", "schema_version": "2.0"}, False),
        (("ujuzi_micro_credential", "1.0"), {"schema_name": "diploma"}, False),
        (None, {"schema_name": "ujuzi_micro_credential"}, False),
    ],
)  # fmt: skip
async def test_a_schema_is_admitted_by_its_name_and_version_as_published(
    published: tuple[str, str] | None, asked: dict[str, str], answerable: bool
) -> None:
    wanted: dict[str, Any] = {
        "requested_attributes": {"need_0": {"names": ["title"], "restrictions": [asked]}}
    }
    store = MemoryStore(
        held={"c1": a_credential()},
        asked={"r1": RequestExchange("r1", None, RequestState.OPEN, wanted, None)},
    )
    facts = MemoryFacts(schemas={} if published is None else {a_credential().schema_id: published})
    view = await read_request(a_wallet(store), "r1", desk=a_desk(facts=facts))
    assert view.needs[0].can_answer is answerable


async def test_a_schema_is_looked_up_only_where_one_is_named() -> None:
    store = MemoryStore(
        held={"c1": a_credential()}, asked={"r1": RequestExchange("r1", None, RequestState.OPEN, ASKED, None)}
    )
    facts = MemoryFacts()
    await read_request(a_wallet(store), "r1", desk=a_desk(facts=facts))
    assert a_credential().schema_id not in facts.looked_up
