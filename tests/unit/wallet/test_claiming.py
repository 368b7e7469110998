"""The verbs around offers and credentials."""

import asyncio
from dataclasses import replace

import pytest
from pydantic import JsonValue

from tests.support.wallet_fakes import (
    CONTENT,
    EDITION_ID,
    ISSUER,
    NOW,
    REGISTRY,
    MemoryChanges,
    MemoryFacts,
    MemoryStore,
    a_credential,
    a_desk,
    a_wallet,
    an_offer,
    award,
)
from tests.unit.trust.lists import authorization, snapshot
from tests.unit.wallet.test_invitation import link
from wallet.domain.credential import EditionFound, EditionMissing, StatusListFact, StatusState
from wallet.domain.offer import OfferState
from wallet.domain.trust import Trust
from wallet.errors import AgentSilent, OfferUnknown, SenderUnreachable, WrongMoment
from wallet.use_cases.accept_offer import accept_offer
from wallet.use_cases.decline_offer import decline_offer
from wallet.use_cases.read_credentials import read_credential, read_credentials
from wallet.use_cases.read_offer import read_offer
from wallet.use_cases.receive_invitation import receive_invitation
from wallet.use_cases.settle_exchanges import settle_exchanges
from wallet.use_cases.write_history import read_history

LISTED = snapshot(authorization(dids=(ISSUER,)))


def a_store(**offers: object) -> MemoryStore:
    return MemoryStore(offered={"offer-1": an_offer(**offers)})


async def test_the_issuers_name_comes_from_the_list_alone() -> None:
    wallet = a_wallet(a_store())

    listed = await read_offer(wallet, "offer-1", desk=a_desk(lists=[LISTED]))
    unlisted = await read_offer(wallet, "offer-1", desk=a_desk())

    assert listed.issuer.name == "Digital Skills Trust"
    assert listed.issuer.outcome is Trust.TRUSTED
    assert listed.warnings == ()
    assert unlisted.issuer.name is None
    assert unlisted.issuer.outcome is Trust.NOT_LISTED


async def test_an_issuer_on_no_list_is_called_so() -> None:
    wallet = a_wallet(a_store())

    view = await read_offer(
        wallet, "offer-1", desk=a_desk(lists=[snapshot(authorization(dids=("did:webvh:else",)))])
    )

    assert view.issuer.outcome is Trust.NOT_LISTED
    assert "This organisation is not on any list you use." in view.warnings


async def test_an_award_before_the_accreditation_is_not_trusted() -> None:
    wallet = a_wallet(a_store(attributes=award(awarded_dateint="20240101")))

    view = await read_offer(wallet, "offer-1", desk=a_desk(lists=[LISTED]))

    assert view.issuer.outcome is Trust.NOT_TRUSTED
    assert view.issuer.name == "Digital Skills Trust"


async def test_an_edition_of_another_organisation_is_not_relied_on() -> None:
    wallet = a_wallet(a_store(cred_def_id="did:webvh:another/resources/zCredDef"))

    view = await read_offer(wallet, "offer-1", desk=a_desk())

    assert isinstance(view.edition, EditionMissing)
    assert any("awarding body" in warning for warning in view.warnings)


async def test_accepting_twice_at_once_asks_the_issuer_once() -> None:
    store, desk = a_store(), a_desk(lists=[LISTED])
    wallet = a_wallet(store)

    states = await asyncio.gather(*(accept_offer(wallet, "offer-1", desk=desk) for _ in range(3)))

    assert states == [OfferState.ACCEPTED] * 3
    assert store.sent == [("request", "offer-1")]
    assert [entry.kind for entry in await read_history(wallet)] == ["offer_accepted"]


async def test_an_acceptance_that_was_cut_off_is_said_again_and_written_down_by_the_next() -> None:
    store, desk = a_store(state=OfferState.ACCEPTED), a_desk(lists=[LISTED])
    wallet = a_wallet(store)

    states = [await accept_offer(wallet, "offer-1", desk=desk) for _ in range(2)]

    assert states == [OfferState.ACCEPTED] * 2
    assert store.sent == [("request again", "offer-1")]
    assert [entry.kind for entry in await read_history(wallet)] == ["offer_accepted"]


async def test_a_kept_edition_needs_no_site() -> None:
    facts = MemoryFacts()
    desk, wallet = a_desk(facts=facts), a_wallet(a_store())
    await accept_offer(wallet, "offer-1", desk=desk)
    facts.editions.clear()

    view = await read_offer(wallet, "offer-1", desk=desk)

    assert isinstance(view.edition, EditionFound)


