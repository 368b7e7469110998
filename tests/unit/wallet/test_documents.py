"""Files a learner takes away: whole in themselves, escaped, in her language."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.contracts.question_words import WORDS as MATTERS
from shared.contracts.question_words import Matter, content_of
from shared.web.languages import LANGUAGES, direction_of
from tests.support.wallet_fakes import (
    CRED_DEF,
    EDITION_ID,
    ISSUER,
    NOW,
    REGISTRY,
    VERIFIER,
    MemoryFacts,
    MemoryStore,
    a_credential,
    a_desk,
    a_wallet,
)
from wallet.domain.credential import StatusListFact
from wallet.domain.history import Entry, Kind
from wallet.entry.documents import Documents
from wallet.entry.leaving_words import WORDS
from wallet.main import TEMPLATES
from wallet.use_cases.desk import Desk
from wallet.use_cases.read_everything import read_everything
from wallet.use_cases.write_history import write_entry

PLACE = "https://wallet.example"
HOSTILE = "</script><script>alert('x')</script><img src=https://evil.example>"
DOCUMENTS = Documents(TEMPLATES, place=PLACE)


async def a_full_store() -> MemoryStore:
    store = MemoryStore()
    held = a_credential("c1", grade=HOSTILE, given_name="Wanjikũ")
    store.held["c1"] = replace(held, rev_reg_id=REGISTRY, rev_index=1)
    await store.write_note("settled", "o1", {"credential_id": "c1", "connection_id": "connection-1"})
    await store.write_note(
        "questions",
        "q1",
        {
            "connection_id": "connection-1",
            "content": content_of(Matter.NAME, HOSTILE, "en"),
            "at": NOW.isoformat(),
        },
    )
    share = Entry(
        "e1",
        NOW - timedelta(days=1),
        Kind.SHARED,
        "request-1",
        who_did=VERIFIER,
        said={
            "purpose": HOSTILE,
            "keep_days": 30,
            "needs": [
                {"credential_id": "c1", "title": HOSTILE, "revealed": {"Grade": HOSTILE}, "proven": []}
            ],
        },
    )
    await write_entry(store, share)
    return store


async def a_copy(store: MemoryStore, language: str) -> str:
    facts = MemoryFacts(statuses={REGISTRY: StatusListFact(NOW - timedelta(days=2), [0, 0])})
    desk: Desk = a_desk(facts=facts)
    everything = await read_everything(a_wallet(store), desk=desk)
    return DOCUMENTS.copy(everything, (), wallet_id="wallet-1", language=language, now=NOW)


def data_in(text: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    said: dict[str, object] = json.loads(found[1])
    return said


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_copy_says_everything_in_her_language(language: str) -> None:
    text = await a_copy(await a_full_store(), language)

    assert f'<html lang="{language}" dir="{direction_of(language)}">' in text
    for told in (
        "Wanjikũ",
        WORDS[language]["readable_title"],
        MATTERS[language][Matter.NAME],
        CRED_DEF,
        EDITION_ID,
        ISSUER,
        REGISTRY,
        "wallet-1",
        PLACE,
    ):
        assert told in text, told
    assert "2026" in text
    assert "{" not in re.sub(r"<style>.*?</style>|<script.*?</script>", "", text, flags=re.DOTALL)


async def test_nothing_an_issuer_or_verifier_wrote_runs_or_is_fetched() -> None:
    text = await a_copy(await a_full_store(), "en")

    assert re.findall(r"<script(?! type=\"application/json\")", text) == []
    assert "<img" not in text
    assert [each for each in re.findall(r'(?:src|href)="([^"]*)"', text) if each[0] not in "#d"] == []
    said = data_in(text)
    assert said["format"] == "ujuzi-copy/1"
    assert HOSTILE in json.dumps(said, ensure_ascii=False)
    assert [len(said[part]) for part in ("credentials", "threads", "history")] == [1, 1, 1]  # type: ignore[arg-type]


async def test_an_empty_wallet_has_a_copy_too() -> None:
    text = await a_copy(MemoryStore(), "sw")

    assert text.count(WORDS["sw"]["readable_none"]) >= 2
    assert data_in(text)["credentials"] == []
