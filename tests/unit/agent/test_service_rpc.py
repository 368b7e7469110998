"""Asking our own service to publish."""

from types import SimpleNamespace
from typing import Any

import pytest

from services.agent.adapters.service_rpc import publish_resource, publish_tails
from services.agent.errors import ServiceRefused, ServiceUnreachable
from shared.contracts.agent_rpc import PublishResource, ResourcePublished, RpcRefused, TailsPublished

REQUEST = PublishResource(
    did="did:webvh:x", resource_type="anonCredsSchema", resource_name="award", content={}
)


class Nats:
    """Answers in turn."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.headers: object = None

    async def request(self, subject: str, body: bytes, *, headers: object, **_: object) -> Any:  # noqa: ANN401
        assert subject.startswith("agent.rpc.")
        assert body
        self.headers = headers
        return SimpleNamespace(data=self.answers.pop(0))


async def test_what_may_pass_is_tried_again() -> None:
    busy = RpcRefused(error="database locked", retry=True).model_dump_json().encode()
    done = ResourcePublished(id="did:webvh:x/resources/z1", resource={}).model_dump_json().encode()
    assert (await publish_resource(Nats(busy, done), REQUEST)).id == "did:webvh:x/resources/z1"  # type: ignore[arg-type]


async def test_a_refusal_says_why() -> None:
    refused = RpcRefused(error="unknown DID", retry=False).model_dump_json().encode()
    with pytest.raises(ServiceRefused, match="unknown DID"):
        await publish_resource(Nats(refused), REQUEST)  # type: ignore[arg-type]


async def test_a_service_that_stays_away_is_said_so() -> None:
    busy = RpcRefused(error="database locked", retry=True).model_dump_json().encode()
    with pytest.raises(ServiceUnreachable, match=r"did not do it \(database locked\); is it running\?"):
        await publish_resource(Nats(busy, busy), REQUEST, pauses=(0,))  # type: ignore[arg-type]


async def test_another_shape_is_no_answer() -> None:
    with pytest.raises(ServiceRefused, match="another shape"):
        await publish_resource(Nats(b"[]"), REQUEST)  # type: ignore[arg-type]


async def test_tails_go_with_their_hash() -> None:
    nats = Nats(TailsPublished().model_dump_json().encode())
    await publish_tails(nats, "h", b"tails")  # type: ignore[arg-type]
    assert nats.headers == {"Ujuzi-Hash": "h"}