async def test_a_copy_that_was_changed_is_not_believed() -> None:
    store, desk = a_store(), a_desk(facts=MemoryFacts(editions={}))
    wallet = a_wallet(store)
    await accept_offer(wallet, "offer-1", desk=a_desk())
    (note_id,) = store.kept["editions"]
    store.kept["editions"][note_id] = {**CONTENT, "workloadHours": 9000}

    assert isinstance((await read_offer(wallet, "offer-1", desk=desk)).edition, EditionMissing)


async def test_a_declined_offer_stays_declined() -> None:
    wallet, desk = a_wallet(a_store()), a_desk()
    await decline_offer(wallet, "offer-1", "Not me", desk=desk)

    assert await decline_offer(wallet, "offer-1", "Not me", desk=desk) is OfferState.DECLINED
    with pytest.raises(WrongMoment, match="declined"):
        await accept_offer(wallet, "offer-1", desk=desk)
    with pytest.raises(OfferUnknown):
        await accept_offer(wallet, "offer-2", desk=desk)


async def test_what_arrives_as_offered_is_stored_and_announced_once() -> None:
    store, changes = a_store(), MemoryChanges()
    wallet, desk = a_wallet(store), a_desk(changes=changes)
    await accept_offer(wallet, "offer-1", desk=desk)
    store.arrive("offer-1")

    await settle_exchanges(wallet, desk=desk)
    await settle_exchanges(wallet, desk=desk)

    assert list(store.held) == ["offer-1"]
    assert [change.kind for _, change in changes.announced] == ["credential"]


async def test_an_issuer_that_cannot_be_asked_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    store = a_store()
    store.offered["offer-2"] = an_offer("offer-2", connection_id="connection-2")
    wallet, desk = a_wallet(store), a_desk()
    for offer_id in ("offer-1", "offer-2"):
        store.arrive(offer_id)

    async def silent_about_the_first(offer_id: str) -> str:
        if offer_id == "offer-1":
            raise AgentSilent("The agent did not answer in time.")
        return await MemoryStore.store_credential(store, offer_id)

    with monkeypatch.context() as patched:
        patched.setattr(store, "store_credential", silent_about_the_first)
        await settle_exchanges(wallet, desk=desk)
    assert list(store.held) == ["offer-2"]

    store.held.clear()
    await settle_exchanges(wallet, desk=desk)
    assert list(store.held) == ["offer-1"]


async def test_what_arrives_otherwise_than_offered_is_refused() -> None:
    store = a_store()
    wallet, desk = a_wallet(store), a_desk()
    await accept_offer(wallet, "offer-1", desk=desk)
    store.arrive("offer-1", eqf_level="1")

    await settle_exchanges(wallet, desk=desk)

    assert store.held == {}
    assert store.sent[-1] == ("refuse", "What arrived is not what was offered.")
    refused = next(entry for entry in await read_history(wallet) if entry.kind == "credential_refused")
    assert refused.said["differences"] == ["European level (EQF) differs"]


async def test_the_same_award_again_replaces_the_old_credential() -> None:
    store = a_store()
    store.held["old"] = a_credential("old")
    store.held["other"] = a_credential("other", twin_digest="zTwin2")
    wallet, desk = a_wallet(store), a_desk()

    view = await read_offer(wallet, "offer-1", desk=desk)
    await accept_offer(wallet, "offer-1", desk=desk)
    store.arrive("offer-1")
    await settle_exchanges(wallet, desk=desk)

    assert view.replaces == ("old",)
    assert sorted(store.held) == ["offer-1", "other"]


async def test_a_crash_between_storing_and_replacing_is_made_good() -> None:
    store = a_store()
    store.held["old"] = a_credential("old")
    wallet, desk = a_wallet(store), a_desk()
    store.arrive("offer-1")
    await store.store_credential("offer-1")

    await settle_exchanges(wallet, desk=desk)

    assert list(store.held) == ["offer-1"]


async def test_following_a_link_twice_connects_once() -> None:
    store = MemoryStore()
    wallet = a_wallet(store)

    first, second = [await receive_invitation(wallet, link(), facts=MemoryFacts()) for _ in range(2)]

    assert (first.already_known, second.already_known) == (False, True)
    assert first.connection_id == second.connection_id
    assert "recipient_keys" in str(store.kept["connections"]["connection-1"])
    assert store.sent == [("connect again", first.connection_id)]


async def test_a_sender_who_is_away_is_asked_for_later_and_one_who_was_heard_is_not_asked_for_again() -> None:
    sender = "did:webvh:Qmb66snST7U2eS1n233PVYjfhqy132FrvrtB4MBBqveLmZ:school.example"
    store, facts = MemoryStore(), MemoryFacts(unreachable={sender})
    wallet, invited = a_wallet(store), link(services=[sender])

    with pytest.raises(SenderUnreachable, match="is away"):
        await receive_invitation(wallet, invited, facts=facts)
    assert "connections" not in store.kept

    facts.unreachable.clear()
    first = await receive_invitation(wallet, invited, facts=facts)
    facts.unreachable.add(sender)
    again = await receive_invitation(wallet, invited, facts=facts)
    assert (again.already_known, again.connection_id) == (True, first.connection_id)


