"""What the model takes. docs/scale.md says of each how it was found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds of processor time, or bytes, of one of each, unless said otherwise."""

    claim_issuer_service: float
    claim_issuer_agent: float
    claim_wallet_service: float
    claim_wallet_agent: float
    claim_nats: float
    claim_postgresql: float
    proof_verifier_service: float
    proof_verifier_agent: float
    proof_wallet_service: float
    proof_wallet_agent: float
    proof_nats: float
    proof_postgresql: float
    wallet_made: float
    wallet_unlocked: float
    award_prepared: float
    mail_seconds: float
    """Elapsed, over the one connection that a process has."""
    mail_bytes: float
    registry_place: float
    """For each credential that a registry has room for, when it is made."""
    witness_place: float
    """For each of them, whenever a wallet proves by a list it has not seen."""
    list_bytes: float
    list_place_bytes: float
    tails_place_bytes: float
    definition_bytes: float
    link_bytes: float
    """In a registry's definition, for each status list it names."""
    link_signed: float
    link_read: float
    list_published: float
    """Agent and service together, apart from the links."""
    service_memory: float
    agent_memory: float
    open_wallet_memory: float
    open_wallet_second: float
    """Of the wallet service and its agent, each second that a wallet is open: it is looked at again and again."""
    store_bytes: float
    """A wallet with one credential."""
    store_credential_bytes: float
    """Each further one."""
    award_bytes: float
    """Issuer's database, with indexes."""
    agent_claim_bytes: float
    """Issuer's agent's database: exchange, connection, credential."""
    agent_standing_bytes: float
    """Of that what stays while the credential stands."""
    request_bytes: float
    """Verifier's database."""
    agent_proof_bytes: float
    claim_messages: float
    """Published on NATS by all parties together."""
    claim_message_bytes: float
    proof_messages: float
    proof_message_bytes: float
    claim_wire: float
    """Between issuer and wallet."""
    proof_wire: float
    phone_wire: float
    """Between wallet and phone, for a claim in a browser that is there for the first time."""

    @property
    def claim_issuer(self) -> float:
        """Service and agent."""
        return self.claim_issuer_service + self.claim_issuer_agent

    @property
    def claim_wallet(self) -> float:
        """Service and agent."""
        return self.claim_wallet_service + self.claim_wallet_agent

    @property
    def claim(self) -> float:
        """Everybody's."""
        return self.claim_issuer + self.claim_wallet + self.claim_nats + self.claim_postgresql

    @property
    def proof(self) -> float:
        """Everybody's."""
        return (
            self.proof_verifier_service
            + self.proof_verifier_agent
            + self.proof_wallet_service
            + self.proof_wallet_agent
            + self.proof_nats
            + self.proof_postgresql
        )
