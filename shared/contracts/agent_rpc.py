"""What an agent asks of its own service, which holds the DID's keys (NATS request and reply)."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

PUBLISH_RESOURCE = "agent.rpc.publish_resource"
PUBLISH_TAILS = "agent.rpc.publish_tails"
TAILS_HASH_HEADER = "Ujuzi-Hash"


class PublishResource(BaseModel):
    """Sign this object as a resource of `did`, keep it and serve it.

    `updates` is set for a status list: the id of the registry definition whose `links` gain the new list.
    """

    model_config = ConfigDict(extra="forbid")

    did: str
    resource_type: str
    resource_name: str
    content: dict[str, JsonValue]
    links: list[dict[str, JsonValue]] | None = None
    updates: str | None = None


class ResourcePublished(BaseModel):
    """The signed resource as it is served."""

    ok: Literal[True] = True
    id: str
    resource: dict[str, JsonValue]


class TailsPublished(BaseModel):
    """The tails file is kept, and served under its hash."""

    ok: Literal[True] = True


class RpcRefused(BaseModel):
    """The request was not carried out; `retry` says whether the same request may succeed later."""

    ok: Literal[False] = False
    error: str
    retry: bool
    newest: int | None = None
    """Of a status list that is not newer than those published: the time of the newest."""
