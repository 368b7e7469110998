"""What a phone keeps of a wallet, in words: what was shown to whom, what became of it, and what each award says."""

import json
from datetime import timedelta

import pytest

from shared.web.languages import LANGUAGES
from tests.support.wallet_fakes import NOW, MemoryStore, a_credential, a_desk, a_wallet
from wallet.domain.history import Entry, Kind
from wallet.entry.phone_copy import MOST_HISTORY, copy_of
from wallet.use_cases.read_credentials import read_credentials

SHARED = Entry(
    "entry-1",
    NOW,
    Kind.SHARED,
    "request-1",
    "Kazi Jobs",
    None,
    {
        "purpose": "Application: junior data analyst",
        "needs": [
            {
                "need": "need_0",
                "credential_id": "c",
                "revealed": {"Given name": "Amina"},
                "proven": ["at least 4"],
            }
        ],
    },
    "accepted as proof",
)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_copy_says_everything_in_her_language(language: str) -> None:
    wallet = a_wallet(MemoryStore(held={"c": a_credential("c", given_name="Wanjikũ")}))
    held = await read_credentials(wallet, desk=a_desk())

    copy = copy_of(held, [SHARED], wallet_id="wallet-1", language=language, now=NOW)

    assert (copy["lang"], copy["dir"]) == (language, "rtl" if language == "ar" else "ltr")
    text = json.dumps(copy, ensure_ascii=False)
    assert all(
        part in text for part in ("Wanjikũ", "Kazi Jobs", "junior data analyst", "Amina", "at least 4")
    )
    assert "accepted as proof" not in text
    assert "http" not in text


async def test_every_kind_of_entry_has_words() -> None:
    entries = [Entry(kind.value, NOW, kind, "subject") for kind in Kind]

    copy = copy_of([], entries, wallet_id="wallet-1", language="en", now=NOW)

    lines = copy["history"]
    assert isinstance(lines, list)
    assert len(lines) == len(Kind)
    assert "somebody who did not prove who they are" in json.dumps(lines)


async def test_a_long_history_is_cut_to_the_newest() -> None:
    entries = [
        Entry(str(n), NOW - timedelta(days=n), Kind.OFFER_ACCEPTED, "o") for n in range(MOST_HISTORY + 5)
    ]

    copy = copy_of([], entries, wallet_id="wallet-1", language="en", now=NOW)

    assert isinstance(copy["history"], list)
    assert len(copy["history"]) == MOST_HISTORY
    assert "21 November 2026" in json.dumps(copy["history"][0])
