"""How an organisation shows itself to learners: names, a few words, how to reach it, its colour and its logo.

Names in other languages are for showing only. What is signed (editions, the DID's documents) says the main name, which is
`Organisation.name`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from issuer.errors import Fault

LONGEST_NAME: Final = 200
LONGEST_DESCRIPTION: Final = 500
LONGEST_CONTACT: Final = 200
LARGEST_LOGO: Final = 256 * 1024
"""Bytes of the file that is brought."""
LEAST_CONTRAST: Final = 4.5
"""Of text beside its background, WCAG 2.2 success criterion 1.4.3 (AA)."""
_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
_EMAIL: Final = re.compile(r"[^\s@<>\"',;:\\()\[\]]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)
_PHONE: Final = re.compile(r"\+?[0-9][0-9 ()./-]{3,28}[0-9]")
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that turn the direction of what follows."""
_STEPS: Final = 256


@dataclass(frozen=True, slots=True)
class Profile:
    """What learners are shown. Names and descriptions by language; what is empty is not shown.

    `colour` is #rrggbb, `logo` the SHA-256 digest of its content in hexadecimal.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    website: str = ""
    email: str = ""
    phone: str = ""
    colour: str = ""
    logo: str = ""


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture as it is served: `content` was written here, whatever was brought."""

    digest: str
    media_type: str
    content: bytes = field(repr=False)


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text for a language tag such as `fr-CD`, or an empty one."""
    return texts.get(language) or texts.get(language.partition("-")[0].lower()) or ""


def has_unseen(text: str) -> bool:
    """Whether a line holds characters nobody sees, which could make it read as something else."""
    return bool(_UNSEEN.search(text))


def faults_of(profile: Profile) -> tuple[Fault, ...]:
    """What keeps this profile from being shown."""
    return tuple(_faults(profile))


def _faults(profile: Profile) -> Iterator[Fault]:
    for what, texts, longest in (
        ("names", profile.names, LONGEST_NAME),
        ("descriptions", profile.descriptions, LONGEST_DESCRIPTION),
    ):
        for language, text in texts.items():
            where = f"{what}.{language}"
            if len(text) > longest:
                yield Fault(where, f"Expected at most {longest} characters, found {len(text)}: shorten it.")
            if has_unseen(text):
                yield Fault(
                    where, "Expected one line of text, found characters that cannot be seen: type it anew."
                )
    if profile.website and not _is_web_site(profile.website):
        yield Fault(
            "website",
            "Expected the https address of a web site, such as https://www.example.org: copy it from the browser.",
        )
    if profile.email and not (len(profile.email) <= LONGEST_CONTACT and _EMAIL.fullmatch(profile.email)):
        yield Fault("email", "Expected one e-mail address, such as office@example.org.")
    if profile.phone and not _PHONE.fullmatch(profile.phone):
        yield Fault("phone", "Expected a telephone number, such as +254 700 000 000.")
    if profile.colour:
        yield from _colour_faults(profile.colour)


def _is_web_site(text: str) -> bool:
    if len(text) > LONGEST_CONTACT or has_unseen(text) or " " in text:
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme == "https" and "." in (parts.hostname or "") and "@" not in parts.netloc


def _colour_faults(colour: str) -> Iterator[Fault]:
    if not _COLOUR.fullmatch(colour):
        yield Fault("colour", "Expected a colour as # and six digits from 0 to f, such as #0b5d3b.")
        return
    found = contrast(colour, "#ffffff")
    if found < LEAST_CONTRAST:
        yield Fault(
            "colour",
            f"White text on {colour} is hard to read: expected a contrast of {LEAST_CONTRAST}:1 (WCAG AA), found "
            f"{_shown(found)}:1; black on it has {_shown(contrast(colour, '#000000'))}:1. Take a darker colour: the nearest "
            f"of this kind is {darkened(colour)}.",
        )


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (#rrggbb), from 1 to 21, as WCAG 2.2 defines it."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def darkened(colour: str) -> str:
    """The lightest colour of the same hue on which white text has enough contrast."""
    red, green, blue = _channels(colour)
    for step in range(_STEPS, -1, -1):
        found = f"#{red * step // _STEPS:02x}{green * step // _STEPS:02x}{blue * step // _STEPS:02x}"
        if contrast(found, "#ffffff") >= LEAST_CONTRAST:
            return found
    return "#000000"


def _shown(ratio: float) -> str:
    """One digit, cut and not rounded: 4.49 is not 4.5."""
    return f"{int(ratio * 10) / 10:.1f}"


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - of sRGB
        for part in (channel / 255 for channel in _channels(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
