"""What the model takes of the measurement."""

import pytest

from services.scale.domain.measured import Measured, costs_of

COUNTED = {
    **{f"cpu_ms {name}": 100.0 for name in ("issuer", "issuer-agent", "wallet", "wallet-agent", "verifier")},
    **{f"cpu_ms {name}": 50.0 for name in ("verifier-agent", "nats", "postgresql")},
    **{f"peak_mib {name}": 150.0 for name in ("verifier", "wallet-agent")},
    **{
        f"postgresql_bytes {name}": 1000.0
        for name in ("issuer", "issuer_agent", "verifier", "verifier_agent")
    },
    "nats didcomm.in bytes": 300.0,
    "nats agent.events bytes": 20.0,
    "nats didcomm.in messages": 3.0,
    "nats agent.events messages": 2.0,
    "wire issuer didcomm": 700.0,
    "wire issuer orgs": 30.0,
    "wire issuer orgs requests": 9.0,
}
IDLE = {"wallet": 30.0, "wallet-agent": 50.0, "verifier": 15.0, "verifier-agent": 5.0}
MEASURED = Measured(COUNTED, COUNTED, IDLE, 20, {"1 and a proof": 1_000, "20": 20_000})


@pytest.mark.parametrize(
    ("name", "value", "unit"),
    [
        ("claim_issuer_agent", 0.1, "s"),
        ("proof_nats", 0.05, "s"),
        ("service_memory", 150 * 2**20, "B"),
        ("store_credential_bytes", 1000, "B"),
        ("claim_message_bytes", 320, "B"),
        ("claim_messages", 5, ""),
        ("proof_wire", 730, "B"),
        ("open_wallet_second", 0.003, "s a second"),
    ],
)
def test_costs_are_worked_out_of_what_was_counted(name: str, value: float, unit: str) -> None:
    cost = costs_of(MEASURED)[name]
    assert cost.value == pytest.approx(value)
    assert cost.unit == unit
    assert cost.source.startswith("measured.json")


def test_an_open_wallet_costs_no_less_than_nothing() -> None:
    quiet = Measured(COUNTED, COUNTED, dict.fromkeys(IDLE, 1.0), 20, MEASURED.wallet_store_bytes)
    assert costs_of(quiet)["open_wallet_second"].value == 0


def test_what_was_not_counted_has_no_cost() -> None:
    with pytest.raises(KeyError, match="cpu_ms issuer"):
        costs_of(Measured({}, COUNTED, IDLE, 20, {}))
