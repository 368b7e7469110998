"""Wrong settings end a service with one sentence that names variables and never shows values."""

import pytest
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.adapters.environment import from_environment


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SCHOOL_")

    port: int
    password: SecretStr
    host_map: dict[str, str] = {}


def test_settings_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHOOL_PORT", "8400")
    monkeypatch.setenv("SCHOOL_PASSWORD", "sesame")
    assert from_environment(Settings).port == 8400


def test_every_wrong_variable_is_named_and_no_value_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHOOL_PORT", "sesame")
    monkeypatch.delenv("SCHOOL_PASSWORD", raising=False)
    with pytest.raises(SystemExit, match=r"SCHOOL_PORT: .*SCHOOL_PASSWORD: Field required") as refused:
        from_environment(Settings)
    assert "sesame" not in str(refused.value)


def test_what_is_no_json_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHOOL_HOST_MAP", "sesame")
    with pytest.raises(SystemExit, match=r'"host_map".*expected JSON') as refused:
        from_environment(Settings)
    assert "sesame" not in str(refused.value)
