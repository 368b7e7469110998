"""What graduates read: in five languages, harmless whatever a name holds, short where it costs."""

import csv
import io
from dataclasses import replace
from datetime import date

import pytest

from issuer.domain.message import Channel, Kind
from issuer.domain.sms import sms_size
from issuer.entry.delivery_api import as_csv
from issuer.entry.message_text import compose, slip_text
from issuer.entry.message_words import WORDS
from issuer.ports import Facts
from issuer.use_cases.hand_out import Listed
from shared.web.languages import LANGUAGES
from tests.support.issuer import batch_of, graduate, prepared_award, published_template
from tests.support.messages import claim_link_of

FACTS = Facts(
    kind=Kind.CLAIM_LINK,
    language="en",
    organisation="Digital Skills Trust",
    programme="Data analytics",
    given_name="Amina",
    full_name="Amina Wanjiru",
    link="https://issuer.example/claim/LONG",
    short_link="https://issuer.example/claim/K7PX9M2AQ4TZ8RWD",
    code="",
    code_by=Channel.SMS,
    needs_code=True,
    until=date(2027, 5, 21),
)


def test_every_language_has_every_word() -> None:
    assert WORDS.keys() == LANGUAGES.keys()
    for language, words in WORDS.items():
        assert words.keys() == WORDS["en"].keys(), language


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", Kind)
def test_every_message_says_what_it_is_for_in_every_language(language: str, kind: Kind) -> None:
    code = "K7PX9M2A" if kind is Kind.CODE else ""
    reason = "Given by mistake." if kind is Kind.REVOKED else ""
    letter = compose(replace(FACTS, kind=kind, language=language, code=code, reason=reason))
    for text in (letter.text, letter.html, letter.short):
        assert (code or reason or "issuer.example/claim/") in text
    assert ("issuer.example" in letter.text) == (kind not in {Kind.CODE, Kind.REVOKED}), (
        "never link and code in one message"
    )
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in letter.html
    if kind not in {Kind.CODE, Kind.REVOKED}:
        assert "2027" in letter.text
        assert "2027-05-21" in letter.short


@pytest.mark.parametrize(
    ("tag", "language"), [("fr-CA", "fr"), ("AR", "ar"), ("am", "en"), ("", "en"), ("x", "en")]
)
def test_an_unknown_language_is_written_to_in_english(tag: str, language: str) -> None:
    assert f'lang="{language}"' in compose(replace(FACTS, language=tag)).html


def test_where_the_code_comes_from_is_said() -> None:
    assert "by SMS" in compose(FACTS).text
    assert "another e-mail" in compose(replace(FACTS, code_by=Channel.EMAIL)).text
    assert "on paper" in compose(replace(FACTS, code_by=Channel.SHEET)).text
    assert "separately" in compose(replace(FACTS, code_by=None)).text
    assert "code" not in compose(replace(FACTS, needs_code=False)).text


def test_names_with_html_and_braces_stay_names() -> None:
    evil = '<img src=x onerror="x">{day}'
    letter = compose(replace(FACTS, given_name=evil, organisation=evil, programme=evil))
    assert "<img" not in letter.html
    assert "&lt;img" in letter.html
    assert evil in letter.text


@pytest.mark.parametrize("language", ["en", "fr", "pt", "sw"])
@pytest.mark.parametrize("kind", Kind)
def test_text_messages_keep_to_the_cheap_alphabet(language: str, kind: Kind) -> None:
    short = compose(replace(FACTS, kind=kind, language=language, code="K7PX9M2A")).short
    assert sms_size(short).encoding == "GSM-7"
    assert sms_size(short).segments <= 2
    long = compose(replace(FACTS, kind=kind, organisation="o" * 200, programme="p" * 500)).short
    assert sms_size(long).segments <= 2


def test_a_slip_holds_the_link_or_the_code_never_both() -> None:
    link = slip_text(FACTS, link_by=Channel.SHEET, code_goes_by_hand=False)
    assert (link.link, link.code, link.code_label) == (FACTS.short_link, "", "")
    assert link.note.startswith("Your one-time code comes by SMS.")
    code = slip_text(replace(FACTS, code="K7PX9M2A"), link_by=Channel.EMAIL, code_goes_by_hand=False)
    assert (code.link, code.code) == ("", "K7PX9M2A")
    assert "e-mail" in code.instruction
    by_hand = slip_text(replace(FACTS, code_by=None), link_by=Channel.SHEET, code_goes_by_hand=True)
    assert (by_hand.code_label, by_hand.code) == ("One-time code", "")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff20"])
def test_no_cell_of_the_list_is_run_as_a_formula(start: str) -> None:
    template = published_template()
    evil = f'{start}HYPERLINK("https://evil.example")'
    award = prepared_award(
        template, batch_of(template), graduate=graduate(given_name=evil, phone="+254700000001")
    )
    content = as_csv([Listed(award, claim_link_of(award), "https://issuer.example/claim/x")])
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert row["given_name"] == f"'{evil}"
    assert row["phone"] == "'+254700000001"
    assert row["link"] == "https://issuer.example/claim/x"
    assert row["until"] == "2027-05-20"
