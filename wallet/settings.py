"""What the wallet service is told, from the environment (`WALLET_…`)."""

from datetime import timedelta

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.web.settings import AgentSettings


class Settings(AgentSettings):
    """Settings common to services with an agent, and how long a wallet stays open unused."""

    model_config = SettingsConfigDict(env_prefix="WALLET_", hide_input_in_errors=True, extra="ignore")

    idle_minutes: int = Field(
        default=10, ge=1, le=240, description="A wallet nobody uses for so long locks itself."
    )

    unlocks_a_minute: int = Field(
        default=10,
        ge=1,
        description="Attempts of one address to unlock one wallet; other addresses are not held up by them.",
    )

    backups_kept_days: int | None = Field(
        default=None,
        ge=0,
        le=3650,
        description="After how many days your backups are deleted, 0 if you make none; statements of deletion say so. Unset: they say that you have not said.",
    )

    @property
    def backups_kept(self) -> timedelta | None:
        """`backups_kept_days` as a duration."""
        return None if self.backups_kept_days is None else timedelta(days=self.backups_kept_days)

    @property
    def idle(self) -> timedelta:
        """`idle_minutes` as a duration."""
        return timedelta(minutes=self.idle_minutes)
