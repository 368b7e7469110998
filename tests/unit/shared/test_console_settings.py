"""The OpenID provider's settings: all of them or none, and https in production."""

import base64
import secrets

import pytest
from pydantic import ValidationError

from shared.web.settings import ConsoleSettings

GIVEN = {
    "profile": "development",
    "port": 1,
    "base_url": "https://verifier.amal-skills.org",
    "database_url": "sqlite:///x.db",
    "secret_key": base64.b64encode(bytes(range(32))).decode(),
    "nats_url": "tls://nats.amal-skills.org",
    "nats_user": "verifier",
    "nats_password": secrets.token_hex(24),
}
PROVIDER = {
    "oidc_issuer": "https://login.amal-skills.org",
    "oidc_client_id": "ujuzi",
    "oidc_client_secret": "given",
}


def test_without_a_provider_there_is_none() -> None:
    assert ConsoleSettings.model_validate(GIVEN).oidc_issuer is None


@pytest.mark.parametrize("missing", PROVIDER)
def test_half_a_provider_is_refused(missing: str) -> None:
    some = {name: value for name, value in PROVIDER.items() if name != missing}
    with pytest.raises(ValidationError, match="expected all of oidc_issuer"):
        ConsoleSettings.model_validate(GIVEN | some)


def test_production_refuses_a_provider_over_http() -> None:
    production = GIVEN | PROVIDER | {"profile": "production"}
    assert ConsoleSettings.model_validate(production).oidc_client_id == "ujuzi"
    with pytest.raises(ValidationError, match="oidc_issuer over http"):
        ConsoleSettings.model_validate(production | {"oidc_issuer": "http://login.amal-skills.org"})
