"""The languages people are shown, and how one is chosen: by the reader, else by her browser, else by whoever wrote to her."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from starlette.requests import HTTPConnection

LANGUAGES: Final[Mapping[str, str]] = {
    "en": "English",
    "fr": "Français",
    "pt": "Português",
    "sw": "Kiswahili",
    "ar": "العربية",
}
"""Tag → its own name. Every catalogue of words for learners has all of them."""

ENGLISH: Final = "en"
RIGHT_TO_LEFT: Final = frozenset({"ar", "fa", "he", "ps", "ur"})
CHOICE: Final = "lang"
"""The query parameter by which a reader chooses."""

type Words = Mapping[str, Mapping[str, str]]
"""A catalogue: language → key → text, with the same keys in every language."""


def language_for(
    request: HTTPConnection, *otherwise: str, remembered: str = "", among: Collection[str] = LANGUAGES
) -> str:
    """Return the language chosen in the address, else the one remembered, else the browser's first that is known.

    Known are those in `among`; failing all, the first known of `otherwise`, or English.
    """
    wanted = (request.query_params.get(CHOICE, ""), remembered, *_accepted(request), *otherwise)
    return next((found for tag in wanted if (found := _base(tag)) in among), ENGLISH)


def direction_of(language: str) -> str:
    """Return `rtl` or `ltr`, as HTML's `dir` says it."""
    return "rtl" if language.partition("-")[0].lower() in RIGHT_TO_LEFT else "ltr"


def day_in_words(day: date, language: str) -> str:
    """`2026-01-31` as "31 January 2026"."""
    month = _MONTHS[language].split()[day.month - 1]
    number = "1er" if (language, day.day) == ("fr", 1) else str(day.day)
    return f"{number} de {month} de {day.year}" if language == "pt" else f"{number} {month} {day.year}"


def moment_in_words(at: datetime, language: str) -> str:
    """A day and time in UTC, as "31 January 2026, 13:05 UTC"."""
    utc = at.astimezone(UTC)
    comma = "، " if language == "ar" else ", "
    return f"{day_in_words(utc.date(), language)}{comma}{utc:%H:%M} UTC"


def days_in_words(days: int, language: str) -> str:
    """`30` as "30 days", by the language's rules for plurals."""
    return _DAYS[language][_plural(days, language)].format(n=days)


def age_in_words(age: timedelta, language: str) -> str:
    """How long ago something was, as "5 minutes ago", in whole minutes, hours or days."""
    minutes = int(age.total_seconds() // 60)
    units = (("day", minutes // 1440), ("hour", minutes // 60), ("minute", minutes))
    unit, number = next(((unit, number) for unit, number in units if number > 0), ("now", 0))
    texts = _AGES[language][unit]
    return texts.get(_plural(number, language), texts["other"]).format(n=number)


def _plural(number: int, language: str) -> str:
    """The CLDR category of a whole number, as far as `_DAYS` tells them apart."""
    if number == 1:
        return "one"
    if language != "ar":
        return "other"
    if number == 2:  # noqa: PLR2004 - Arabic has a dual
        return "two"
    last = number % 100
    return "few" if last in range(3, 11) else "many" if last in range(11, 100) else "other"


def _accepted(request: HTTPConnection) -> Iterator[str]:
    """The browser's languages, the most wanted first."""
    wanted: list[tuple[float, str]] = []
    for part in request.headers.get("accept-language", "").split(","):
        tag, _, parameter = part.partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            weight = 0.0
        wanted.append((-weight, tag.strip()))
    return (tag for weight, tag in sorted(wanted, key=lambda each: each[0]) if weight)


def _base(tag: str) -> str:
    return tag.partition("-")[0].lower()


_MONTHS: Final = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "sw": "Januari Februari Machi Aprili Mei Juni Julai Agosti Septemba Oktoba Novemba Desemba",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
}

_DAYS: Final = {
    "en": {"one": "1 day", "other": "{n} days"},
    "fr": {"one": "1 jour", "other": "{n} jours"},
    "pt": {"one": "1 dia", "other": "{n} dias"},
    "sw": {"one": "siku 1", "other": "siku {n}"},
    "ar": {"one": "يوم واحد", "two": "يومان", "few": "{n} أيام", "many": "{n} يومًا", "other": "{n} يوم"},
}

_AGES: Final = {
    "en": {
        "now": {"other": "just now"},
        "minute": {"one": "1 minute ago", "other": "{n} minutes ago"},
        "hour": {"one": "1 hour ago", "other": "{n} hours ago"},
        "day": {"one": "1 day ago", "other": "{n} days ago"},
    },
    "fr": {
        "now": {"other": "à l'instant"},
        "minute": {"one": "il y a 1 minute", "other": "il y a {n} minutes"},
        "hour": {"one": "il y a 1 heure", "other": "il y a {n} heures"},
        "day": {"one": "il y a 1 jour", "other": "il y a {n} jours"},
    },
    "pt": {
        "now": {"other": "agora mesmo"},
        "minute": {"one": "há 1 minuto", "other": "há {n} minutos"},
        "hour": {"one": "há 1 hora", "other": "há {n} horas"},
        "day": {"one": "há 1 dia", "other": "há {n} dias"},
    },
    "sw": {
        "now": {"other": "sasa hivi"},
        "minute": {"one": "dakika 1 iliyopita", "other": "dakika {n} zilizopita"},
        "hour": {"one": "saa 1 iliyopita", "other": "saa {n} zilizopita"},
        "day": {"one": "siku 1 iliyopita", "other": "siku {n} zilizopita"},
    },
    "ar": {
        "now": {"other": "الآن"},
        "minute": {
            "one": "قبل دقيقة",
            "two": "قبل دقيقتين",
            "few": "قبل {n} دقائق",
            "other": "قبل {n} دقيقة",
        },
        "hour": {"one": "قبل ساعة", "two": "قبل ساعتين", "few": "قبل {n} ساعات", "other": "قبل {n} ساعة"},
        "day": {
            "one": "قبل يوم",
            "two": "قبل يومين",
            "few": "قبل {n} أيام",
            "many": "قبل {n} يومًا",
            "other": "قبل {n} يوم",
        },
    },
}
