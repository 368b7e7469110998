import base64
import json

import pytest

from wallet.domain.invitation import raw_key, read_invitation
from wallet.errors import InvitationRefused, LinkIncomplete

DID_KEY = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"

PEER_2 = (
    "did:peer:2.Vz6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK.Ez6LSbysY2xFMRpGMhb7tFT"
    "LMpeuPRaqaWM1yECx2AtzE3KCc.SeyJ0IjoiZGlkLWNvbW11bmljYXRpb24iLCJzIjoiaHR0cHM6Ly9pc3N1"
    "ZXIuZXhhbXBsZS9kaWRjb21tIiwicmVjaXBpZW50S2V5cyI6WyIja2V5LTEiXX0"
)
PEER_4 = (
    "did:peer:4zQmYMdPXVj7LxF35qu4v46yuc1nPWu6NVZquEWHAB5vWoB9:z484Fsz2UFKZMnRu9An2oCYrjK"
    "RFN3EHBVhKoxJ3EsRSeMTcJeFNdwX9GgtpuN8bhw5FcqCbvjAeisYaHGLmNPdg6nRsgqvLjVqGUuTNwQbVu8"
    "vWnenVtsstx2b8HjiiCBkUywCf49rVTFSxV7p2xbQWG8hF3ZKy6Zjmcvy1ZbaQ6FvvCTcLMvZRmun4zQCZZy"
    "stQgjNfEQCcCBr1BFuXxF52iBi3vMacbPGYCd64c7Mdgx5y8zofTRgoDSnoW5YMeAEhU8usiFQ8ECyBNnxPA"
    "uhbuJA6p2c9HrtxEyws1mv5gDzgL97ahjc5JNHBKewVvQ7T2VGYF9ZxqVakVmLYjo5ZGuoYMeNNLcVvrRV4a"
    "i95A8o5gK7DpnHitkV3oxv9iXuuwhtbbs5jMbmmZnD3Qjr3NuYpVyqPnSdpsyzwk2tL"
)
"""Made with did_peer_2 and did_peer_4, which the agent resolves them with."""

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


@pytest.mark.parametrize("did", [PEER_2, PEER_4], ids=["did:peer:2", "did:peer:4"])
def test_an_invitation_may_name_a_did_and_bring_its_offer_along(did: str) -> None:
    offer = {
        "@id": "offer",
        "data": {"json": {"@type": "https://didcomm.org/issue-credential/2.0/offer-credential"}},
    }
    found = read_invitation(
        link(
            services=[did],
            **{"requests~attach": [offer]},
        )
    )

    assert found.recipient_keys == ()
    assert found.sender is None
    assert found.message["requests~attach"] == [offer]


def test_whoever_must_be_looked_up_is_named() -> None:
    did = "did:webvh:Qmb66snST7U2eS1n233PVYjfhqy132FrvrtB4MBBqveLmZ:school.example"
    assert read_invitation(link(services=[did])).sender == did


@pytest.mark.parametrize(
    ("did", "why"),
    [
        ("did:web:school.example", "by did:web, which this wallet does not look up"),
        ("did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", "by did:key"),
        ("did:sov:WgWxqztrNooG92RXvxSTWv", "by did:sov"),
        ("did:webvh:x", "no did:webvh there can be"),
        (PEER_4.partition(":z4")[0], "complete in the link"),
        (PEER_4[:-1], "complete in the link"),
        (PEER_4.replace("zQmYM", "zQmYN"), "complete in the link"),
        (PEER_2.partition(".S")[0], "complete in the link"),
        (PEER_2.replace(".SeyJ", ".SAAA"), "complete in the link"),
        (PEER_2.replace(".Vz", ".Iz"), "complete in the link"),
        ("did:peer:3zQmS19jtYDvGtKVrJhQnRFpBQAx3pJ9omx2HpNrcXFuRCz9", "complete in the link"),
        ("did:peer:4", "complete in the link"),
    ],
    ids=[
        "did:web",
        "did:key",
        "did:sov",
        "no webvh",
        "short peer 4",
        "cut peer 4",
        "changed peer 4",
        "peer 2 without a place",
        "peer 2 with a damaged place",
        "peer 2 without a signing key",
        "peer 3",
        "empty peer 4",
    ],
)
def test_a_sender_that_nothing_can_resolve_is_refused(did: str, why: str) -> None:
    with pytest.raises(InvitationRefused, match=f"{why}.*Ask the sender for a new link"):
        read_invitation(link(services=[did]))


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


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("", False),
        (link()[:-40], False),
        (link().partition("?")[0], False),
        (link(services=[]), True),
        ("https://issuer.example/i?oob=" + "a" * 20_000, True),
    ],
)
def test_what_is_no_whole_link_is_told_apart(url: str, whole: bool) -> None:
    with pytest.raises(InvitationRefused) as refused:
        read_invitation(url)

    assert isinstance(refused.value, LinkIncomplete) is not whole


def test_a_link_says_what_it_calls_its_sender() -> None:
    assert read_invitation(link(label="A school")).label == "A school"
    assert read_invitation(link()).label == ""
