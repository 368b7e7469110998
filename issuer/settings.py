"""The issuer's settings, from ISSUER_… variables."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from issuer.domain.organisation import SLUG
from shared.web.settings import ConsoleSettings, ServiceSettings


class Settings(ServiceSettings, ConsoleSettings):
    """What an issuer is told; the organisation is made from it at the first start."""

    model_config = SettingsConfigDict(env_prefix="ISSUER_", hide_input_in_errors=True, extra="ignore")

    organisation_name: str = Field(min_length=1, max_length=200)
    organisation_slug: str = Field(pattern=SLUG, description="lower-case letters, digits, hyphens")
    organisation_country: str = Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2")
    keep_awards_years: int = Field(
        default=10,
        ge=1,
        le=100,
        description="How long name, grade and date of an award are kept after its last move; ask your law.",
    )
