import base64

import pytest
from pydantic import ValidationError
from pydantic_settings import SettingsConfigDict

from shared.web.settings import ServiceSettings


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="TEST_", hide_input_in_errors=True, extra="ignore")


GOOD = {
    "PROFILE": "production",
    "PORT": "8400",
    "BASE_URL": "https://issuer.amal.org/",
    "DATABASE_URL": "sqlite:////data/issuer.db",
    "SECRET_KEY": base64.b64encode(bytes(range(32))).decode(),
    "NATS_URL": "tls://nats:4222",
    "NATS_USER": "issuer",
    "NATS_PASSWORD": "nats-password-for-tests-0123456789",
    "AGENT_URL": "http://agent:8031",
    "AGENT_KEY": "agent-key-for-tests-0123456789abcdef",
    "DID_HOST": "issuer.amal.org",
}


def load(monkeypatch: pytest.MonkeyPatch, **changed: str | None) -> Settings:
    for name, value in (GOOD | changed).items():
        if value is None:
            monkeypatch.delenv(f"TEST_{name}", raising=False)
        else:
            monkeypatch.setenv(f"TEST_{name}", value)
    return Settings()


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch)
    assert settings.sealing_key == bytes(range(32))
    assert settings.base_url == "https://issuer.amal.org"
    assert not settings.development


@pytest.mark.parametrize("name", ["PROFILE", "SECRET_KEY", "NATS_PASSWORD", "AGENT_KEY", "DATABASE_URL"])
def test_what_is_needed_has_no_default(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with pytest.raises(ValidationError, match=f"(?s){name.lower()}.*Field required"):
        load(monkeypatch, **{name: None})


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"HOST_MAP": '{"issuer.ujuzi.test": "http://127.0.0.1:8400"}'}, "host_map"),
        ({"BASE_URL": "http://issuer.amal.org"}, "base_url over http"),
        ({"BASE_URL": "https://127.0.0.1:8400"}, "base_url with a host name for tests"),
        ({"DID_HOST": "issuer.ujuzi.test"}, "did_host with a host name for tests"),
        ({"NATS_PASSWORD": "short"}, "nats_password shorter"),
        ({"AGENT_KEY": "short"}, "agent_key shorter"),
    ],
)
def test_production_refuses_conveniences_by_name_and_development_takes_them(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], named: str
) -> None:
    with pytest.raises(ValidationError, match=named):
        load(monkeypatch, **changed)
    assert load(monkeypatch, PROFILE="development", **changed).development


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"SECRET_KEY": "c2hvcnQ="}, "expected 32 bytes in base64, found 5"),
        ({"SECRET_KEY": "?"}, "expected 32 bytes in base64"),
        ({"BOOTSTRAP_API_KEY": "too-short"}, "expected 32 characters or more"),
        ({"DID_HOST": "https://issuer.amal.org"}, "expected a host name with a dot"),
        ({"DID_HOST": "127.0.0.1"}, "expected a host name with a dot"),
        ({"TRUSTED_PROXIES": '["10.0.0.1/8"]'}, "expected addresses or networks such as 10.0.0.0/8, found"),
        ({"BASE_URL": "issuer.amal.org"}, "expected an http or https URL"),
    ],
)
def test_a_malformed_setting_is_refused_without_repeating_it(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], message: str
) -> None:
    with pytest.raises(ValidationError, match=message) as refused:
        load(monkeypatch, **changed)
    assert "input_value" not in str(refused.value)


def test_secrets_stay_out_of_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = repr(load(monkeypatch, BOOTSTRAP_API_KEY="b" * 40, PROFILE="development"))
    for secret in (GOOD["SECRET_KEY"], GOOD["NATS_PASSWORD"], GOOD["AGENT_KEY"], "b" * 40):
        assert secret not in shown
