"""An organisation's own words: what they may say, and how they stand in a message."""

from dataclasses import replace
from datetime import date

import pytest

from issuer.domain.message import Channel, Kind
from issuer.domain.profile import Logo
from issuer.domain.wording import Wording, faults_in, fill, kinds
from issuer.entry.message_preview import ours
from issuer.entry.message_text import compose
from issuer.entry.message_words import WORDS
from issuer.ports import Facts

FACTS = Facts(
    kind=Kind.CLAIM_LINK,
    language="en",
    organisation="Umoja Trust",
    programme="Data Analytics",
    given_name="{link} <b>Amina</b>",
    full_name="Amina Odhiambo",
    link="https://issuer.example/claim/long",
    short_link="https://issuer.example/claim/short",
    code="",
    code_by=Channel.SMS,
    needs_code=True,
    until=date(2027, 1, 31),
)


@pytest.mark.parametrize("kind", kinds())
@pytest.mark.parametrize("language", WORDS)
def test_our_words_would_do_as_own_ones(kind: Kind, language: str) -> None:
    assert faults_in(kind, ours(kind, language)) == ()


@pytest.mark.parametrize(
    ("kind", "wording", "where", "said"),
    [
        (Kind.CLAIM_LINK, Wording(text="Come."), "text", "Expected {link} once, found it 0 times"),
        (Kind.REMINDER, Wording(short="{link} {link}"), "short", "found it 2 times"),
        (Kind.CODE, Wording(text="Hello."), "text", "Expected {code} once"),
        (Kind.CLAIM_LINK, Wording(text="{link} {code}"), "text", "link and one-time code never go together"),
        (Kind.CODE, Wording(short="{code} {link}"), "short", "link and one-time code never go together"),
        (Kind.CODE, Wording(subject="{code}"), "subject", "which everybody sees"),
        (
            Kind.CLAIM_LINK,
            Wording(text="{link} {grade}"),
            "text",
            "{grade} is not known here: use {name}, {organisation}, {programme}, {day}, {link}",
        ),
        (Kind.CLAIM_LINK, Wording(text="{link} {name.__class__}"), "text", "A brace belongs to no"),
        (Kind.CLAIM_LINK, Wording(text="{link} or https://evil.example/x"), "text", "reads as a link"),
        (Kind.CLAIM_LINK, Wording(text="{link} or www.evil.example"), "text", "reads as a link"),
        (Kind.CLAIM_LINK, Wording(short="{link} evil.example"), "short", "reads as a link"),
        (Kind.CLAIM_LINK, Wording(text="{link} Javascript://x"), "text", "reads as a link"),
        (Kind.CLAIM_LINK, Wording(subject="Hi\r\nBcc: all"), "subject", "cannot be seen"),
        (Kind.CLAIM_LINK, Wording(text="{link} \u202e"), "text", "cannot be seen"),
        (Kind.CLAIM_LINK, Wording(short="{link}" + "x" * 300), "short", "at most 300 characters, found 306"),
    ],
)
def test_words_that_would_harm_are_refused_with_the_reason(
    kind: Kind, wording: Wording, where: str, said: str
) -> None:
    (fault,) = faults_in(kind, wording)
    assert fault.where == where
    assert said in fault.what


@pytest.mark.parametrize(
    "text", ["e.g. 12.30 h, No. 5.", "Write to office@umoja.example.", "Bravo... {name}"]
)
def test_what_is_no_link_may_be_said(text: str) -> None:
    assert faults_in(Kind.CLAIM_LINK, Wording(text=f"{text} {{link}}")) == ()


def test_what_is_filled_in_is_not_filled_again() -> None:
    assert fill("{name} {link}", {"name": "{link}", "link": "there"}) == "{link} there"


def test_own_words_come_first_and_what_must_be_known_follows_in_ours() -> None:
    own = Wording(
        subject="{name}!", text="Dear {name},\nwell done. Take it: {link} Yours", short="Go: {link}"
    )
    letter = compose(replace(FACTS, own={(Kind.CLAIM_LINK, "en"): own}))
    assert letter.subject == "{link} <b>Amina</b>!"
    assert letter.text.split("\n\n")[:3] == [
        "Dear {link} <b>Amina</b>,\nwell done. Take it:",
        "https://issuer.example/claim/long",
        "Yours",
    ]
    assert "until 31 January 2027" in letter.text
    assert "It comes to your telephone by SMS." in letter.text
    assert "&lt;b&gt;Amina&lt;/b&gt;" in letter.html
    assert letter.short == "Go: https://issuer.example/claim/short A code comes separately."


def test_words_of_another_language_or_kind_are_not_ours_to_send() -> None:
    own = {
        (Kind.REMINDER, "en"): Wording(text="Wake up {link}"),
        (Kind.CLAIM_LINK, "fr"): Wording(short="Hé {link}"),
    }
    assert compose(replace(FACTS, own=own)) == compose(FACTS)


def test_colour_and_logo_go_along_with_the_html() -> None:
    logo = Logo("ab" * 32, "image/png", b"picture")
    letter = compose(replace(FACTS, colour="#0a5f8a", logo=logo))
    assert letter.picture == logo
    assert f'src="cid:{letter.picture_id}" alt="Umoja Trust"' in letter.html
    assert "border-top:4px solid #0a5f8a" in letter.html
    assert "cid:" not in compose(FACTS).html
