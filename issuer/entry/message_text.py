"""Messages to graduates in words: as text, as simple HTML in the reading direction, short for a telephone."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from jinja2 import Environment, StrictUndefined

from issuer.domain.message import Channel, Kind
from issuer.domain.wording import Wording, fill
from issuer.entry.message_words import WORDS
from issuer.ports import Facts, Letter, SlipText
from shared.web.languages import ENGLISH, day_in_words, direction_of

_LONGEST_IN_SMS: Final = 40
"""Of an organisation's and a programme's name: what is longer costs more than it tells."""
_LONGEST_REASON_IN_SMS: Final = 100
_HAPPENED: Final = {
    Kind.CLAIM_LINK: "awarded",
    Kind.REMINDER: "waits",
    Kind.CORRECTED: "corrected",
    Kind.REISSUED: "reissued",
}
_HTML: Final = Environment(autoescape=True, undefined=StrictUndefined).from_string(
    """<!DOCTYPE html>
<html lang="{{ lang }}" dir="{{ dir }}"><head><meta charset="utf-8"><title>{{ subject }}</title></head>
<body style="font-family:sans-serif;line-height:1.5;max-width:36em{% if colour %};border-top:4px solid {{ colour }};padding-top:1em{% endif %}">
{% if picture %}<p><img src="cid:{{ picture }}" alt="{{ organisation }}" style="max-width:240px;max-height:72px"></p>
{% endif %}{% for kind, text in lines %}{% if kind == "link" %}<p dir="ltr" style="overflow-wrap:anywhere"><a href="{{ text }}">{{ text }}</a></p>
{% elif kind == "code" %}<p dir="ltr" style="font-size:1.5em;letter-spacing:.1em"><b>{{ text }}</b></p>
{% else %}<p style="white-space:pre-line">{{ text }}</p>
{% endif %}{% endfor %}</body></html>
"""
)


def language_of(tag: str) -> str:
    """The language of the words for a graduate's tag; English where there are none."""
    base = tag.partition("-")[0].lower()
    return base if base in WORDS else ENGLISH


def compose(facts: Facts) -> Letter:
    """The port ComposeLetter."""
    language = language_of(facts.language)
    words = WORDS[language]
    day = day_in_words(facts.until, language)
    told = {
        "name": facts.given_name,
        "organisation": facts.organisation,
        "programme": facts.programme,
        "day": day,
        "reason": facts.reason,
    }
    own = facts.own.get((facts.kind, language), Wording())
    opening = _own_lines(own.text) if own.text else _opening(facts, words)
    told |= {"link": facts.link, "code": facts.code}
    lines = [
        (kind, told[kind] if kind else fill(text, told)) for kind, text in [*opening, *_closing(facts, words)]
    ]
    subject = fill(own.subject or words[f"subject_{facts.kind}"], told)
    letter = Letter(
        subject=subject,
        text="\n\n".join(text for _, text in lines) + "\n",
        html="",
        short=_short(facts, own, language),
        picture=facts.logo,
    )
    html = _HTML.render(
        lang=language,
        dir=direction_of(language),
        subject=subject,
        lines=lines,
        colour=facts.colour,
        picture=letter.picture_id,
        organisation=facts.organisation,
    )
    return replace(letter, html=html)


def _own_lines(text: str) -> list[tuple[str, str]]:
    """An organisation's own words as paragraphs; link and code are taken out of theirs, to stand alone."""
    return [
        (line[1:-1] if line in {"{link}", "{code}"} else "", line.strip())
        for line in re.split(r"\n\s*\n|(\{link\}|\{code\})", text.replace("\r\n", "\n"))
        if line and line.strip()
    ]


def _opening(facts: Facts, words: Mapping[str, str]) -> list[tuple[str, str]]:
    """What is said line by line up to the link or the code, which stand alone and read from the left in every language."""
    if facts.kind is Kind.CODE:
        return [("", words["hello"]), ("", words["code_is"]), ("code", "")]
    if facts.kind is Kind.REVOKED:
        return [("", words["hello"]), ("", words["revoked"])]
    return [
        ("", words["hello"]),
        ("", words[_HAPPENED[facts.kind]]),
        ("", words["keep"]),
        ("", words["open"]),
        ("link", ""),
    ]


def _closing(facts: Facts, words: Mapping[str, str]) -> list[tuple[str, str]]:
    """What a graduate needs to know in any case."""
    if facts.kind is Kind.CODE:
        return [("", words["code_enter"])]
    if facts.kind is Kind.REVOKED:
        return [("", words["because"]), ("", words["ask"])]
    lines = [("", words["until"])]
    if facts.needs_code:
        lines.append(("", words[f"code_{facts.code_by or 'hand'}"]))
    return [*lines, ("", words["not_you"])]


def _short(facts: Facts, own: Wording, language: str) -> str:
    words = WORDS[language]
    told = {
        "name": _cut(facts.given_name),
        "organisation": _cut(facts.organisation),
        "programme": _cut(facts.programme),
        "day": facts.until.isoformat(),
        "link": facts.short_link,
        "code": facts.code,
        "reason": _cut(facts.reason, _LONGEST_REASON_IN_SMS),
    }
    text = fill(own.short or words[f"sms_{facts.kind}"], told)
    if facts.kind not in {Kind.CODE, Kind.REVOKED} and facts.needs_code:
        text += words["sms_has_code"]
    return text


def _cut(name: str, longest: int = _LONGEST_IN_SMS) -> str:
    return name if len(name) <= longest else f"{name[: longest - 3]}..."


def slip_text(facts: Facts, *, link_by: Channel, code_goes_by_hand: bool) -> SlipText:
    """What stands on a graduate's slip: her link, or where it was sent another way her code alone, never both.

    `code_goes_by_hand` leaves room to write a code that is known to the officer only.
    """
    language = language_of(facts.language)
    words = WORDS[language]
    told = {"organisation": facts.organisation, "day": day_in_words(facts.until, language)}
    code_only = bool(facts.code)
    note = words["slip_keep"]
    if facts.needs_code and facts.code_by in {Channel.EMAIL, Channel.SMS}:
        note = f"{words[f'slip_code_{facts.code_by}']} {note}"
    return SlipText(
        right_to_left=direction_of(language) == "rtl",
        name=facts.full_name,
        programme=facts.programme,
        organisation=facts.organisation,
        instruction=words[f"slip_link_{link_by}"] if code_only else words["slip_scan"],
        link="" if code_only else facts.short_link,
        until=words["slip_until"].format(**told),
        code_label=words["slip_code"] if code_only or code_goes_by_hand else "",
        code=facts.code,
        note=note,
        logo=facts.logo,
    )
