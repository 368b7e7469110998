"""How many claims wait, for whoever watches the service: one number for all organisations together."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from issuer.entry.api import READ
from issuer.use_cases.tell_wait import TellWait
from shared.ports.api_keys import OPERATE, Caller
from shared.web.auth import require_scope


class QueueShape(BaseModel):
    """Claims that wait for the issuer."""

    waiting: int = Field(description="people whose next step is the issuer's")
    served_last_minute: int
    seconds: int | None = Field(
        description="until all of them are served at this pace; null while nobody is served"
    )


def queue_router(tell_wait: TellWait) -> APIRouter:
    """A route under /v1."""
    router = APIRouter(prefix="/v1", tags=["claims"])

    @router.get("/claims/queue")
    async def queue(_: Annotated[Caller, Depends(require_scope(READ, OPERATE))]) -> QueueShape:
        """How many wait, and for how long; for officers and for the operator."""
        found = await tell_wait.queue()
        return QueueShape(waiting=found.waiting, served_last_minute=found.served, seconds=found.seconds)

    return router
