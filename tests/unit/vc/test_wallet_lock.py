import base64
import copy
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from shared.vc.wallet_lock import (
    KitMalformed,
    LockMalformed,
    WrongPassphrase,
    generate_passphrase,
    make_recovery_kit,
    read_recovery_kit,
    unwrap,
    wordlist,
    wrap,
)

KEY = bytes(range(32))
PASSPHRASE = "abacus karate over sixfold zoom"
ENVELOPE = wrap(KEY, PASSPHRASE)


def test_the_list_has_7776_different_words() -> None:
    assert len(set(wordlist())) == len(wordlist()) == 6**5
    assert (wordlist()[0], wordlist()[-1]) == ("abacus", "zoom")


def test_a_passphrase_is_five_words_of_the_list() -> None:
    passphrase = generate_passphrase()
    assert len(passphrase.split(" ")) == 5
    assert set(passphrase.split(" ")) <= set(wordlist())
    assert passphrase != generate_passphrase()


def test_the_passphrase_opens_what_it_locked_however_it_is_typed() -> None:
    assert unwrap(ENVELOPE, PASSPHRASE) == KEY
    assert unwrap(ENVELOPE, f"  {PASSPHRASE.title().replace(' ', '  ')}\n") == KEY


def test_the_same_key_and_passphrase_give_another_envelope_each_time() -> None:
    assert wrap(KEY, PASSPHRASE)["wrapped"] != ENVELOPE["wrapped"]


def test_an_envelope_is_what_webcrypto_opens_with_its_own_parameters() -> None:
    def raw(text: str) -> bytes:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

    kdf = ENVELOPE["kdf"]
    assert (ENVELOPE["v"], kdf["name"], kdf["hash"], ENVELOPE["cipher"]["name"]) == (
        1,
        "PBKDF2",
        "SHA-256",
        "AES-GCM",
    )
    key = PBKDF2HMAC(SHA256(), 32, raw(kdf["salt"]), kdf["iterations"]).derive(PASSPHRASE.encode())
    assert AESGCM(key).decrypt(raw(ENVELOPE["cipher"]["iv"]), raw(ENVELOPE["wrapped"]), None) == KEY


def test_another_passphrase_is_refused() -> None:
    with pytest.raises(WrongPassphrase, match="check them and their order"):
        unwrap(ENVELOPE, "zoom sixfold over karate abacus")


def test_a_wallet_key_of_another_length_is_refused() -> None:
    with pytest.raises(LockMalformed, match="32 bytes; 16 were given"):
        wrap(bytes(16), PASSPHRASE)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (("v",), 2, "Version 1"),
        (("kdf", "hash"), "SHA-1", "Version 1 with PBKDF2, SHA-256"),
        (("kdf", "iterations"), 1, "Between 600000"),
        (("kdf", "iterations"), 10**9, "Between 600000"),
        (("kdf", "iterations"), "600000", "Between 600000"),
        (("kdf", "salt"), "", "another length"),
        (("cipher", "iv"), "AAAA", "another length"),
        (("wrapped",), "!!!", "was expected"),
        (("wrapped",), None, "was expected"),
        (("kdf",), None, "was expected"),
    ],
)
def test_an_envelope_of_another_form_is_refused_before_any_work(
    path: tuple[str, ...], value: object, reason: str
) -> None:
    envelope: dict[str, Any] = copy.deepcopy(ENVELOPE)
    inner = envelope
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    with pytest.raises(LockMalformed, match=reason):
        unwrap(envelope, PASSPHRASE)


def test_a_recovery_kit_opens_what_a_passphrase_opens_and_its_code_says_all_of_it() -> None:
    key = bytes(range(32))
    kit = make_recovery_kit("https://wallet.example/a b", "wallet-1")
    assert len(set(kit.words.split())) > 5
    assert kit.words not in repr(kit)
    assert kit.words != make_recovery_kit("https://wallet.example", "wallet-1").words

    read = read_recovery_kit(f" {kit.code}\n")

    assert read == kit
    assert len(read.words.split()) == 10
    assert unwrap(wrap(key, kit.words), read.words) == key


@pytest.mark.parametrize(
    "code",
    [
        "",
        "https://wallet.example",
        "ujuzi-recovery:1?id=a&words=b",
        "ujuzi-recovery:1?wallet=a&id=b&id=c&words=d",
        "ujuzi-recovery:2?wallet=a&id=b&words=c",
        "ujuzi-recovery:1?wallet=a&id=b&words=" + "c" * 3000,
    ],
)
def test_what_is_no_recovery_kit_is_refused(code: str) -> None:
    with pytest.raises(KitMalformed, match="The code of a recovery kit"):
        read_recovery_kit(code)
