"""The programs of an installation by their module, and whether they take the environment that a deployment gives them."""

from collections.abc import Mapping

import pytest
from pydantic_settings import BaseSettings

from issuer.settings import Settings as Issuer
from services.agent.settings import Settings as Agent
from services.trust_registry.settings import Settings as TrustRegistry
from verifier.settings import Settings as Verifier
from wallet.settings import Settings as Wallet

PROGRAMS: Mapping[str, type[BaseSettings]] = {
    "issuer": Issuer,
    "wallet": Wallet,
    "verifier": Verifier,
    "services.trust_registry": TrustRegistry,
    "services.agent": Agent,
}
OTHERS = {"PGSSLMODE", "PGSSLROOTCERT"}
"""Variables that libraries read: how PostgreSQL is reached."""


def settings_with(
    environment: Mapping[str, str], module: str, monkeypatch: pytest.MonkeyPatch
) -> BaseSettings:
    """The settings `python -m MODULE` starts with; fails for a variable that it does not know."""
    kind = PROGRAMS[module]
    prefix = kind.model_config.get("env_prefix", "")
    known = {f"{prefix}{name}".upper() for name in kind.model_fields}
    assert set(environment) - known - OTHERS == set(), f"{module} has no such settings"
    for name in known:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return kind()
