"""What an agent asks of its own service, which holds the DID's keys (NATS request and reply)."""

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

    ok: bool = True
    id: str
    resource: dict[str, JsonValue]


class TailsPublished(BaseModel):
    """Where the tails file can be fetched."""

    ok: bool = True
    url: str


class RpcRefused(BaseModel):
    """The request was not carried out; `retry` says whether the same request may succeed later."""

    ok: bool = False
    error: str
    retry: bool
