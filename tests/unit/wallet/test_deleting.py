"""Deleting a wallet, and the statement of it."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import JsonValue

from shared.contracts.deletion_words import DeletionAnswer, answer_content
from shared.contracts.erasure import ERASURE_JWS_TYPE
from shared.vc import jws
from shared.vc.erasure import StatementInvalid, open_statement, place_of, statement_in
from shared.vc.keys import SigningKey
from shared.web.languages import LANGUAGES
from tests.support.wallet_fakes import (
    ISSUER,
    NOW,
    REGISTRY,
    VERIFIER,
    Clock,
    MemoryBook,
    MemoryChanges,
    MemorySealed,
    MemoryStore,
    a_credential,
    a_desk,
)
from wallet.adapters.memory_wallets import MemoryOpenWallets
from wallet.domain.credential import HeldCredential
from wallet.domain.erasure import Erasure
from wallet.domain.history import Entry, Kind
from wallet.domain.unlock import UnlockMethod
from wallet.entry.leaving_api import jwk_set
from wallet.entry.statement import signed_form, statement_said
from wallet.errors import AgentSilent, WalletLocked, WalletUnknown, WrongKey
from wallet.ports import SignStatement
from wallet.use_cases.create_wallet import create_wallet
from wallet.use_cases.delete_wallet import Registrar, delete_wallet, finish_deletions
from wallet.use_cases.desk import Locks, OpenWallet
from wallet.use_cases.unlock_wallet import begin_session, unlock_wallet
from wallet.use_cases.write_history import write_entry

KEY = b"k" * 32
METHODS = [UnlockMethod("m1", "passphrase", {"v": 1}), UnlockMethod("m2", "recovery-kit", {"v": 1})]
PLACE = "https://wallet.example"
SHARE = Entry(
    "e2",
    NOW - timedelta(days=2),
    Kind.SHARED,
    "request-1",
    who="Kazi Jobs",
    who_did=VERIFIER,
    said={
        "purpose": "Application: junior data analyst",
        "keep_days": 30,
        "needs": [
            {"revealed": {"Given name": "Amina", "Title": "Data Analytics"}, "proven": ["awarded in 2026"]}
        ],
    },
)


class OneKey:
    """`StatementKeys` with a key that is always there."""

    key = SigningKey.from_seed(b"s" * 32)

    async def signer(self) -> SignStatement:
        return lambda payload: jws.sign(payload, key=self.key, kid=self.key.multikey, typ=ERASURE_JWS_TYPE)

    async def public(self) -> list[bytes]:
        return [self.key.public]


class AgentAway(MemorySealed):
    """The agent breaks down in the middle of a deletion."""

    away = True

    async def delete(self, wallet_id: str, *, shard: str | None = None) -> None:
        if self.away:
            raise AgentSilent("no answer")
        await super().delete(wallet_id, shard=shard)


KEYS = jwk_set([OneKey.key.public])


def some_locks(sealed: MemorySealed | None = None) -> Locks:
    book = MemoryBook()
    return Locks(
        sealed or MemorySealed(),
        book,
        MemoryOpenWallets(timedelta(minutes=10), book),
        MemoryChanges(),
        Clock(),
    )


async def a_full_wallet(locks: Locks) -> OpenWallet:
    """With a credential, a share and two messages."""
    session, _ = await create_wallet(KEY, METHODS, locks=locks)
    store = locks.sealed.opened(session.agent_token)
    assert isinstance(store, MemoryStore)
    store.held["c1"] = replace(a_credential("c1"), rev_reg_id=REGISTRY, rev_index=7)
    await write_entry(store, Entry("e1", NOW - timedelta(days=9), Kind.OFFER_ACCEPTED, "o1", who_did=ISSUER))
    await write_entry(store, SHARE)
    await store.write_note("questions", "q1", {"content": "?"})
    await store.write_note("basic-messages", "a1", {"content": "!"})
    return OpenWallet(session.wallet_id, store, locks.open_wallets.turn(session.wallet_id))


async def deleted(
    wallet: OpenWallet, locks: Locks, *, days: int | None = 30, language: str = "en"
) -> tuple[Erasure, str]:
    kept = None if days is None else timedelta(days=days)
    return await delete_wallet(
        wallet,
        locks=locks,
        desk=a_desk(),
        registrar=Registrar(OneKey(), kept),
        word=lambda erasure: signed_form(erasure, place=PLACE, language=language),
    )


async def test_a_deleted_wallet_is_forgotten_and_its_sessions_end() -> None:
    locks = some_locks()
    wallet = await a_full_wallet(locks)

    await deleted(wallet, locks)

    assert isinstance(locks.sealed, MemorySealed)
    assert isinstance(locks.book, MemoryBook)
    assert locks.sealed.keys == {}
    assert (locks.book.methods, locks.book.sessions, locks.book.erasing) == ({}, {}, [])
    assert locks.open_wallets.all() == []
    with pytest.raises(WalletUnknown):
        await locks.book.unlock_methods(wallet.id)


async def test_the_statement_says_what_went_and_what_remains_and_no_value() -> None:
    locks = some_locks()
    wallet = await a_full_wallet(locks)

    _, statement = await deleted(wallet, locks)

    said = open_statement(statement, KEYS)
    assert (said["iss"], said["sub"], said["finished"]) == (PLACE, wallet.id, True)
    assert said["deleted"] == {
        "store": True,
        "credentials": 1,
        "history_entries": 2,
        "messages": 2,
        "unlock_methods": 2,
        "sessions": 1,
        "waiting_messages": 0,
    }
    (issuer,), (share,) = said["elsewhere"]["issuers"], said["elsewhere"]["shares"]
    assert issuer == {"did": ISSUER, "names": {}, "credentials": 1, "status_list_places": 1}
    assert (share["did"], share["keep_until"]) == (VERIFIER, "2026-12-19")
    assert share["shown"] == ["given_name", "title"]
    assert said["elsewhere"]["backups_until"] == "2026-12-21"
    assert "Amina" not in json.dumps(said)
    told = " ".join(said["words"])
    for part in ("Kazi Jobs", "Given name, Title", "until 19 December 2026", "deleted by 21 December 2026"):
        assert part in told


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_statement_is_in_her_language_and_honest_about_backups(language: str) -> None:
    locks = some_locks()

    erasure, statement = await deleted(await a_full_wallet(locks), locks, days=None, language=language)

    said = open_statement(statement, KEYS)
    assert said["elsewhere"]["backups_until"] is None
    assert said["words"] == list(statement_said(erasure, place=PLACE, language=language).all)
    assert "{" not in "".join(said["words"])


async def test_what_a_verifier_says_it_deleted_is_told_so() -> None:
    locks = some_locks()
    wallet = await a_full_wallet(locks)
    wish: dict[str, JsonValue] = {"connection_id": "v1", "content": "?", "at": NOW.isoformat(), "sent": True}
    await wallet.store.write_note("deletion-wishes", SHARE.id, wish)
    answer = answer_content(DeletionAnswer(deleted=True), "fr")
    await wallet.store.write_note(
        "basic-messages", "a2", {"connection_id": "v1", "content": answer, "at": NOW.isoformat()}
    )

    _, statement = await deleted(wallet, locks)

    said = open_statement(statement, KEYS)
    assert said["elsewhere"]["shares"][0]["said_deleted"] == "2026-11-21T12:00:00Z"
    assert "It answered you on 21 November 2026 that it has deleted this." in " ".join(said["words"])


async def test_a_wallet_that_was_never_used_says_so() -> None:
    locks = some_locks()
    session, _ = await create_wallet(KEY, METHODS, locks=locks)
    store = locks.sealed.opened(session.agent_token)
    wallet = OpenWallet(session.wallet_id, store, locks.open_wallets.turn(session.wallet_id))

    _, statement = await deleted(wallet, locks)

    assert "Nothing was ever shared from this wallet." in open_statement(statement, KEYS)["words"]


async def test_a_deletion_cut_off_opens_no_more_and_is_finished_later() -> None:
    sealed = AgentAway()
    locks = some_locks(sealed)
    wallet = await a_full_wallet(locks)

    erasure, statement = await deleted(wallet, locks)

    assert not erasure.finished
    assert open_statement(statement, KEYS)["deleted"]["store"] is False
    assert "for ever" in open_statement(statement, KEYS)["words"][1]
    with pytest.raises((WrongKey, WalletUnknown)):
        await unlock_wallet(wallet.id, KEY, locks=locks)
    with pytest.raises(WalletUnknown):
        await begin_session(wallet.id, KEY, locks=locks)
    assert await finish_deletions(locks=locks) == 0
    sealed.away = False
    assert await finish_deletions(locks=locks) == 1
    assert (sealed.keys, await locks.book.being_erased()) == ({}, [])


async def test_a_wallet_that_cannot_be_read_is_not_deleted() -> None:
    class Locked(MemoryStore):
        async def credentials(self) -> list[HeldCredential]:
            raise WalletLocked("locked")

    locks = some_locks()
    wallet = await a_full_wallet(locks)

    with pytest.raises(WalletLocked):
        await deleted(replace(wallet, store=Locked()), locks)

    assert len(await locks.book.unlock_methods(wallet.id)) == 2


def a_statement(**changes: object) -> str:
    payload = {"iss": PLACE, "format": "ujuzi-erasure/1"} | changes
    return jws.sign(payload, key=OneKey.key, kid=OneKey.key.multikey, typ=ERASURE_JWS_TYPE)


def test_a_statement_is_found_in_the_page_it_stands_in() -> None:
    statement = a_statement()

    assert statement_in(f"<p>A wallet was deleted</p><pre>{statement}</pre>") == statement
    assert place_of(statement) == PLACE
    with pytest.raises(StatementInvalid, match="No statement of deletion"):
        statement_in("<p>A wallet was deleted</p>")


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        (a_statement()[:-4] + "AAAA", "not by the expected key"),
        (a_statement(format="other/1"), "in the format"),
        (
            jws.sign({"iss": PLACE}, key=OneKey.key, kid=OneKey.key.multikey, typ="other+jwt"),
            "A JWS of typ",
        ),
        (
            jws.sign({"iss": PLACE}, key=OneKey.key, kid="another", typ=ERASURE_JWS_TYPE),
            "no key of that name",
        ),
        ("no statement", "cannot be relied on"),
    ],
)
def test_what_the_installation_did_not_sign_is_refused(statement: str, why: str) -> None:
    with pytest.raises(StatementInvalid, match=why):
        open_statement(statement, KEYS)


@pytest.mark.parametrize("published", [{}, {"keys": [{"kid": OneKey.key.multikey, "kty": "RSA"}]}])
def test_a_key_that_is_none_is_refused(published: dict[str, object]) -> None:
    with pytest.raises(StatementInvalid, match=r"no key of that name|An Ed25519 key"):
        open_statement(a_statement(), published)


def test_a_statement_that_names_nobody_is_refused() -> None:
    with pytest.raises(StatementInvalid, match="names the installation"):
        place_of(a_statement(iss="javascript:alert(1)"))
    with pytest.raises(StatementInvalid, match="no statement"):
        place_of("a.b")
