"""What the list says, as people read it: the same words on public pages and in the console."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from shared.contracts.attribute_words import ATTRIBUTE_WORDS
from shared.vc.trust_list import (
    EVERYTHING,
    ISCED_PREFIX,
    Action,
    Authorization,
    Status,
    StatusPeriod,
    TrustedEntity,
)
from shared.web.countries import country_name
from shared.web.languages import day_in_words

type Kind = Literal["all", "field", "named"]
type State = Status | Literal["not_yet", "over"]

KINDS: Final[Sequence[Kind]] = ("all", "field", "named")
STATES: Final[Sequence[State]] = (
    "granted",
    "suspended",
    "lapsed",
    "withdrawn",
    "compromised",
    "not_yet",
    "over",
)
_FIELDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "00": "generic programmes",
        "01": "education",
        "02": "arts and humanities",
        "03": "social sciences and journalism",
        "04": "business and law",
        "05": "natural sciences and mathematics",
        "06": "information and communication technologies",
        "07": "engineering, manufacturing and construction",
        "08": "agriculture, forestry, fisheries and veterinary",
        "09": "health and welfare",
        "10": "services",
    },
    "fr": {
        "00": "programmes généraux",
        "01": "éducation",
        "02": "lettres et arts",
        "03": "sciences sociales et journalisme",
        "04": "commerce et droit",
        "05": "sciences naturelles et mathématiques",
        "06": "technologies de l'information et de la communication",
        "07": "ingénierie, industries de transformation et construction",
        "08": "agriculture, sylviculture, halieutique et sciences vétérinaires",
        "09": "santé et protection sociale",
        "10": "services",
    },
    "pt": {
        "00": "programas gerais",
        "01": "educação",
        "02": "artes e humanidades",
        "03": "ciências sociais e jornalismo",
        "04": "gestão e direito",
        "05": "ciências naturais e matemática",
        "06": "tecnologias da informação e da comunicação",
        "07": "engenharia, indústria e construção",
        "08": "agricultura, silvicultura, pescas e veterinária",
        "09": "saúde e proteção social",
        "10": "serviços",
    },
    "sw": {
        "00": "programu za jumla",
        "01": "elimu",
        "02": "sanaa na ubinadamu",
        "03": "sayansi ya jamii na uandishi wa habari",
        "04": "biashara na sheria",
        "05": "sayansi asilia na hisabati",
        "06": "teknolojia ya habari na mawasiliano",
        "07": "uhandisi, viwanda na ujenzi",
        "08": "kilimo, misitu, uvuvi na mifugo",
        "09": "afya na ustawi",
        "10": "huduma",
    },
    "ar": {
        "00": "برامج عامة",
        "01": "التعليم",
        "02": "الفنون والعلوم الإنسانية",
        "03": "العلوم الاجتماعية والصحافة",
        "04": "الأعمال والقانون",
        "05": "العلوم الطبيعية والرياضيات",
        "06": "تقنيات المعلومات والاتصالات",
        "07": "الهندسة والصناعة والبناء",
        "08": "الزراعة والغابات ومصايد الأسماك والبيطرة",
        "09": "الصحة والرعاية",
        "10": "الخدمات",
    },
}
"""Broad fields of ISCED-F 2013."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing an authorization covers; `exact` is shown as it stands, left to right."""

    text: str
    exact: bool


@dataclass(frozen=True, slots=True)
class Period:
    """A status since a moment; `means` is the key of what follows for awards."""

    status: Status
    means: str
    since: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """An authorization as people read it."""

    id: str
    action: Action
    state: State
    resources: Sequence[Resource]
    places: Sequence[str]
    level: str | None
    sees: Sequence[str]
    since: str
    until: str | None
    dids: Sequence[str]
    evidence_url: str | None
    evidence_link: bool
    evidence_digest: str | None
    delegated_by: str | None
    periods: Sequence[Period]

    @property
    def now(self) -> Period:
        """The newest period."""
        return self.periods[0]


def permission(authorization: Authorization, language: str, now: datetime) -> Permission:
    """An authorization in words; periods newest first."""
    until, url, level = authorization.valid_to, authorization.evidence_url, authorization.highest_level
    return Permission(
        id=authorization.id,
        action=authorization.action,
        state=state_of(authorization, now),
        resources=[_resource(each, language) for each in authorization.resources if each != EVERYTHING]
        if EVERYTHING not in authorization.resources
        else [],
        places=[country_name(code, language) for code in authorization.jurisdictions],
        level=f"{level.framework.upper()} {level.level}" if level else None,
        sees=[ATTRIBUTE_WORDS[language].get(name, name) for name in authorization.attributes],
        since=day_in_words(authorization.valid_from, language),
        until=day_in_words(until, language) if until else None,
        dids=authorization.dids,
        evidence_url=url,
        evidence_link=bool(url and url.startswith("https://")),
        evidence_digest=authorization.evidence_digest,
        delegated_by=authorization.delegated_by,
        periods=[_period(each) for each in reversed(authorization.periods)],
    )


def state_of(authorization: Authorization, now: datetime) -> State:
    """The status, or that a granted one has not begun or is over by its days."""
    status = authorization.periods[-1].status
    today = now.astimezone(UTC).date()
    if status == "granted" and authorization.valid_from > today:
        return "not_yet"
    if status == "granted" and authorization.valid_to is not None and authorization.valid_to < today:
        return "over"
    return status


def kinds_of(authorization: Authorization) -> frozenset[Kind]:
    """What kinds of things an authorization covers."""
    return frozenset(_kind(resource) for resource in authorization.resources)


def fields(language: str) -> Mapping[str, str]:
    """The broad fields of study, `isced-f:NN` → name."""
    return {ISCED_PREFIX + code: name for code, name in _FIELDS[language].items()}


def matches(entity: TrustedEntity, text: str) -> bool:
    """Whether a name, DID or identifier of the organisation holds the text, in whatever case."""
    wanted = text.casefold()
    known = (entity.id, *entity.names.values(), *entity.dids, *entity.external_ids)
    return any(wanted in each.casefold() for each in known)


def _kind(resource: str) -> Kind:
    if resource == EVERYTHING:
        return "all"
    return "field" if resource.startswith(ISCED_PREFIX) else "named"


def _resource(resource: str, language: str) -> Resource:
    if not resource.startswith(ISCED_PREFIX):
        return Resource(resource, exact=True)
    code = resource.removeprefix(ISCED_PREFIX)
    name = _FIELDS[language].get(code[:2], "")
    return Resource(f"{name} ({resource})" if name else resource, exact=False)


def _period(period: StatusPeriod) -> Period:
    means = f"means_{period.status}"
    if period.status == "withdrawn":
        means += "_stand" if period.earlier_awards_stand else "_fall"
    return Period(period.status, means, period.since, period.reason)
