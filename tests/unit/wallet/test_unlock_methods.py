"""Ways to unlock a wallet: which there may be, which may go, and when each last opened it."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import JsonValue

from shared.adapters.clock import new_id, utc_now
from tests.support.wallet_fakes import Clock, MemoryBook, MemoryChanges, MemorySealed, a_wallet
from wallet.adapters.memory_wallets import MemoryOpenWallets
from wallet.domain.unlock import UnlockMethod, check_method, check_methods, removed
from wallet.errors import KeyUnsuitable, LastUnlockMethod, UnlockMethodUnknown
from wallet.use_cases.desk import Locks
from wallet.use_cases.read_ways import note_use, read_ways

PRF: dict[str, JsonValue] = {
    "name": "WebAuthn-PRF",
    "hash": "SHA-256",
    "credential_id": "Y3JlZA",
    "salt": "c2FsdA",
}
WORDS = UnlockMethod("w", "passphrase", {"v": 1})
KIT = UnlockMethod("k", "recovery-kit", {"v": 1})
PHONE = UnlockMethod("p", "passkey", {"v": 1, "kdf": PRF})


@pytest.mark.parametrize(
    "change", [{"name": "PBKDF2"}, {"credential_id": ""}, {"salt": None}, {"credential_id": 7}]
)
def test_a_passkey_says_which_it_is_and_what_it_is_asked_for(change: dict[str, JsonValue]) -> None:
    check_method(PHONE)
    with pytest.raises(KeyUnsuitable, match="Expected a passkey's envelope"):
        check_method(UnlockMethod("p", "passkey", {"v": 1, "kdf": PRF | change}))
    with pytest.raises(KeyUnsuitable, match="Expected a passkey's envelope"):
        check_method(UnlockMethod("p", "passkey", {"v": 1}))


def test_a_wallet_begins_with_words() -> None:
    check_methods([WORDS, PHONE])
    check_methods([KIT])
    for methods in ([], [PHONE]):
        with pytest.raises(KeyUnsuitable, match="at least one unlock method of words"):
            check_methods(methods)


def test_the_last_way_by_words_stays_whatever_else_there_is() -> None:
    assert removed([WORDS, KIT, PHONE], "w") == {"w"}
    assert removed([WORDS, PHONE], "passkey") == {"p"}
    for which in ("passphrase", "w"):
        with pytest.raises(LastUnlockMethod, match="when a phone is lost"):
            removed([WORDS, PHONE], which)
    with pytest.raises(UnlockMethodUnknown, match="kind or id"):
        removed([WORDS, PHONE], "recovery-kit")


def test_a_method_tells_when_it_was_made() -> None:
    before = datetime.now(UTC)
    made = UnlockMethod(new_id(), "passphrase", {"v": 1}).made_at
    assert abs((made - before).total_seconds()) < 5


async def test_when_a_way_last_opened_the_wallet_is_noted_in_the_wallet_itself() -> None:
    book, clock, wallet = MemoryBook(), Clock(), a_wallet()
    locks = Locks(
        MemorySealed(), book, MemoryOpenWallets(timedelta(minutes=10), book), MemoryChanges(), clock
    )
    await book.add(wallet.id, [WORDS, KIT], now=utc_now())

    await note_use(wallet, "k", locks=locks)
    await note_use(wallet, "somebody's", locks=locks)

    assert [(way.method.id, way.used_at) for way in await read_ways(wallet, locks=locks)] == [
        ("w", None),
        ("k", clock()),
    ]
    assert list(await wallet.store.notes("unlocked-by")) == ["k"]
