"""What the template editor lets an officer choose from, in her language."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from issuer.entry.acting import Acting, acting
from shared.contracts.level_words import level_words
from shared.vc.frameworks import CORRESPONDENCES, CREDIT_SYSTEMS, FRAMEWORKS, Framework
from shared.vc.vocabularies import HELP_IN, LABELS_IN, VOCABULARIES, Term
from shared.web.countries import countries
from shared.web.languages import ENGLISH

Reader = Annotated[Acting, Depends(acting("awards:read"))]


class TermShape(BaseModel):
    """A value a template's field may have."""

    value: str | int
    label: str
    help: str = Field(description="one line, in English where the language has none")
    concept: str | None = Field(description="of the European Learning Model")

    @classmethod
    def of(cls, term: Term, language: str) -> "TermShape":
        """Show it."""
        helped = language if language in HELP_IN else ENGLISH
        return cls(
            value=term.value, label=term.labels[language], help=term.help[helped], concept=term.concept
        )


class VocabularyShape(BaseModel):
    """What one field of a template may say; `element` is Annex I's name of it."""

    element: str
    terms: list[TermShape]


class LevelShape(BaseModel):
    """A level; `meaning` is empty where the framework has no words here."""

    level: int
    meaning: str


class FrameworkShape(BaseModel):
    """A framework of levels."""

    code: str
    name: str
    country: str | None
    levels: list[LevelShape]
    source: str
    corresponds: dict[str, dict[int, int]] = Field(
        description="its levels as those of another framework, where an official document says so"
    )

    @classmethod
    def of(cls, framework: Framework, language: str) -> "FrameworkShape":
        """Show it."""
        return cls(
            code=framework.code,
            name=framework.name,
            country=framework.country,
            levels=[
                LevelShape(level=level, meaning=level_words(framework.code, level).get(language, ""))
                for level in range(framework.lowest, framework.highest + 1)
            ],
            source=framework.source,
            corresponds={each.to: dict(each.levels) for each in CORRESPONDENCES if each.of == framework.code},
        )


class CreditSystemShape(BaseModel):
    """A system of credits, with the hours of learning one of them stands for."""

    code: str
    fewest_hours: float
    most_hours: float
    source: str


class CountryShape(BaseModel):
    """A country of ISO 3166-1."""

    code: str
    name: str


class VocabulariesShape(BaseModel):
    """Everything to choose from."""

    language: str
    fields: dict[str, VocabularyShape] = Field(description="by the template's field")
    frameworks: list[FrameworkShape]
    credit_systems: list[CreditSystemShape]
    countries: list[CountryShape] = Field(description="in the order of their names")


def vocabularies_router() -> APIRouter:
    """The route under /v1."""
    router = APIRouter(prefix="/v1", tags=["templates"])

    @router.get("/vocabularies")
    async def vocabularies(
        by: Reader,
        language: Annotated[
            str, Query(max_length=20, description="en, fr, pt, sw or ar; English for any other")
        ] = ENGLISH,
    ) -> VocabulariesShape:
        """What a template's fields may say, with labels, help and what they mean elsewhere."""
        del by  # the same for every organisation
        base = language.partition("-")[0].lower()
        spoken = base if base in LABELS_IN else ENGLISH
        return VocabulariesShape(
            language=spoken,
            fields={
                field: VocabularyShape(
                    element=each.element, terms=[TermShape.of(term, spoken) for term in each.terms]
                )
                for field, each in VOCABULARIES.items()
            },
            frameworks=[FrameworkShape.of(each, spoken) for each in FRAMEWORKS.values()],
            credit_systems=[
                CreditSystemShape(
                    code=each.code, fewest_hours=each.fewest, most_hours=each.most, source=each.source
                )
                for each in CREDIT_SYSTEMS.values()
            ],
            countries=[CountryShape(code=code, name=name) for code, name in countries(spoken).items()],
        )

    return router
