"""What is kept outside the stores: the fake and both databases keep the same promises."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import JsonValue

from tests.support.databases import migrated
from tests.support.migrations import assert_migrations_match
from tests.support.wallet_fakes import MemoryBook
from wallet.adapters.sql_tables import WalletTable
from wallet.adapters.sql_wallets import SqlWallets
from wallet.domain.capacity import Held
from wallet.domain.erasure import Outside
from wallet.domain.session import KeptSession
from wallet.domain.unlock import MOST_PASSKEYS, UnlockMethod
from wallet.errors import KeyUnsuitable, LastUnlockMethod, UnlockMethodUnknown, WalletUnknown
from wallet.main import MIGRATIONS
from wallet.ports import WalletBook

NOW = datetime(2026, 11, 21, tzinfo=UTC)
METHODS = [UnlockMethod("m1", "passphrase", {"v": 1, "kdf": {"name": "PBKDF2"}})]


@pytest.fixture
async def book(memory_or_url: str | None) -> AsyncIterator[WalletBook]:
    if memory_or_url is None:
        yield MemoryBook()
        return
    async with migrated(memory_or_url, MIGRATIONS) as db:
        yield SqlWallets(db)


async def test_a_wallet_is_remembered_with_its_unlock_methods(book: WalletBook) -> None:
    await book.add("w1", METHODS, now=NOW)

    assert list(await book.unlock_methods("w1")) == METHODS
    with pytest.raises(WalletUnknown):
        await book.unlock_methods("w2")


async def test_sessions_are_remembered_until_they_end(book: WalletBook) -> None:
    await book.add("w1", METHODS, now=NOW)
    await book.add("w2", METHODS[:0], now=NOW)
    await book.add_session("w1", "a", now=NOW)
    await book.add_session("w1", "b", now=NOW)
    await book.add_session("w2", "c", now=NOW)

    assert list(await book.wallets_with_sessions()) == ["w1", "w2"]
    await book.end_session("a")
    assert list(await book.wallets_with_sessions()) == ["w1", "w2"]
    await book.end_sessions("w1")
    assert list(await book.wallets_with_sessions()) == ["w2"]


async def test_a_removed_wallet_is_forgotten(book: WalletBook) -> None:
    await book.add("w1", METHODS, now=NOW)
    await book.add_session("w1", "a", now=NOW)

    await book.remove("w1")
    await book.remove("w1")

    assert list(await book.wallets_with_sessions()) == []
    with pytest.raises(WalletUnknown):
        await book.unlock_methods("w1")


async def test_a_wallet_being_erased_is_closed_for_ever_until_it_is_forgotten(book: WalletBook) -> None:
    await book.add("w1", METHODS, now=NOW)
    await book.add("w2", METHODS[:0], now=NOW)
    await book.add_session("w1", "a", now=NOW)
    await book.add_session("w1", "b", now=NOW)

    assert await book.begin_erasure("w1", now=NOW) == Outside(unlock_methods=1, sessions=2)

    assert list(await book.being_erased()) == ["w1"]
    assert list(await book.wallets_with_sessions()) == []
    for forbidden in (
        book.unlock_methods("w1"),
        book.put_unlock_method("w1", METHODS[0], now=NOW),
        book.add_session("w1", "c", now=NOW),
        book.begin_erasure("w1", now=NOW),
    ):
        with pytest.raises(WalletUnknown):
            await forbidden
    await book.remove("w1")
    assert list(await book.being_erased()) == []
    await book.add_session("w2", "d", now=NOW)


async def test_migrations_make_the_tables(database_url: str) -> None:
    await assert_migrations_match(database_url, MIGRATIONS, WalletTable.metadata)


async def test_a_method_replaces_the_one_of_its_kind_and_the_last_one_stays(book: WalletBook) -> None:
    await book.add("w1", METHODS, now=NOW)
    kit = UnlockMethod("m2", "recovery-kit", {"v": 1})
    newer = UnlockMethod("m3", "passphrase", {"v": 1, "wrapped": "x"})
    later = NOW + timedelta(seconds=1)

    with pytest.raises(LastUnlockMethod, match="only unlock method"):
        await book.remove_unlock_method("w1", "passphrase")
    await book.put_unlock_method("w1", kit, now=later)
    await book.put_unlock_method("w1", newer, now=later + timedelta(seconds=1))
    assert list(await book.unlock_methods("w1")) == [kit, newer]

    await book.remove_unlock_method("w1", "recovery-kit")
    assert list(await book.unlock_methods("w1")) == [newer]
    with pytest.raises(UnlockMethodUnknown, match="of that kind"):
        await book.remove_unlock_method("w1", "recovery-kit")


def passkey(number: int) -> UnlockMethod:
    kdf: dict[str, JsonValue] = {"name": "WebAuthn-PRF", "credential_id": f"phone{number}", "salt": "c2FsdA"}
    return UnlockMethod(f"p{number}", "passkey", {"v": 1, "kdf": kdf})


async def test_passkeys_come_beside_one_another_and_go_by_their_id_but_words_stay(book: WalletBook) -> None:
    await book.add("w1", METHODS, now=NOW)
    await book.add("w2", METHODS[:0], now=NOW)
    for number in range(MOST_PASSKEYS):
        await book.put_unlock_method("w1", passkey(number), now=NOW + timedelta(seconds=number + 1))

    with pytest.raises(KeyUnsuitable, match="found as many already"):
        await book.put_unlock_method("w1", passkey(MOST_PASSKEYS), now=NOW)
    again = replace(passkey(1), id="p1-again")
    await book.put_unlock_method("w1", again, now=NOW + timedelta(minutes=1))
    held = [one.id for one in await book.unlock_methods("w1")]
    assert held == ["m1", "p0", *(f"p{number}" for number in range(2, MOST_PASSKEYS)), "p1-again"]

    await book.remove_unlock_method("w1", "p1-again")
    with pytest.raises(UnlockMethodUnknown, match="of that kind or id"):
        await book.remove_unlock_method("w2", "p0")
    for only in ("m1", "passphrase"):
        with pytest.raises(LastUnlockMethod, match="of words"):
            await book.remove_unlock_method("w1", only)
    await book.remove_unlock_method("w1", "passkey")
    assert list(await book.unlock_methods("w1")) == METHODS


async def test_the_methods_of_an_unknown_wallet_do_not_change(book: WalletBook) -> None:
    with pytest.raises(WalletUnknown):
        await book.put_unlock_method("nobody", METHODS[0], now=NOW)
    with pytest.raises(WalletUnknown):
        await book.remove_unlock_method("nobody", "passphrase")


async def test_a_wallet_is_unused_from_when_it_was_made_or_opened_until_it_is_used(book: WalletBook) -> None:
    for number, wallet_id in enumerate(("w1", "w2", "w3")):
        await book.add(wallet_id, METHODS[:0], now=NOW + timedelta(minutes=number))
    hour = timedelta(hours=1)

    assert list(await book.never_used(before=NOW, limit=9)) == []
    assert list(await book.never_used(before=NOW + hour, limit=2)) == ["w1", "w2"]

    await book.add_session("w1", "a", now=NOW + 2 * hour)
    await book.used("w2")
    await book.add_session("w2", "b", now=NOW + hour)
    assert list(await book.never_used(before=NOW + 2 * hour, limit=9)) == ["w3"]
    assert list(await book.never_used(before=NOW + 3 * hour, limit=9)) == ["w3", "w1"]


async def test_wallets_are_counted_by_age_and_no_more_once_removed(book: WalletBook) -> None:
    assert await book.held(now=NOW) == Held(0, 0, 0)
    for number, age in enumerate((timedelta(hours=1), timedelta(hours=25), timedelta(days=31))):
        await book.add(f"w{number}", METHODS[:0], now=NOW - age)

    assert await book.held(now=NOW) == Held(3, 1, 2)
    await book.remove("w0")
    assert await book.held(now=NOW) == Held(2, 0, 1)


async def test_each_wallet_is_in_the_shard_it_was_made_in(book: WalletBook) -> None:
    assert dict(await book.by_shard()) == {}
    for wallet_id, shard in (("w1", "main"), ("w2", "b"), ("w3", "b")):
        await book.add(wallet_id, METHODS[:0], now=NOW, shard=shard)
    await book.begin_erasure("w2", now=NOW)

    assert [await book.shard_of(wallet_id) for wallet_id in ("w1", "w2")] == ["main", "b"]
    assert dict(await book.by_shard()) == {"main": 1, "b": 2}
    await book.remove("w3")
    with pytest.raises(WalletUnknown):
        await book.shard_of("w3")


async def test_a_session_is_open_from_when_its_store_is_until_it_is_voided(book: WalletBook) -> None:
    await book.add("w1", METHODS, now=NOW)
    await book.add_session("w1", "a", now=NOW)
    assert await book.session("a") is None
    assert list(await book.wallets_to_close()) == ["w1"]

    await book.keep_session("a", b"sealed")
    assert await book.session("a") == KeptSession("w1", b"sealed", NOW)
    assert await book.still_open(["a", "b"]) == {"a"}
    assert list(await book.wallets_to_close()) == []

    await book.add_session("w1", "b", now=NOW)
    await book.void_sessions("w1")
    assert await book.session("a") is None
    assert not await book.still_open(["a", "b"])
    assert list(await book.wallets_to_close()) == ["w1"]
    assert list(await book.wallets_with_sessions()) == ["w1"]


async def test_a_wallet_is_unused_when_none_of_its_sessions_was_used(book: WalletBook) -> None:
    minute = timedelta(minutes=1)
    for wallet_id, token_hash in (("w1", "a"), ("w2", "b")):
        await book.add(wallet_id, METHODS[:0], now=NOW)
        await book.add_session(wallet_id, token_hash, now=NOW)
        await book.keep_session(token_hash, b"sealed")
    await book.add_session("w1", "c", now=NOW + minute)
    await book.keep_session("c", b"sealed")
    await book.session_used("b", now=NOW + 2 * minute)

    assert list(await book.wallets_unused(before=NOW)) == []
    assert list(await book.wallets_unused(before=NOW + minute)) == ["w1"]
    assert list(await book.wallets_unused(before=NOW + 2 * minute)) == ["w1", "w2"]
    await book.void_sessions("w1")
    assert list(await book.wallets_unused(before=NOW + 2 * minute)) == ["w2"]
