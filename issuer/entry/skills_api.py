"""The API of skills: the search behind the template editor."""

from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from issuer.domain.skill import ATTRIBUTION, FoundSkill, SkillFile
from issuer.entry.acting import Acting, acting
from issuer.use_cases.find_skills import FindSkills

MOST: int = 50
Reader = Annotated[Acting, Depends(acting("awards:read"))]


class SkillShape(BaseModel):
    """A skill; `name` is in the language it was found in, `names` are all there are."""

    uri: str
    kind: str = Field(description="skill/competence or knowledge")
    name: str
    language: str
    names: dict[str, str]
    description: str

    @classmethod
    def of(cls, found: FoundSkill) -> Self:
        """Show it."""
        return cls(
            uri=found.uri,
            kind=found.kind,
            name=found.names[found.found_in],
            language=found.found_in,
            names=dict(found.names),
            description=found.description,
        )


class SkillFileShape(BaseModel):
    """Which version of ESCO is here in a language."""

    language: str
    version: str
    skills: int

    @classmethod
    def of(cls, file: SkillFile) -> Self:
        """Show it."""
        return cls(language=file.language, version=file.version, skills=file.skills)


class SkillsShape(BaseModel):
    """What was found, the likeliest first; `imported` says what there is to be found."""

    items: list[SkillShape]
    imported: list[SkillFileShape]
    attribution: str


def skills_router(find_skills: FindSkills) -> APIRouter:
    """The route under /v1."""
    router = APIRouter(prefix="/v1", tags=["skills"])

    @router.get("/skills")
    async def skills(
        by: Reader,
        q: Annotated[
            str, Query(min_length=1, max_length=200, description="beginnings of words, in any order")
        ],
        language: Annotated[
            str | None,
            Query(
                pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
                description="whose names to search; without it all",
            ),
        ] = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = 20,
    ) -> SkillsShape:
        """Search ESCO's skills by name and other names, without regard to case and accents."""
        del by  # the same for every organisation
        found, files = await find_skills(q, language=language, limit=limit)
        return SkillsShape(
            items=[SkillShape.of(each) for each in found],
            imported=[SkillFileShape.of(each) for each in files],
            attribution=ATTRIBUTION,
        )

    return router
