"""The shapes of requirement templates, and how they become the domain's and back."""

from datetime import date, datetime
from typing import Annotated, Literal, assert_never

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from verifier.domain.template import (
    MAX_PARAMETERS,
    MAX_TEXT,
    Content,
    DateParameter,
    Draft,
    IntegerParameter,
    LevelParameter,
    Parameter,
    Ref,
    Retired,
    SkillParameter,
    Template,
    TemplateState,
    TextParameter,
    template_state,
)
from verifier.entry.shapes import TEMPLATE_ID

STRICT = ConfigDict(extra="forbid")


class IntegerBody(BaseModel):
    """A whole number within bounds."""

    model_config = STRICT

    type: Literal["integer"]
    minimum: Annotated[int, Field(ge=-(10**9), le=10**9)]
    maximum: Annotated[int, Field(ge=-(10**9), le=10**9)]
    default: int | None = None


class LevelParameterBody(BaseModel):
    """A level of one framework; fills a `level` as a whole."""

    model_config = STRICT

    type: Literal["level"]
    framework: Annotated[str, Field(min_length=1, max_length=40)] = "eqf"
    minimum: Annotated[int, Field(ge=1, le=10)]
    maximum: Annotated[int, Field(ge=1, le=10)]
    default: int | None = None


class SkillBody(BaseModel):
    """A skill out of an allowed set of URIs."""

    model_config = STRICT

    type: Literal["skill"]
    allowed: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=300)]], Field(min_length=1, max_length=100)
    ]
    default: str | None = None


class DateBody(BaseModel):
    """A day within bounds."""

    model_config = STRICT

    type: Literal["date"]
    earliest: date | None = None
    latest: date | None = None
    default: date | None = None


class TextBody(BaseModel):
    """The words of the purpose, in one language or, by language, in several."""

    model_config = STRICT

    type: Literal["text"]
    longest: Annotated[int, Field(ge=1, le=MAX_TEXT)] = MAX_TEXT
    default: str | dict[str, str] | None = None


type ParameterBody = Annotated[
    IntegerBody | LevelParameterBody | SkillBody | DateBody | TextBody, Field(discriminator="type")
]
type ParameterName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]


class ContentBody(BaseModel):
    """What a version says."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "id": "junior-data-analyst",
                    "name": "Junior data analyst",
                    "parameters": {
                        "purpose": {"type": "text", "default": {"en": "Application: junior data analyst"}},
                        "level": {"type": "level", "framework": "eqf", "minimum": 3, "maximum": 6, "default": 4},
                    },
                    "requirement": {
                        "purpose": {"parameter": "purpose"},
                        "need": [
                            {
                                "skill": "http://data.europa.eu/esco/skill/2b92a5b2-6758-4ee3-9fb4-b6387a55cc8f",
                                "level": {"parameter": "level"},
                            }
                        ],
                        "reveal": ["title", "awarding_body"],
                        "keep_days": 30,
                    },
                }
            ]
        },
    )  # fmt: skip

    name: Annotated[str, Field(min_length=1, max_length=200)]
    parameters: Annotated[dict[ParameterName, ParameterBody], Field(max_length=MAX_PARAMETERS)] = {}
    requirement: dict[str, JsonValue] = Field(
        description='A requirement as POST /v1/requests takes it; {"parameter": NAME} stands for a value.'
    )

    def to_domain(self) -> Content:
        """The content, not yet checked."""
        return Content(
            self.name, {name: _parameter(each) for name, each in self.parameters.items()}, self.requirement
        )


class NewTemplateBody(ContentBody):
    """A new version, as a draft."""

    id: Annotated[str, Field(pattern=f"^{TEMPLATE_ID}$")]


class TemplateBody(BaseModel):
    """One version of a template."""

    id: str
    version: int
    ref: str = Field(description="What POST /v1/requests takes as `template`.")
    state: TemplateState
    name: str
    parameters: dict[str, ParameterBody]
    requirement: dict[str, JsonValue]
    created_at: datetime
    published_at: datetime | None
    retired_at: datetime | None
    previous: str | None = Field(description="The version before, which goes on to mean what it meant.")


def show_template(template: Template) -> TemplateBody:
    """A version as the API says it."""
    content, ref = template.content, template.ref
    return TemplateBody(
        id=ref.id,
        version=ref.version,
        ref=str(ref),
        state=template_state(template),
        name=content.name,
        parameters={name: _shown(each) for name, each in content.parameters.items()},
        requirement=dict(content.body),
        created_at=template.created_at,
        published_at=None if isinstance(template, Draft) else template.published_at,
        retired_at=template.retired_at if isinstance(template, Retired) else None,
        previous=str(Ref(ref.id, ref.version - 1)) if ref.version > 1 else None,
    )


def read_ref(text: str) -> Ref:
    """`junior-data-analyst@2`, whose form was checked."""
    template_id, _, version = text.rpartition("@")
    return Ref(template_id, int(version))


def _parameter(body: ParameterBody) -> Parameter:
    match body:
        case IntegerBody():
            return IntegerParameter(body.minimum, body.maximum, body.default)
        case LevelParameterBody():
            return LevelParameter(body.framework, body.minimum, body.maximum, body.default)
        case SkillBody():
            return SkillParameter(tuple(body.allowed), body.default)
        case DateBody():
            return DateParameter(body.earliest, body.latest, body.default)
        case TextBody():
            return TextParameter(body.longest, body.default)
        case _:
            assert_never(body)


def _shown(parameter: Parameter) -> ParameterBody:
    match parameter:
        case IntegerParameter(minimum, maximum, default):
            return IntegerBody(type="integer", minimum=minimum, maximum=maximum, default=default)
        case LevelParameter(framework, minimum, maximum, default):
            return LevelParameterBody(
                type="level", framework=framework, minimum=minimum, maximum=maximum, default=default
            )
        case SkillParameter(allowed, default):
            return SkillBody(type="skill", allowed=list(allowed), default=default)
        case DateParameter(earliest, latest, default):
            return DateBody(type="date", earliest=earliest, latest=latest, default=default)
        case TextParameter(longest, default):
            shown = default if isinstance(default, str | None) else dict(default)
            return TextBody(type="text", longest=longest, default=shown)
        case _:
            assert_never(parameter)
