"""A program told to be in production with settings for development ends at once and names all of them."""

import asyncio
import json
import sys
from typing import Any

import pytest
from pydantic_settings import BaseSettings

from tests.unit.shared.test_production_profile import PROGRAMS

MODULES = {
    "ISSUER_": "issuer",
    "VERIFIER_": "verifier",
    "WALLET_": "wallet",
    "REGISTRY_": "services.trust_registry",
    "AGENT_": "services.agent",
}


@pytest.mark.parametrize(("kind", "good", "bad", "said"), PROGRAMS)
async def test_it_ends_and_says_why_without_repeating_a_value(
    kind: type[BaseSettings], good: dict[str, Any], bad: dict[str, Any], said: list[str]
) -> None:
    prefix = kind.model_config["env_prefix"]
    settings = {f"{prefix}{name.upper()}": written(value) for name, value in (good | bad).items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", MODULES[prefix],
        env={"PATH": "/usr/bin:/bin", **settings},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, told = await asyncio.wait_for(process.communicate(), 60)

    words = told.decode()
    assert process.returncode == 1
    assert "Traceback" not in words
    assert [one for one in said if one not in words] == []
    assert [value for value in bad.values() if written(value) in words] == []


def written(value: object) -> str:
    return json.dumps(value) if isinstance(value, dict) else str(value)
