"""What the verifier is told by its environment (VERIFIER_…)."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.web.settings import ConsoleSettings, ServiceSettings


class Settings(ServiceSettings, ConsoleSettings):
    """Settings of the verifier; secrets have no default."""

    model_config = SettingsConfigDict(env_prefix="VERIFIER_", hide_input_in_errors=True, extra="ignore")

    organisation_name: Annotated[str, Field(min_length=1, max_length=200)]
    organisation_slug: Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
    organisation_country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
