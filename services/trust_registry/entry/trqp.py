"""Trust Registry Query Protocol 2.0 over HTTP (ToIP, public review 02)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints

from services.trust_registry.domain.trqp import Query
from services.trust_registry.entry.shapes import Moment
from services.trust_registry.use_cases.answer_query import AnswerQuery
from shared.contracts.problem import FieldError
from shared.ports.clock import Clock
from shared.vc.dateint import rfc3339
from shared.web.problems import ProblemError

Name = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class QueryContext(BaseModel):
    """`time`: as of when (absent: now). `locator` is of no use to this registry."""

    time: Moment | None = None
    locator: str | None = None


class TrqpQuery(BaseModel):
    """May `entity_id` do `action` on `resource`, by the word of `authority_id`?"""

    entity_id: Name
    authority_id: Name
    action: Name
    resource: Name
    context: QueryContext = Field(default_factory=QueryContext)


class TrqpAnswer(BaseModel):
    """The query with what was found; times are RFC 3339 in UTC."""

    entity_id: str
    authority_id: str
    action: str
    resource: str
    time_requested: str
    time_evaluated: str
    message: str


class AuthorizationAnswer(TrqpAnswer):
    """Whether the entity is authorized."""

    authorized: bool


class RecognitionAnswer(TrqpAnswer):
    """Whether the other authority is recognized."""

    recognized: bool


def trqp_router(answer_query: AnswerQuery, *, clock: Clock) -> APIRouter:
    """`POST /authorization` and `POST /recognition`, open to anybody."""
    router = APIRouter(tags=["TRQP 2.0"])

    @router.post("/authorization")
    async def authorization(body: TrqpQuery) -> AuthorizationAnswer:
        """Whether this authority lets an entity do something."""
        answer = await answer_query(_query(body, clock()), action=body.action)
        return AuthorizationAnswer(
            **_echo(body, answer.time_evaluated), message=answer.message, authorized=answer.holds
        )

    @router.post("/recognition")
    async def recognition(body: TrqpQuery) -> RecognitionAnswer:
        """Whether this authority lets another one accredit: `accredit` on the resource."""
        answer = await answer_query(_query(body, clock()), action="accredit")
        return RecognitionAnswer(
            **_echo(body, answer.time_evaluated), message=answer.message, recognized=answer.holds
        )

    return router


def _query(body: TrqpQuery, now: datetime) -> Query:
    if body.context.time is not None and body.context.time > now:
        raise ProblemError(
            422,
            "Nobody can say what will be trusted later.",
            errors=[
                FieldError(where="body.context.time", what="expected now or earlier, found a later time")
            ],
        )
    return Query(
        entity_id=body.entity_id,
        authority_id=body.authority_id,
        action=body.action,
        resource=body.resource,
        time=body.context.time,
    )


def _echo(body: TrqpQuery, evaluated: datetime) -> dict[str, str]:
    return {
        "entity_id": body.entity_id,
        "authority_id": body.authority_id,
        "action": body.action,
        "resource": body.resource,
        "time_requested": rfc3339(body.context.time or evaluated),
        "time_evaluated": rfc3339(evaluated),
    }
