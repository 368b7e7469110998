"""What an agent tells its own service: which record changed to which state. Never what is in it."""

from collections.abc import Mapping
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.contracts.streams import BASE_WALLET

CONNECTIONS = "connections"
ISSUE_CREDENTIAL = "issue_credential_v2_0"
PRESENT_PROOF = "present_proof_v2_0"
REVOCATION_NOTIFICATION = "revocation_notification"
BASIC_MESSAGE = "basic_message"

KEPT_UNTIL = "ujuzi-kept-until"
"""Metadata of a connection, `{"until": RFC 3339}`: it stays for so long though nothing goes over it."""

CONNECTED = frozenset({"active", "completed"})
"""States in which a connection can be used."""


OWN_DOING: Final[Mapping[str, frozenset[str]]] = {
    ISSUE_CREDENTIAL: frozenset({"offer-sent", "credential-issued"}),
    PRESENT_PROOF: frozenset({"request-sent", "done", "deleted"}),
}
"""States to which an issuer's or a verifier's own order brings an exchange: it knows already."""


def is_news(topic: str, state: str) -> bool:
    """Whether an organisation's service waits for its agent's own record to come to this state."""
    if topic == CONNECTIONS:
        return state in CONNECTED
    return state not in OWN_DOING.get(topic, ())


class AgentEvent(BaseModel):
    """Ids and states only: no claims, labels or comments."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    event_id: str
    wallet_id: str | None = None
    topic: str
    record_id: str
    state: str
    role: str | None = None
    connection_id: str | None = None
    thread_id: str | None = None
    invitation_msg_id: str | None = None
    at: AwareDatetime

    @property
    def subject(self) -> str:
        """NATS subject this event is published on."""
        return f"agent.events.{self.wallet_id or BASE_WALLET}.{self.topic}"


def events_of(topic: str, wallet_id: str = "*") -> str:
    """Subject filter for one topic, of one wallet or of all."""
    return f"agent.events.{wallet_id}.{topic}"
