"""What an agent must be told."""

from typing import Any

import pytest
from pydantic import ValidationError

from services.agent.settings import Settings, store_at

GOOD: dict[str, Any] = {
    "profile": "development",
    "party": "verifier",
    "label": "Kazi",
    "endpoint": "https://kazi.example/didcomm",
    "admin_port": 8407,
    "admin_key": "key",
    "wallet_key": "key",
    "storage_dir": "store",
    "nats_url": "nats://127.0.0.1:4222",
    "nats_user": "verifier",
    "nats_password": "password",
}


def test_secrets_do_not_show() -> None:
    assert "password" not in repr(Settings(**GOOD)).replace("nats_password", "")


@pytest.mark.parametrize("missing", ["profile", "admin_key", "wallet_key", "nats_password"])
def test_what_is_needed_has_no_default(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(f"AGENT_{missing.upper()}", raising=False)
    with pytest.raises(ValidationError, match=missing):
        Settings(**{name: value for name, value in GOOD.items() if name != missing})


def test_production_refuses_mapped_hosts() -> None:
    mapped = GOOD | {"profile": "production", "host_map": {"a.test": "http://127.0.0.1:1"}}
    with pytest.raises(ValidationError, match="leave it out in production"):
        Settings(**mapped)


@pytest.mark.parametrize("wrong", [{"party": "issuer"}, {"tails_base_url": "https://kazi.example/tails"}])
def test_tails_belong_to_the_issuer(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="belongs to the issuer"):
        Settings(**(GOOD | wrong))


def test_a_database_url_names_a_store() -> None:
    store = store_at("postgresql://amal:a%2Fb@db.example:5433/issuer_agent")
    assert (store.address, store.name, store.account, store.password) == (
        "db.example:5433", "issuer_agent", "amal", "a/b",
    )  # fmt: skip


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////tmp/secret.db",
        "postgresql://db.example/issuer",
        "postgresql://amal:secret@db.example",
        "postgresql://amal:sec/ret@db.example/issuer",
        "postgresql://amal:secret@db.example:x/issuer",
        "postgresql://amal:secret@db.example/issuer?sslmode=off",
    ],
)
def test_a_database_url_of_another_kind_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(
        ValidationError, match="expected postgresql://user:password@host:port/name"
    ) as refused:
        Settings(**GOOD, database_url=url)
    assert "secret" not in str(refused.value)


def test_learners_wallets_stay_files() -> None:
    wallet = GOOD | {"party": "wallet", "database_url": "postgresql://amal:secret@db.example/wallet"}
    with pytest.raises(ValidationError, match="a learner's wallet is a file of its own"):
        Settings(**wallet)
