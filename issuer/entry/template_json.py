"""A programme's description as JSON."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from issuer.errors import TemplateInvalid
from shared.vc.achievement import AchievementTemplate, BadElement, Grading, QualityAssurance


class QualityAssuranceJson(BaseModel):
    """What is quality-assured, and how."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(description="institutional or programme")
    reference: str | None = None


class GradingJson(BaseModel):
    """How results are stated."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    scale: str = Field(description="pass or percentage")
    pass_mark: int | None = Field(default=None, alias="pass", description="the lowest percentage that passes")


class TemplateJson(BaseModel):
    """A programme with the elements of EU Council Recommendation 2022/C 243/02, Annex I; a draft may lack some."""

    model_config = ConfigDict(extra="forbid")

    title: dict[str, str] = Field(default_factory=dict, description="by language code")
    language: str | None = Field(default=None, description="the programme's own language")
    country: str | None = Field(default=None, description="of the issuer, ISO 3166-1 alpha-2")
    awarding_body: str | None = None
    learning_outcomes: list[str] = Field(default_factory=list)
    skills: list[str] = Field(default_factory=list, description="ESCO skill URIs")
    skill_names: dict[str, dict[str, str]] = Field(
        default_factory=dict,
        description="by skill, then by language; those of ESCO are filled in on publishing",
    )
    workload_hours: int | None = None
    credits: float | None = None
    credit_framework: str | None = Field(default=None, description="such as ECTS")
    levels: dict[str, int] = Field(
        default_factory=dict, description="by framework: eqf, acqf, sadcqf, ke-nqf …"
    )
    assessment: str | None = Field(default=None, description="written, oral, portfolio, project or practical")
    participation: str | None = Field(default=None, description="online, presential, blended or work-based")
    supervision: int | None = Field(
        default=None, description="0 none, 1 supervised without ID, 2 online with ID, 3 on site with ID"
    )
    quality_assurance: QualityAssuranceJson | None = None
    verification_level: str | None = Field(default=None, description="self, peer or independent")
    learning_route: str | None = Field(
        default=None, description="formal, non-formal, informal or recognition of prior learning"
    )
    grading: GradingJson | None = None
    valid_for_months: int | None = None
    stackable: bool | None = None
    prerequisites: list[str] = Field(default_factory=list)
    description: str | None = Field(default=None, description="in the programme's language")
    descriptions: dict[str, str] = Field(
        default_factory=dict, description="in other languages, by their codes"
    )

    def to_domain(self) -> AchievementTemplate:
        """Return the description. Raises TemplateInvalid for a value that cannot be."""
        quality, grading = self.quality_assurance, self.grading
        try:
            return AchievementTemplate(
                titles=self.title,
                language=self.language,
                country=self.country,
                awarding_body=self.awarding_body,
                outcomes=tuple(self.learning_outcomes),
                skills=tuple(self.skills),
                skill_names=self.skill_names,
                workload_hours=self.workload_hours,
                credits=self.credits,
                credit_framework=self.credit_framework,
                levels=self.levels,
                assessment=self.assessment,
                participation=self.participation,
                supervision=self.supervision,
                quality_assurance=QualityAssurance(quality.type, quality.reference) if quality else None,
                verification_level=self.verification_level,
                learning_route=self.learning_route,
                grading=Grading(grading.scale, grading.pass_mark) if grading else None,
                valid_for_months=self.valid_for_months,
                stackable=self.stackable,
                prerequisites=tuple(self.prerequisites),
                description=self.description,
                descriptions=self.descriptions,
            )
        except BadElement as error:
            raise TemplateInvalid(str(error), element=error.element) from error

    @classmethod
    def from_domain(cls, description: AchievementTemplate) -> Self:
        """Return the JSON form."""
        quality, grading = description.quality_assurance, description.grading
        return cls(
            title=dict(description.titles),
            language=description.language,
            country=description.country,
            awarding_body=description.awarding_body,
            learning_outcomes=list(description.outcomes),
            skills=list(description.skills),
            skill_names={skill: dict(names) for skill, names in description.skill_names.items()},
            workload_hours=description.workload_hours,
            credits=description.credits,
            credit_framework=description.credit_framework,
            levels=dict(description.levels),
            assessment=description.assessment,
            participation=description.participation,
            supervision=description.supervision,
            quality_assurance=QualityAssuranceJson(type=quality.type, reference=quality.reference)
            if quality
            else None,
            verification_level=description.verification_level,
            learning_route=description.learning_route,
            grading=GradingJson(scale=grading.scale, pass_mark=grading.pass_mark) if grading else None,
            valid_for_months=description.valid_for_months,
            stackable=description.stackable,
            prerequisites=list(description.prerequisites),
            description=description.description,
            descriptions=dict(description.descriptions),
        )
