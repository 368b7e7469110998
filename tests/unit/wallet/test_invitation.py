import base64
import json

import pytest

from wallet.domain.invitation import raw_key, read_invitation
from wallet.errors import InvitationRefused

DID_KEY = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"

SERVICE = {
    "id": "#inline",
    "type": "did-communication",
    "recipientKeys": [DID_KEY],
    "serviceEndpoint": "https://issuer.example/didcomm",
}


def link(**changes: object) -> str:
    message = {
        "@type": "https://didcomm.org/out-of-band/1.1/invitation",
        "@id": "invitation-1",
        "goal_code": "ujuzi.claim-award",
        "goal": "Claim",
        "handshake_protocols": ["https://didcomm.org/didexchange/1.1"],
        "services": [SERVICE],
    } | changes
    given = {name: value for name, value in message.items() if value is not None}
    encoded = base64.urlsafe_b64encode(json.dumps(given).encode()).decode().rstrip("=")
    return f"https://issuer.example/i?oob={encoded}"


def test_an_invitation_is_read() -> None:
    found = read_invitation(link())

    assert found.id == "invitation-1"
    assert found.goal_code == "ujuzi.claim-award"
    assert found.recipient_keys == (raw_key(DID_KEY),)


def test_an_invitation_may_name_a_did_and_bring_its_offer_along() -> None:
    offer = {
        "@id": "offer",
        "data": {"json": {"@type": "https://didcomm.org/issue-credential/2.0/offer-credential"}},
    }
    found = read_invitation(
        link(
            services=["did:peer:4zQmXx:z2M1k7h4psgp4CmJcnQn2Ljp7Pz7ktsd7oBhMU3dWY5s4"],
            **{"requests~attach": [offer]},
        )
    )

    assert found.recipient_keys == ()
    assert found.message["requests~attach"] == [offer]


def test_a_key_is_the_same_in_every_form() -> None:
    raw = raw_key(DID_KEY)

    assert not raw.startswith("did:")
    assert raw_key(f"{DID_KEY}#{DID_KEY.removeprefix('did:key:')}") == raw
    assert raw_key(raw) == raw
    assert raw_key("did:key:zNot-base58") == "did:key:zNot-base58"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://issuer.example/i?oob=e30", "web link"),
        ("https://issuer.example/i", "carries no invitation"),
        ("https://issuer.example/i?oob=%%%", "damaged"),
        ("https://issuer.example/i?oob=W10", "damaged"),
        (link(**{"@type": "https://didcomm.org/basicmessage/1.0/message"}), "out-of-band 1.x"),
        (link(handshake_protocols=None), "no connection handshake"),
        (link(handshake_protocols=["https://didcomm.org/reuse/1.0"]), "no connection handshake"),
        (link(services=[]), "exactly one place"),
        (link(services=["did:a", "did:b"]), "exactly one place"),
        (link(**{"@id": None}), "no identifier"),
        ("https://issuer.example/i?oob=" + "a" * 20_000, "characters"),
        ("https://[issuer.example/i?oob=e30", "not a web address"),
        ("https://issuer.example/i?oob=" + base64.urlsafe_b64encode(b"[" * 12_000).decode(), "damaged"),
        (link(goal="\ud800"), "damaged"),
        (link(goal=5), "goal cannot be understood"),
        (link(label={}, accept={"a": 1}), "label, accept cannot be understood"),
        (link(handshake_protocols=["https://didcomm.org/didexchange/1.1", 5]), "handshake_protocols cannot"),
        (link(**{"@id": "x" * 201}), "@id cannot be understood"),
        (link(**{"requests~attach": 5, "~thread": {"thid": 5}}), "requests~attach, ~thread cannot"),
        (
            link(**{"requests~attach": [{"@id": "x", "data": {"json": {"@type": "x"}}}]}),
            "requests~attach cannot",
        ),
        (link(services=["did:x"]), "exactly one place"),
        (link(services=["did:webvh:x"]), "exactly one place"),
        (link(services=[SERVICE | {"serviceEndpoint": "ftp://issuer.example"}]), "exactly one place"),
        (link(services=[{}]), "exactly one place"),
        (link(services=[SERVICE | {"type": 5}]), "exactly one place"),
        (link(services=[SERVICE | {"serviceEndpoint": None}]), "exactly one place"),
        (link(services=[SERVICE | {"recipientKeys": ["x"]}]), "exactly one place"),
        (link(services=[SERVICE | {"recipientKeys": ["did:key:z6Mk"]}]), "exactly one place"),
        (link(services=[SERVICE | {"routingKeys": 5}]), "exactly one place"),
        (link(accept=float("nan")), "damaged"),
    ],
)
def test_what_is_no_usable_invitation_is_refused(url: str, why: str) -> None:
    with pytest.raises(InvitationRefused, match=why):
        read_invitation(url)
