"""Settings of the trust registry, from the environment (REGISTRY_…)."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.web.settings import ConsoleSettings, DidHostSettings


class Settings(DidHostSettings, ConsoleSettings):
    """Who the authority is and what its list is called."""

    model_config = SettingsConfigDict(env_prefix="REGISTRY_", hide_input_in_errors=True, extra="ignore")

    authority_name: str = Field(min_length=1, description="The authority's name, as its lists show it.")
    territory: str = Field(
        pattern=r"^[A-Z]{2}$", description="Country the scheme is for, as two capital letters."
    )
    list_name: str = Field(
        default="accredited",
        pattern=r"^[a-z0-9][a-z0-9-]{0,60}$",
        description="The list's name in its address: lower-case letters, digits, hyphens.",
    )
    validity_hours: float = Field(
        default=24.0, gt=0, le=24 * 180, description="How long a list is valid until an officer sets another."
    )
    four_eyes: bool | None = Field(
        default=None,
        description="Whether a new register takes two people for every change: true outside development unless said. "
        "Later on the authority itself changes it.",
    )

    applications_a_minute: int = Field(
        default=20,
        ge=1,
        description="Applications, proofs and answers of one address: each may make this service fetch a DID's log.",
    )

    @property
    def four_eyes_at_first(self) -> bool:
        """What a new register begins with."""
        return not self.development if self.four_eyes is None else self.four_eyes
