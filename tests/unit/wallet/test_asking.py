"""The learner says what is wrong with a credential, and reads what its issuer answers."""

import pytest

from shared.contracts.question_words import Matter
from tests.support.wallet_fakes import NOW, MemoryStore, a_credential, a_desk, a_wallet
from wallet.domain.question import MOST_UNANSWERED
from wallet.errors import CredentialUnknown, IssuerOutOfReach, TooManyQuestions
from wallet.use_cases.ask_issuer import MINE, THEIRS, ask_issuer, read_thread, send_unsent
from wallet.use_cases.settle_exchanges import SETTLED


def a_store() -> MemoryStore:
    """A credential that came over one connection, in place of one that came over another."""
    credential = a_credential()
    return MemoryStore(
        held={credential.id: credential},
        kept={
            SETTLED: {
                "offer-1": {"credential_id": "before", "connection_id": "first"},
                "offer-2": {
                    "credential_id": credential.id,
                    "connection_id": "second",
                    "replaced": ["before"],
                },
            }
        },
    )


def arrives(store: MemoryStore, text: str, connection: str = "second", at: str | None = None) -> None:
    kept = store.kept.setdefault(THEIRS, {})
    kept[f"note-{len(kept)}"] = {
        "connection_id": connection,
        "content": text,
        "at": at or NOW.isoformat(),
    }


async def test_her_message_goes_over_the_connection_the_credential_came_by() -> None:
    store = a_store()
    (credential_id,) = store.held

    thread = await ask_issuer(
        a_wallet(store), credential_id, Matter.NAME, "It is Wanjiru.", language="sw", desk=a_desk()
    )

    assert list(store.written.values()) == [("second", "Jina langu si sahihi\n\nIt is Wanjiru.")]
    (line,) = thread.lines
    assert (line.mine, line.matter, line.text, line.sent) == (True, Matter.NAME, "It is Wanjiru.", True)
    assert thread.waits


async def test_the_thread_holds_what_came_over_her_connections_alone_by_time() -> None:
    store = a_store()
    (credential_id,) = store.held
    arrives(store, "Later.", at="2030-01-02T00:00:00+00:00")
    arrives(store, "Sooner.", "first", at="2020-01-02T00:00:00+00:00")
    arrives(store, "From somebody else.", "third")
    store.kept[THEIRS]["broken"] = {"connection_id": "second", "content": "?", "at": "yesterday"}

    thread = await read_thread(a_wallet(store), credential_id)

    assert [line.text for line in thread.lines] == ["Sooner.", "Later."]
    assert not thread.waits


async def test_what_could_not_be_sent_goes_later_under_the_same_id() -> None:
    store = a_store()
    (credential_id,) = store.held
    wallet = a_wallet(store)
    store.silent = True
    thread = await ask_issuer(wallet, credential_id, Matter.OTHER, "", language="en", desk=a_desk())
    assert not thread.lines[0].sent

    store.silent = False
    await send_unsent(wallet)
    await send_unsent(wallet)

    assert list(store.written) == list(store.kept[MINE])
    assert (await read_thread(wallet, credential_id)).lines[0].sent


async def test_the_same_words_sent_again_are_one_message_until_they_are_answered() -> None:
    store = a_store()
    (credential_id,) = store.held
    wallet, desk = a_wallet(store), a_desk()
    for _ in range(2):
        thread = await ask_issuer(wallet, credential_id, Matter.NAME, " Wanjiru\n", language="fr", desk=desk)
    assert len(thread.lines) == 1

    other = await ask_issuer(wallet, credential_id, Matter.NAME, "Wanjiru!", language="fr", desk=desk)
    arrives(store, "It is done.", at="2999-01-01T00:00:00+00:00")
    again = await ask_issuer(wallet, credential_id, Matter.NAME, "Wanjiru!", language="fr", desk=desk)

    assert (len(other.lines), len(again.lines)) == (2, 4)


async def test_so_much_may_be_written_without_an_answer() -> None:
    store = a_store()
    (credential_id,) = store.held
    wallet, desk = a_wallet(store), a_desk()
    for number in range(MOST_UNANSWERED):
        text = f"? {number}"
        thread = await ask_issuer(wallet, credential_id, Matter.OTHER, text, language="en", desk=desk)
    assert not thread.can_write
    with pytest.raises(TooManyQuestions, match="10 messages that were not answered"):
        await ask_issuer(wallet, credential_id, Matter.OTHER, "?", language="en", desk=desk)

    arrives(store, "Patience.", at="2999-01-01T00:00:00+00:00")

    assert (await read_thread(wallet, credential_id)).can_write


async def test_without_a_known_connection_she_is_told_to_write_another_way() -> None:
    store = a_store()
    (credential_id,) = store.held
    store.kept[SETTLED].clear()
    assert not (await read_thread(a_wallet(store), credential_id)).can_write
    with pytest.raises(IssuerOutOfReach, match="Write to the organisation"):
        await ask_issuer(a_wallet(store), credential_id, Matter.NAME, "x", language="en", desk=a_desk())


async def test_nobody_asks_about_what_she_does_not_hold() -> None:
    with pytest.raises(CredentialUnknown):
        await ask_issuer(a_wallet(a_store()), "another", Matter.NAME, "", language="en", desk=a_desk())
