"""Round costs, so that a reader can work out by hand what follows from them."""

from dataclasses import fields

from services.scale.domain.costs import Costs

ROUND = Costs(
    **{each.name: 0.0 for each in fields(Costs)}
    | {
        "claim_issuer_service": 0.1,
        "claim_issuer_agent": 0.3,
        "claim_wallet_agent": 0.6,
        "proof_wallet_agent": 0.2,
        "wallet_unlocked": 0.05,
        "mail_seconds": 0.1,
        "list_bytes": 2000.0,
        "list_place_bytes": 2.0,
        "tails_place_bytes": 256.0,
        "definition_bytes": 3000.0,
        "link_bytes": 300.0,
        "link_signed": 1e-6,
        "link_read": 1e-5,
        "list_published": 0.02,
        "registry_place": 0.0005,
        "service_memory": 100e6,
        "agent_memory": 200e6,
        "open_wallet_memory": 300e3,
        "store_bytes": 190e3,
        "store_credential_bytes": 100e3,
        "award_bytes": 5e3,
        "phone_wire": 100e3,
    }
)
