"""Pure decisions of the agent plugin."""

import base64
import json

import base58
import pytest

from services.agent.domain.announcement import announce
from services.agent.domain.command_line import (
    MAX_ACTIVE,
    Agent,
    PostgresStore,
    Secrets,
    arguments,
    environment,
)
from services.agent.domain.envelope import recipient_keys
from services.agent.domain.wallet_key import checked
from services.agent.errors import NotAnEnvelope, NotAWalletKey


def agent(party: str) -> Agent:
    return Agent(
        party,  # type: ignore[arg-type]
        "Amal",
        "https://a.example/didcomm",
        "127.0.0.1",
        8405,
        "https://a.example/tails" if party == "issuer" else None,
    )


SECRETS = Secrets("the-admin-key", "the-wallet-key", "the-token-secret")


@pytest.mark.parametrize("party", ["issuer", "wallet", "verifier"])
def test_no_secret_is_on_the_command_line_and_nothing_happens_by_itself(party: str) -> None:
    line = " ".join(arguments(agent(party)))
    assert not any(secret in line for secret in ("the-admin-key", "the-wallet-key", "the-token-secret"))
    assert "--auto-respond" not in line
    assert "--auto-store" not in line
    assert "--admin-insecure-mode" not in line
    assert "--multitenant-admin" not in line
    assert ("--multitenant" in line) == (party == "wallet")
    assert ("--notify-revocation" in line) == (party == "issuer")


def test_secrets_go_through_the_environment() -> None:
    given = environment(SECRETS, "/var/lib/ujuzi")
    assert given["ACAPY_ADMIN_API_KEY"] == "the-admin-key"
    assert given["ACAPY_WALLET_KEY"] == "the-wallet-key"
    assert given["ACAPY_HOME"] == "/var/lib/ujuzi"
    assert 4 <= int(given["DISPATCHER_MAX_ACTIVE"]) <= 8


def test_a_store_in_postgresql_is_named_in_the_environment_alone() -> None:
    store = PostgresStore("db.example:5432", "issuer_agent", "amal", "the-password")
    held = Secrets("the-admin-key", "the-wallet-key", "the-token-secret", store)
    given = environment(held, "/var/lib/ujuzi")
    assert given["ACAPY_WALLET_STORAGE_TYPE"] == "postgres_storage"
    assert given["ACAPY_WALLET_NAME"] == "issuer_agent"
    assert json.loads(given["ACAPY_WALLET_STORAGE_CREDS"]) == {"account": "amal", "password": "the-password"}
    assert json.loads(given["ACAPY_WALLET_STORAGE_CONFIG"])["max_connections"] >= 2 * MAX_ACTIVE
    assert "wallet-name" not in " ".join(arguments(agent("issuer")))
    assert "the-password" not in repr(held)


def envelope(recipients: object) -> bytes:
    protected = base64.urlsafe_b64encode(json.dumps({"recipients": recipients}).encode()).rstrip(b"=")
    return json.dumps({"protected": protected.decode()}).encode()


def test_an_envelope_names_its_recipients() -> None:
    assert recipient_keys(envelope([{"header": {"kid": "A"}}, {"header": {"kid": "B"}}])) == ("A", "B")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"[" * 100_000,
        b'{"@type": "https://didcomm.org/trust_ping/1.0/ping"}',
        b'{"protected": 1}',
        b'{"protected": "!"}',
        b'{"protected": "AAAA"}',
        envelope([]),
        envelope("text"),
        envelope([{"header": {"kid": 1}}]),
        envelope([{"header": {"kid": ""}}]),
        envelope([{}]),
    ],
)
def test_what_is_no_envelope_is_refused(body: bytes) -> None:
    with pytest.raises(NotAnEnvelope, match="Expected an encrypted DIDComm v1 envelope"):
        recipient_keys(body)


def test_an_event_tells_ids_and_states_and_nothing_that_was_said() -> None:
    told = announce(
        "issue_credential_v2_0",
        {
            "cred_ex_id": "1",
            "state": "offer-received",
            "role": "holder",
            "connection_id": "2",
            "thread_id": "3",
            "error_msg": "Neema",
            "cred_preview": {"attributes": [{"name": "given_name", "value": "Neema"}]},
            "by_format": {"cred_offer": "Neema"},
        },
    )
    assert told is not None
    assert (told.record_id, told.state, told.role) == ("1", "offer-received", "holder")
    assert (told.connection_id, told.thread_id) == ("2", "3")
    assert "Neema" not in repr(told)


def test_a_connection_is_told_in_the_words_of_did_exchange() -> None:
    told = announce(
        "connections",
        {
            "connection_id": "1",
            "state": "active",
            "rfc23_state": "completed",
            "their_role": "invitee",
            "invitation_msg_id": "2",
            "their_label": "Neema",
            "alias": "award 7",
        },
    )
    assert told is not None
    assert (told.state, told.role, told.invitation_msg_id) == ("completed", "invitee", "2")
    assert "Neema" not in repr(told)
    assert "award 7" not in repr(told)


@pytest.mark.parametrize(
    "topic", ["basicmessages", "issue_credential_v2_0_anoncreds", "wallet", "out_of_band", "issuer_cred_rev"]
)
def test_other_events_are_not_told(topic: str) -> None:
    assert announce(topic, {"state": "done", "record_id": "1"}) is None


def test_an_event_without_an_id_is_not_told() -> None:
    assert announce("connections", {"state": "active"}) is None


def test_a_wallet_key_is_32_bytes_in_base58() -> None:
    key = base58.b58encode(bytes(range(32))).decode()
    assert checked(key) == key


@pytest.mark.parametrize(
    "key", [None, 5, "", "short", "0OIl", base58.b58encode(b"1" * 31).decode(), "ö" * 44]
)
def test_another_wallet_key_is_refused_without_quoting_it(key: object) -> None:
    with pytest.raises(NotAWalletKey, match="Expected a wallet key of 32 bytes in base58") as refused:
        checked(key)
    assert not isinstance(key, str) or not key or key not in str(refused.value)
