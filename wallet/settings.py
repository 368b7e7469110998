"""What the wallet service is told, from the environment (`WALLET_…`)."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator
from pydantic_settings import SettingsConfigDict

from shared.contracts.streams import MAIN_SHARD, SHARD_NAME
from shared.web.settings import AgentSettings
from wallet.domain.capacity import DEFAULT_MOST_NEW_WALLETS, DEFAULT_MOST_WALLETS, Quota


class Settings(AgentSettings):
    """Settings common to services with an agent, and how long a wallet stays open unused."""

    model_config = SettingsConfigDict(env_prefix="WALLET_", hide_input_in_errors=True, extra="ignore")

    agents: dict[Annotated[str, StringConstraints(pattern=f"^{SHARD_NAME}$")], str] = Field(
        default_factory=dict,
        description="Agents of further shards, as a JSON object of URLs by shard; the one of `agent_url` has the shard main.",
    )

    idle_minutes: int = Field(
        default=10, ge=1, le=240, description="A wallet nobody uses for so long locks itself."
    )

    replicas: int = Field(
        default=1,
        ge=1,
        description="How many processes of this service run: each lets its share of wrong keys and new wallets pass.",
    )
    unlocks_a_minute: int = Field(
        default=10,
        ge=1,
        description="Wrong keys from one address for one wallet before it is answered 429; the right key is always heard.",
    )

    most_wallets: int = Field(
        default=DEFAULT_MOST_WALLETS, ge=1, description="Wallets that may live here; beyond it none is made."
    )
    most_new_wallets_a_day: int = Field(
        default=DEFAULT_MOST_NEW_WALLETS,
        ge=1,
        description="Wallets made or brought along in 24 hours, of all addresses.",
    )
    new_wallets_a_day_of_one_address: int = Field(
        default=1_000,
        ge=1,
        description="Wallets made or brought along from one address: so many at once, then spread over the day.",
    )

    @field_validator("agents")
    @classmethod
    def _further_ones(cls, given: dict[str, str]) -> dict[str, str]:
        if MAIN_SHARD in given:
            raise ValueError(f"expected further shards, found {MAIN_SHARD}: its agent is WALLET_AGENT_URL")
        return given

    @property
    def shards(self) -> Mapping[str, str]:
        """The URL of each shard's agent."""
        return {MAIN_SHARD: self.agent_url, **self.agents}

    @property
    def quota(self) -> Quota:
        """What the installation may grow to."""
        return Quota(self.most_wallets, self.most_new_wallets_a_day)

    @property
    def unlocks_here(self) -> int:
        """This process's share of `unlocks_a_minute`: whichever replicas somebody meets, all let no more pass than it says."""
        return max(1, self.unlocks_a_minute // self.replicas)

    @property
    def new_wallets_here(self) -> int:
        """This process's share of `new_wallets_a_day_of_one_address`."""
        return max(1, self.new_wallets_a_day_of_one_address // self.replicas)

    @property
    def decoy_key(self) -> bytes:
        """Makes what strangers are told of wallets that do not live here, the same after every start."""
        return hmac.digest(self.sealing_key, b"wallets that do not live here", hashlib.sha256)

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
