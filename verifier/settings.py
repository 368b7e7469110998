"""What the verifier is told by its environment (VERIFIER_…)."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from shared.web.settings import ConsoleSettings, ServiceSettings
from verifier.domain.session import origin_of


class Settings(ServiceSettings, ConsoleSettings):
    """Settings of the verifier; secrets have no default."""

    model_config = SettingsConfigDict(env_prefix="VERIFIER_", hide_input_in_errors=True, extra="ignore")

    organisation_name: Annotated[
        str, Field(min_length=1, max_length=200, description="Name of the organisation that asks.")
    ]
    organisation_slug: Annotated[
        str,
        Field(
            pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
            description="Its name in addresses and DIDs: lower-case letters, digits, hyphens.",
        ),
    ]
    return_origins: tuple[str, ...] = Field(
        default=(),
        description="Origins of job platforms, as https://jobs.example, to which learners are returned after answering.",
    )
    host_away_hours: int = Field(
        default=24,
        ge=0,
        le=30 * 24,
        description="For how many hours after an issuer's host was last heard answers are judged by what it said then, while"
        " it does not answer; a requirement's status_max_age holds besides. 0: never.",
    )
    organisation_country: Annotated[
        str, Field(pattern=r"^[A-Z]{2}$", description="Its country, ISO 3166-1 alpha-2.")
    ]

    @field_validator("return_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            if origin_of(each) != each:
                raise ValueError(f"expected origins as https://jobs.example, in lower case; found {each!r}")
        return value

    def stand_ins(self) -> Iterator[str]:
        """Name each setting that is a convenience for development only."""
        yield from super().stand_ins()
        if any(each.startswith("http://") for each in self.return_origins):
            yield "return_origins over http"
