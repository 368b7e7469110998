"""What people read: every catalogue is whole, and the language is the reader's."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from string import Formatter

import pytest
from starlette.requests import Request

import issuer.entry
import shared.web
import verifier.entry
import wallet.entry
from issuer.entry.wait_words import WORDS as WAIT_WORDS
from issuer.entry.words import WORDS as CLAIM_WORDS
from shared.web.languages import (
    ENGLISH,
    LANGUAGES,
    Words,
    age_in_words,
    day_in_words,
    days_in_words,
    direction_of,
    language_for,
)
from shared.web.words import WORDS as SHARED_WORDS
from verifier.entry.words import WORDS as REQUEST_WORDS
from wallet.entry.catalogue import WORDS as WALLET_WORDS

CATALOGUES: Mapping[str, Words] = {
    "shared": SHARED_WORDS,
    "issuer": CLAIM_WORDS,
    "issuer: waiting": WAIT_WORDS,
    "verifier": REQUEST_WORDS,
    "wallet": WALLET_WORDS,
}
PACKAGES = {"shared": shared.web, "issuer": issuer.entry, "verifier": verifier.entry, "wallet": wallet.entry}
JARGON = re.compile(r"\b(DIDs?|JWS|JSON|schema|verifiable|ledger|nonce|OOB)\b", re.IGNORECASE)
USED = re.compile(r"words\.([a-z_]+)")


def asking(query: str = "", accept: str | None = None) -> Request:
    headers = [] if accept is None else [(b"accept-language", accept.encode())]
    return Request({"type": "http", "query_string": query.encode(), "headers": headers})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CATALOGUES)
def test_every_language_has_every_text(name: str, language: str) -> None:
    english, texts = CATALOGUES[name][ENGLISH], CATALOGUES[name][language]
    assert texts.keys() == english.keys()
    assert [key for key, text in texts.items() if not text.strip()] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CATALOGUES)
def test_a_translation_fills_in_the_same_facts(name: str, language: str) -> None:
    english, texts = CATALOGUES[name][ENGLISH], CATALOGUES[name][language]
    assert {key: _blanks(text) for key, text in texts.items()} == {
        key: _blanks(text) for key, text in english.items()
    }


@pytest.mark.parametrize("name", CATALOGUES)
def test_a_catalogue_speaks_no_other_languages(name: str) -> None:
    assert CATALOGUES[name].keys() == LANGUAGES.keys()


@pytest.mark.parametrize("name", CATALOGUES)
def test_learners_read_plain_words(name: str) -> None:
    found = {key: text for words in CATALOGUES[name].values() for key, text in words.items()}
    assert [text for text in found.values() if JARGON.search(text)] == []


@pytest.mark.parametrize("name", PACKAGES)
def test_templates_use_only_texts_that_exist(name: str) -> None:
    folder = Path(str(PACKAGES[name].__file__)).parent / "templates"
    own = [words[ENGLISH] for of, words in CATALOGUES.items() if of.partition(":")[0] == name]
    known = SHARED_WORDS[ENGLISH].keys() | {text for words in own for text in words}
    used = {word for file in folder.glob("*.html") for word in USED.findall(file.read_text("utf-8"))}
    assert used
    assert used - known == set()


@pytest.mark.parametrize(
    ("query", "accept", "otherwise", "shown"),
    [
        ("", None, (), "en"),
        ("", "fr-CA,fr;q=0.9,en;q=0.8", (), "fr"),
        ("", "en;q=0.5, ar", (), "ar"),
        ("", "xh, PT-br;q=0.3", (), "pt"),
        ("", "fr;q=0, sw;q=0.1", (), "sw"),
        ("", "fr;q=much", (), "en"),
        ("", "xh,*", ("sw-KE",), "sw"),
        ("", "fr", ("sw",), "fr"),
        ("lang=sw", "fr", ("ar",), "sw"),
        ("lang=xh", "fr", (), "fr"),
    ],
)
def test_the_language_is_chosen_then_the_browsers_then_the_senders(
    query: str, accept: str | None, otherwise: tuple[str, ...], shown: str
) -> None:
    assert language_for(asking(query, accept), *otherwise) == shown


@pytest.mark.parametrize(("tag", "direction"), [("ar", "rtl"), ("fa-AF", "rtl"), ("sw", "ltr")])
def test_a_page_runs_in_its_languages_direction(tag: str, direction: str) -> None:
    assert direction_of(tag) == direction


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "1 March 2026"),
        ("fr", "1er mars 2026"),
        ("pt", "1 de março de 2026"),
        ("sw", "1 Machi 2026"),
        ("ar", "1 مارس 2026"),
    ],
)
def test_a_day_is_written_as_people_write_it(language: str, text: str) -> None:
    assert day_in_words(date(2026, 3, 1), language) == text


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=-5), {"en": "just now", "sw": "sasa hivi", "ar": "الآن"}),
        (timedelta(seconds=119), {"en": "1 minute ago", "fr": "il y a 1 minute", "ar": "قبل دقيقة"}),
        (timedelta(minutes=2), {"pt": "há 2 minutos", "ar": "قبل دقيقتين"}),
        (timedelta(minutes=59), {"sw": "dakika 59 zilizopita", "ar": "قبل 59 دقيقة"}),
        (timedelta(hours=3), {"fr": "il y a 3 heures", "ar": "قبل 3 ساعات"}),
        (timedelta(hours=24), {"en": "1 day ago", "sw": "siku 1 iliyopita", "ar": "قبل يوم"}),
        (timedelta(days=100), {"en": "100 days ago", "ar": "قبل 100 يوم"}),
    ],
)
def test_how_long_ago_is_said_in_whole_units(age: timedelta, said: Mapping[str, str]) -> None:
    assert {language: age_in_words(age, language) for language in said} == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_month_has_a_name(language: str) -> None:
    assert len({day_in_words(date(2026, month, 2), language) for month in range(1, 13)}) == 12


@pytest.mark.parametrize(
    ("days", "language", "text"),
    [
        (1, "en", "1 day"),
        (30, "en", "30 days"),
        (1, "fr", "1 jour"),
        (7, "pt", "7 dias"),
        (7, "sw", "siku 7"),
        (1, "ar", "يوم واحد"),
        (2, "ar", "يومان"),
        (3, "ar", "3 أيام"),
        (30, "ar", "30 يومًا"),
        (100, "ar", "100 يوم"),
        (365, "ar", "365 يومًا"),
    ],
)
def test_days_are_counted_by_the_languages_rules(days: int, language: str, text: str) -> None:
    assert days_in_words(days, language) == text


def _blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
