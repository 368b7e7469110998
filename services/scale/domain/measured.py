"""What the model takes of the measurement of one claim and one proof (`make costs WRITE=docs/scale/measured.json`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MIB: Final = 2**20
FEWEST, MOST = "1 and a proof", "20"


@dataclass(frozen=True, slots=True)
class Measured:
    """Means of one deed each by what was counted; processor milliseconds, bytes, messages."""

    claim: Mapping[str, float]
    proof: Mapping[str, float]
    idle_ms_a_second: Mapping[str, float]
    """By program, with nothing to do."""
    open_wallets: int
    """Meanwhile."""
    wallet_store_bytes: Mapping[str, int]
    """By how many credentials are in it."""


@dataclass(frozen=True, slots=True)
class Cost:
    """One cost, its unit, and where it is from."""

    value: float
    unit: str
    source: str


def costs_of(found: Measured) -> dict[str, Cost]:
    """Return what the model takes, by its name there. Raises KeyError for what was not counted."""
    claim, proof = found.claim, found.proof
    seconds = {
        "claim_issuer_service": claim["cpu_ms issuer"],
        "claim_issuer_agent": claim["cpu_ms issuer-agent"],
        "claim_wallet_service": claim["cpu_ms wallet"],
        "claim_wallet_agent": claim["cpu_ms wallet-agent"],
        "claim_nats": claim["cpu_ms nats"],
        "claim_postgresql": claim["cpu_ms postgresql"],
        "proof_verifier_service": proof["cpu_ms verifier"],
        "proof_verifier_agent": proof["cpu_ms verifier-agent"],
        "proof_wallet_service": proof["cpu_ms wallet"],
        "proof_wallet_agent": proof["cpu_ms wallet-agent"],
        "proof_nats": proof["cpu_ms nats"],
        "proof_postgresql": proof["cpu_ms postgresql"],
    }
    grown = "grown by a {}, before vacuum"
    bytes_ = {
        "service_memory": (proof["peak_mib verifier"] * MIB, "the most a verifier had"),
        "agent_memory": (proof["peak_mib wallet-agent"] * MIB, "the most a wallets' agent had"),
        "store_bytes": (found.wallet_store_bytes[FEWEST], "one credential and one proof"),
        "store_credential_bytes": (_a_credential(found.wallet_store_bytes), f"from 1 to {MOST} credentials"),
        "award_bytes": (claim["postgresql_bytes issuer"], grown.format("claim")),
        "agent_claim_bytes": (claim["postgresql_bytes issuer_agent"], grown.format("claim")),
        "request_bytes": (proof["postgresql_bytes verifier"], grown.format("proof")),
        "agent_proof_bytes": (proof["postgresql_bytes verifier_agent"], grown.format("proof")),
        "claim_message_bytes": (_sum(claim, "nats", "bytes"), "all parties"),
        "proof_message_bytes": (_sum(proof, "nats", "bytes"), "all parties"),
        "claim_wire": (_wire(claim), "at all edges"),
        "proof_wire": (_wire(proof), "at all edges"),
    }
    return {
        **{name: Cost(ms / 1000, "s", "measured.json") for name, ms in seconds.items()},
        "open_wallet_second": Cost(
            _open_wallet(found),
            "s a second",
            f"measured.json: what wallets and their agent took idle above the verifier's, by {found.open_wallets} open wallets",
        ),
        **{name: Cost(value, "B", f"measured.json: {how}") for name, (value, how) in bytes_.items()},
        "claim_messages": Cost(_sum(claim, "nats", "messages"), "", "measured.json"),
        "proof_messages": Cost(_sum(proof, "nats", "messages"), "", "measured.json"),
    }


def _open_wallet(found: Measured) -> float:
    idle = found.idle_ms_a_second
    above = idle["wallet"] + idle["wallet-agent"] - idle["verifier"] - idle["verifier-agent"]
    return max(0.0, above) / 1000 / found.open_wallets


def _a_credential(stores: Mapping[str, int]) -> float:
    return (stores[MOST] - stores[FEWEST]) / (int(MOST) - 1)


def _sum(counted: Mapping[str, float], kind: str, of: str) -> float:
    return sum(
        value for name, value in counted.items() if name.startswith(f"{kind} ") and name.endswith(f" {of}")
    )


def _wire(counted: Mapping[str, float]) -> float:
    return sum(
        value
        for name, value in counted.items()
        if name.startswith("wire ") and not name.endswith(" requests")
    )
