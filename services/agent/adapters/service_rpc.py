"""Asks our own service, which holds the DID's keys and hosts its objects, to publish something."""

import asyncio
from collections.abc import Mapping, Sequence

import nats.errors
from nats.aio.client import Client
from pydantic import TypeAdapter, ValidationError

from services.agent.errors import ServiceRefused, ServiceUnreachable
from shared.contracts.agent_rpc import (
    PUBLISH_RESOURCE,
    PUBLISH_TAILS,
    TAILS_HASH_HEADER,
    PublishResource,
    ResourcePublished,
    RpcRefused,
    TailsPublished,
)

_ANSWER_SECONDS = 15.0
_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)

_RESOURCE: TypeAdapter[ResourcePublished | RpcRefused] = TypeAdapter(ResourcePublished | RpcRefused)
_TAILS: TypeAdapter[TailsPublished | RpcRefused] = TypeAdapter(TailsPublished | RpcRefused)


async def publish_resource(
    nats_client: Client, request: PublishResource, *, pauses: Sequence[float] = _PAUSES
) -> ResourcePublished:
    """Return the signed resource once it is served. Raises ServiceRefused or ServiceUnreachable.

    `pauses` are the seconds between tries.
    """
    body = request.model_dump_json().encode()
    return await _ask(nats_client, PUBLISH_RESOURCE, body, {}, _RESOURCE, pauses=pauses)


async def publish_tails(nats_client: Client, tails_hash: str, tails: bytes) -> None:
    """Return once the tails file is served. Raises ServiceRefused or ServiceUnreachable."""
    headers = {TAILS_HASH_HEADER: tails_hash}
    await _ask(nats_client, PUBLISH_TAILS, tails, headers, _TAILS)


async def _ask[T](
    nats_client: Client,
    subject: str,
    body: bytes,
    headers: Mapping[str, str],
    answers: TypeAdapter[T | RpcRefused],
    *,
    pauses: Sequence[float] = _PAUSES,
) -> T:
    """Publishing is idempotent (content-addressed), so what may pass is tried again for a while."""
    trouble = "no answer"
    for pause in (*pauses, None):
        try:
            reply = await nats_client.request(
                subject, body, timeout=_ANSWER_SECONDS, headers=dict(headers) or None
            )
            answer = answers.validate_json(reply.data)
        except (nats.errors.Error, TimeoutError) as error:
            trouble = type(error).__name__
        except ValidationError as error:
            raise ServiceRefused(f"{subject}: expected the agreed answer, found another shape") from error
        else:
            if not isinstance(answer, RpcRefused):
                return answer
            if not answer.retry:
                refused = ServiceRefused(f"{subject} was refused: {answer.error}")
                refused.newest = answer.newest
                raise refused
            trouble = answer.error
        if pause is not None:
            await asyncio.sleep(pause)
    raise ServiceUnreachable(f"{subject}: our own service did not do it ({trouble}); is it running?")
