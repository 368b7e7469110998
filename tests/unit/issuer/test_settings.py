"""What an issuer must be told, and what production refuses."""

import base64
import re

import pytest
from pydantic import ValidationError

from issuer.main import run
from issuer.settings import Settings

GOOD = {
    "ISSUER_PROFILE": "development",
    "ISSUER_PORT": "8400",
    "ISSUER_BASE_URL": "http://127.0.0.1:8400",
    "ISSUER_DATABASE_URL": "sqlite:////tmp/issuer.db",
    "ISSUER_SECRET_KEY": base64.b64encode(bytes(32)).decode(),
    "ISSUER_NATS_URL": "nats://127.0.0.1:8404",
    "ISSUER_NATS_USER": "issuer",
    "ISSUER_NATS_PASSWORD": "password",
    "ISSUER_AGENT_URL": "http://127.0.0.1:8405",
    "ISSUER_AGENT_KEY": "key",
    "ISSUER_DID_HOST": "issuer.ujuzi.test",
    "ISSUER_HOST_MAP": '{"issuer.ujuzi.test": "http://127.0.0.1:8400"}',
    "ISSUER_ORGANISATION_NAME": "Digital Skills Trust",
    "ISSUER_ORGANISATION_SLUG": "digital-skills",
    "ISSUER_ORGANISATION_COUNTRY": "KE",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_settings_come_from_the_environment(environment: pytest.MonkeyPatch) -> None:
    del environment
    assert Settings().organisation_slug == "digital-skills"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ISSUER_ORGANISATION_SLUG", "Digital Skills"),
        ("ISSUER_ORGANISATION_COUNTRY", "Kenya"),
        ("ISSUER_ORGANISATION_NAME", ""),
        ("ISSUER_PROFILE", "production"),
    ],
)
def test_wrong_settings_are_refused(environment: pytest.MonkeyPatch, name: str, value: str) -> None:
    environment.setenv(name, value)
    with pytest.raises(ValidationError):
        Settings()


def test_a_missing_setting_is_named_in_one_sentence(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("ISSUER_AGENT_KEY")
    with pytest.raises(SystemExit, match="ISSUER_AGENT_KEY"):
        run()


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("ISSUER_MAIL_TLS", "none", "mail_tls none"),
        ("ISSUER_SMS_URL", "http://sms.example/send", "sms_url over http"),
    ],
)
def test_production_refuses_to_write_to_graduates_without_tls(
    environment: pytest.MonkeyPatch, name: str, value: str, named: str
) -> None:
    environment.setenv("ISSUER_PROFILE", "production")
    environment.setenv("ISSUER_MAIL_HOST", "mail.ngo.example")
    environment.setenv("ISSUER_MAIL_FROM", "awards@ngo.example")
    environment.setenv("ISSUER_SMS_BODY", '{"to": "{to}", "text": "{text}"}')
    environment.setenv(name, value)
    with pytest.raises(ValidationError, match=re.escape(named)):
        Settings()


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"ISSUER_MAIL_HOST": "mail.ngo.example"}, "expected mail_from with mail_host"),
        ({"ISSUER_MAIL_USER": "ujuzi"}, "both of mail_user and mail_password"),
        ({"ISSUER_SMS_URL": "https://sms.example", "ISSUER_SMS_BODY": '{"to": "{to}"}'}, "{to} and {text}"),
        (
            {
                "ISSUER_SMS_URL": "https://sms.example",
                "ISSUER_SMS_BODY": '{"to": ["{to}"], "text": "{text}"}',
                "ISSUER_SMS_FORMAT": "form",
            },
            "expected strings in sms_body",
        ),
        ({"ISSUER_MAIL_FROM": "Awards <awards@ngo.example>"}, "mail_from"),
    ],
)
def test_half_a_way_to_graduates_is_refused(
    environment: pytest.MonkeyPatch, given: dict[str, str], named: str
) -> None:
    for name, value in given.items():
        environment.setenv(name, value)
    with pytest.raises(ValidationError, match=re.escape(named)):
        Settings()
