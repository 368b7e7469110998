"""Frameworks of levels and systems of credits: how far their numbers go, and what an hour of learning counts for.

Levels of two frameworks are compared only where an official document does so; it is named beside the table. That
African reports align national frameworks with the SADCQF or ACQF is known; no table of theirs was at hand, so none is here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Framework:
    """Levels from `lowest` to `highest`; `country` is ISO 3166-1 alpha-2, None for a framework of several countries."""

    code: str
    name: str
    lowest: int
    highest: int
    source: str
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Correspondence:
    """That levels of one framework are levels of another, as `source` says."""

    of: str
    to: str
    levels: Mapping[int, int]
    source: str


@dataclass(frozen=True, slots=True)
class CreditSystem:
    """Hours of learning for one credit, from `fewest` to `most`."""

    code: str
    fewest: float
    most: float
    source: str


@dataclass(frozen=True, slots=True)
class CreditsDoubtful:
    """Hours and credits of a programme that do not go together; `fewest` and `most` are the credits expected."""

    system: str
    credits: float
    hours: int
    fewest: float
    most: float

    def __str__(self) -> str:
        return (
            f"{self.credits:g} credits of {self.system} were found for {self.hours} hours;"
            f" {self.fewest:g} to {self.most:g} are expected. Correct the hours or the credits, or leave them if your"
            " institution counts differently and can say how."
        )


_INVENTORY: Final = (
    "ACQF inventory of national qualifications frameworks, acqf.africa/resources/nqf-inventory"
)

FRAMEWORKS: Final[Mapping[str, Framework]] = {
    each.code: each
    for each in (
        Framework(
            "eqf", "European Qualifications Framework", 1, 8, "Council Recommendation 2017/C 189/03, Annex II"
        ),
        Framework("acqf", "African Continental Qualifications Framework", 1, 10, "ACQF Guideline 2"),
        Framework("sadcqf", "SADC Qualifications Framework", 1, 10, "SADC Qualifications Framework"),
        Framework(
            "qf-ehea",
            "Qualifications Framework of the European Higher Education Area",
            0,
            3,
            "Council Recommendation 2017/C 189/03, Annex IV",
        ),
        Framework(
            "bw-nqf", "Botswana: National Credit and Qualifications Framework", 1, 10, _INVENTORY, "BW"
        ),
        Framework("cv-nqf", "Cabo Verde: Quadro Nacional de Qualificações", 1, 8, _INVENTORY, "CV"),
        Framework("ke-nqf", "Kenya National Qualifications Framework", 1, 10, _INVENTORY, "KE"),
        Framework("ls-nqf", "Lesotho Qualifications Framework", 1, 10, _INVENTORY, "LS"),
        Framework("ma-nqf", "Morocco: Cadre national des certifications", 1, 8, "data.acqf-qcp.africa", "MA"),
        Framework("mu-nqf", "Mauritius: National Qualifications Framework", 1, 10, _INVENTORY, "MU"),
        Framework(
            "pt-nqf",
            "Portugal: Quadro Nacional de Qualificações",
            1,
            8,
            "Portaria 782/2009; dges.gov.pt, National Qualifications Framework",
            "PT",
        ),
        Framework("sz-nqf", "Eswatini Qualifications Framework", 1, 10, _INVENTORY, "SZ"),
        Framework(
            "za-nqf",
            "South Africa: National Qualifications Framework",
            1,
            10,
            "National Qualifications Framework Act 67 of 2008, section 6",
            "ZA",
        ),
    )
}
"""By code. A national framework that is not here may be named all the same (`xx-nqf`); nothing is said of it."""

CORRESPONDENCES: Final = (
    Correspondence(
        "qf-ehea", "eqf", {0: 5, 1: 6, 2: 7, 3: 8}, "Council Recommendation 2017/C 189/03, Annex IV"
    ),
    Correspondence(
        "pt-nqf",
        "eqf",
        {level: level for level in range(1, 9)},
        "Report on the referencing of the national qualifications framework to the EQF, Portugal, June 2011;"
        " dges.gov.pt: the framework adopts the EQF's levels and descriptors",
    ),
)

CREDIT_SYSTEMS: Final[Mapping[str, CreditSystem]] = {
    each.code: each
    for each in (
        CreditSystem("ECTS", 25, 30, "ECTS Users' Guide 2015"),
        CreditSystem("ACTS", 20, 25, "HAQAA3, African Credit Transfer System, module 1"),
        CreditSystem("EACAT", 10, 10, "East African Credit Accumulation and Transfer: 10 notional hours"),
        CreditSystem(
            "SADC-CATS", 10, 10, "SADC Guidelines for Credit Accumulation and Transfer: 10 notional hours"
        ),
        CreditSystem("10-notional-hours", 10, 10, "by its name"),
        CreditSystem("US-semester", 45, 48, "a semester's credit: 15 to 16 weeks of three hours"),
    )
}
_TENTH: Final = 10


def credits_doubtful(hours: int | None, amount: float | None, system: str | None) -> CreditsDoubtful | None:
    """Return what is wrong with credits for these hours, None where they go together or one of them is not stated.

    A tenth more or less is let pass, as are whole numbers next to the range: programmes round.
    """
    known = CREDIT_SYSTEMS.get(system or "")
    if hours is None or amount is None or known is None:
        return None
    fewest, most = hours / known.most, hours / known.fewest
    slack = max(1.0, most / _TENTH) if most >= 1 else 0.5
    if fewest - slack < amount < most + slack:
        return None
    return CreditsDoubtful(known.code, amount, hours, _rounded(fewest), _rounded(most))


def beyond(framework: str, level: int) -> Framework | None:
    """Return the framework if it is known and has no such level."""
    known = FRAMEWORKS.get(framework)
    return None if known is None or known.lowest <= level <= known.highest else known


def _rounded(amount: float) -> float:
    return round(amount * _TENTH) / _TENTH