async def test_why_a_credential_was_revoked_is_believed_of_its_issuer_only() -> None:
    held = replace(a_credential("offer-1"), rev_reg_id=REGISTRY, rev_index=1)
    store = MemoryStore(held={"offer-1": held})
    store.kept["settled"] = {"offer-1": {"credential_id": "offer-1", "connection_id": "connection-1"}}
    store.kept["revocation-notices"] = {
        "n1": {"connection_id": "stranger", "thread_id": f"anoncreds::{REGISTRY}::1", "comment": "Pay first"},
        "n2": {
            "connection_id": "connection-1",
            "thread_id": f"anoncreds::{REGISTRY}::1",
            "comment": "In error",
        },
    }
    desk = a_desk(facts=MemoryFacts(statuses={REGISTRY: StatusListFact(NOW, [0, 1])}))

    shown = await read_credential(a_wallet(store), "offer-1", desk=desk)

    assert shown.holding.status.state is StatusState.REVOKED
    assert shown.holding.status.reason.endswith("It says why: In error")


def told(
    state: str, *, connection: str = "connection-1", at: str = "2026-11-22T09:00:00+00:00"
) -> dict[str, JsonValue]:
    """What an issuer said of the credential at place 1, as the agent notes it."""
    return {
        "connection_id": connection,
        "credential_id": f"{REGISTRY}::1",
        "state": state,
        "reason": "A check.",
        "at": at,
    }


@pytest.mark.parametrize(
    ("listed", "notices", "state", "said"),
    [
        (
            1,
            [told("suspended")],
            "suspended",
            "suspended this credential since 2026-11-22: it does not count",
        ),
        (0, [told("valid")], "valid", "it is valid again since 2026-11-22. It says why: A check."),
        (0, [told("suspended")], "valid", "Not revoked in the issuer's newest list."),
        (1, [told("valid")], "revoked", "The issuer has revoked this credential."),
        (1, [told("suspended", connection="stranger")], "revoked", "The issuer has revoked this credential."),
    ],
)
async def test_a_suspension_is_told_from_a_revocation_by_its_issuer_only_and_never_against_the_list(
    listed: int, notices: list[dict[str, JsonValue]], state: str, said: str
) -> None:
    held = replace(a_credential("offer-1"), rev_reg_id=REGISTRY, rev_index=1)
    store = MemoryStore(held={"offer-1": held})
    store.kept["settled"] = {"offer-1": {"credential_id": "offer-1", "connection_id": "connection-1"}}
    store.kept["status-notices"] = {str(number): notice for number, notice in enumerate(notices)}
    desk = a_desk(facts=MemoryFacts(statuses={REGISTRY: StatusListFact(NOW, [0, listed])}))

    status = (await read_credential(a_wallet(store), "offer-1", desk=desk)).holding.status

    assert status.state == state
    assert said in status.reason
    assert (status.why, status.since is not None) == (
        ("A check.", True) if "2026-11-22" in said else (None, False)
    )


async def test_a_revocation_is_final_whatever_was_said_of_a_suspension() -> None:
    held = replace(a_credential("offer-1"), rev_reg_id=REGISTRY, rev_index=1)
    store = MemoryStore(held={"offer-1": held})
    store.kept["settled"] = {"offer-1": {"credential_id": "offer-1", "connection_id": "connection-1"}}
    store.kept["status-notices"] = {"1": told("suspended", at="2099-01-01T00:00:00+00:00")}
    store.kept["revocation-notices"] = {
        "2": {"connection_id": "connection-1", "credential_id": f"{REGISTRY}::1", "comment": None}
    }
    desk = a_desk(facts=MemoryFacts(statuses={REGISTRY: StatusListFact(NOW, [0, 1])}))

    status = (await read_credential(a_wallet(store), "offer-1", desk=desk)).holding.status

    assert (status.state, status.reason) == (StatusState.REVOKED, "The issuer has revoked this credential.")


async def test_credentials_are_shown_with_their_programme() -> None:
    store = MemoryStore(held={"c": a_credential("c")})

    (shown,) = await read_credentials(a_wallet(store), desk=a_desk(lists=[LISTED]))

    assert isinstance(shown.holding.edition, EditionFound)
    assert shown.holding.edition.id == EDITION_ID
    assert shown.issuer.outcome is Trust.TRUSTED
