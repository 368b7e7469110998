"""`/v1/privacy-requests`: what people ask about their own data, and the copy they get."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from issuer.domain.award import Award
from issuer.domain.message import Message
from issuer.domain.privacy_request import Outcome, PrivacyRequest, Remains, RequestKind, Sought
from issuer.domain.reissue import IdentityCheck
from issuer.entry.acting import Acting, acting
from issuer.entry.api import WRITE
from issuer.entry.cursor import id_after
from issuer.entry.shapes import IdentityCheckMade, IdentityCheckShape, Reason
from issuer.use_cases.answer_privacy_request import AnswerPrivacyRequest
from issuer.use_cases.check_privacy_request import CheckPrivacyRequest
from issuer.use_cases.look_up_privacy_requests import Copy, Held, LookUpPrivacyRequests
from issuer.use_cases.take_privacy_request import TakePrivacyRequest
from shared.ports.clock import Clock
from shared.web.pagination import Page, PageQuery, page_of

Officer = Annotated[Acting, Depends(acting(WRITE))]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=320)]
NO_STORE: Final = "no-store"

WHY: Final = {
    Remains.CREDENTIAL: "The credential is in your wallet. Only you can delete it there; nobody else has a copy of it.",
    Remains.AWARD_RECORD: "That you were awarded this, your name, grade and date: so that it can be corrected, revoked and "
    "issued again. It is deleted after the years that the law or the organisation asks for.",
    Remains.STATUS_LIST: "Your credential's place in a status list: a number among many, without a name.",
    Remains.RECORD_OF_DEEDS: "That an officer did something, and when: by ids of awards alone, for 400 days.",
    Remains.FIGURES: "Monthly figures: how many, never who.",
    Remains.BACKUPS: "Backups, until whoever runs the service overwrites them.",
}
"""What is left after an erasure, in the words of the API."""


class NewPrivacyRequest(BaseModel):
    """What is asked, and one or several ways to find whoever asks. None of them is kept."""

    model_config = ConfigDict(extra="forbid")

    kind: RequestKind
    email: Short = ""
    phone: Short = ""
    award_id: UUID | None = None
    name: Short = Field(default="", description="with award_id: given and family name as they stand on it")

    @model_validator(mode="after")
    def finds_somebody(self) -> Self:
        """Something to go by."""
        if (self.award_id is None) != (not self.name):
            raise ValueError("expected both of award_id and name, or none: a name alone may be anybody's")
        if not (self.email or self.phone or self.award_id):
            raise ValueError("expected an email, a phone, or award_id and name")
        return self

    def sought(self) -> Sought:
        """What to find her by."""
        return Sought(self.email, self.phone, self.award_id, self.name)


class CheckMade(BaseModel):
    """Who asks, and which of the awards found are hers."""

    model_config = ConfigDict(extra="forbid")

    awards: list[UUID] = Field(min_length=1, max_length=500)
    identity_check: IdentityCheckMade


class AnswerMade(BaseModel):
    """How it ends; `refused` needs a reason."""

    model_config = ConfigDict(extra="forbid")

    outcome: Outcome
    reason: Reason | None = None


class FoundShape(BaseModel):
    """An award that was found, so that an officer sees whose it is."""

    award_id: UUID
    programme: str
    given_name: str
    family_name: str
    awarded_on: date
    state: str

    @classmethod
    def of(cls, award: Award, title: str) -> Self:
        """Show it."""
        graduate = award.graduate
        return cls(
            award_id=award.id,
            programme=title,
            given_name=graduate.given_name,
            family_name=graduate.family_name,
            awarded_on=graduate.awarded_on,
            state=award.state_name,
        )


class PrivacyRequestShape(BaseModel):
    """A request; `found` only where one is asked for."""

    id: UUID
    number: int
    kind: RequestKind
    state: str
    asked_at: datetime
    due_on: date
    taken_by: str
    awards: list[UUID]
    found: list[FoundShape] | None = None
    identity_check: IdentityCheckShape | None
    outcome: Outcome | None
    reason: str | None
    removed: dict[str, int]
    remains: dict[Remains, str] = Field(description="after an erasure: what is left, and why")
    answered_by: str | None
    answered_at: datetime | None

    @classmethod
    def of(cls, request: PrivacyRequest, found: Sequence[tuple[Award, str]] | None = None) -> Self:
        """Show it."""
        answer = request.answer
        erased = answer is not None and answer.outcome is Outcome.ERASED
        return cls(
            id=request.id,
            number=request.number,
            kind=request.kind,
            state=request.state_name,
            asked_at=request.asked_at,
            due_on=request.due_on,
            taken_by=request.taken_by,
            awards=list(request.awards),
            found=None if found is None else [FoundShape.of(*each) for each in found],
            identity_check=_check(request.check) if request.check else None,
            outcome=answer.outcome if answer else None,
            reason=(answer.reason or None) if answer else None,
            removed=dict(answer.removed) if answer else {},
            remains=dict(WHY) if erased else {},
            answered_by=answer.by if answer else None,
            answered_at=answer.at if answer else None,
        )


@dataclass(frozen=True)
class Privacy:
    """What an officer does about requests."""

    look_up: LookUpPrivacyRequests
    take: TakePrivacyRequest
    check: CheckPrivacyRequest
    answer: AnswerPrivacyRequest
    clock: Clock


def privacy_router(privacy: Privacy) -> APIRouter:
    """Routes for officers."""
    router = APIRouter(prefix="/v1/privacy-requests", tags=["privacy requests"])

    @router.post("", status_code=201)
    async def take(body: NewPrivacyRequest, by: Officer) -> PrivacyRequestShape:
        """Take a request down and find what is held; a request that finds nothing is one too."""
        request = await privacy.take(by.organisation, body.kind, body.sought(), by=who(by))
        return await shown(request)

    @router.get("")
    async def requests(asked: PageQuery, by: Officer) -> Page[PrivacyRequestShape]:
        """All requests, the newest first."""
        after = id_after(asked.after)
        found = await privacy.look_up.all(by.organisation, after=after, limit=asked.limit + 1)
        return page_of(found, asked, key=lambda request: str(request.id), show=PrivacyRequestShape.of)

    @router.get("/{request_id}")
    async def one(request_id: UUID, by: Officer) -> PrivacyRequestShape:
        """One request, with the awards it found."""
        return await shown(await privacy.look_up.one(by.organisation, request_id))

    @router.post("/{request_id}/check")
    async def check(request_id: UUID, body: CheckMade, by: Officer) -> PrivacyRequestShape:
        """Record that her identity was checked, and which of the awards found are hers."""
        made = body.identity_check
        done = IdentityCheck(made.method, made.note or "", who(by), privacy.clock())
        return await shown(await privacy.check(by.organisation, request_id, body.awards, done))

    @router.get("/{request_id}/copy")
    async def copy(request_id: UUID, response: Response, by: Officer) -> dict[str, Any]:
        """All that is held on her, to be handed over; 409 before her identity was checked."""
        response.headers["Cache-Control"] = NO_STORE
        return copy_json(await privacy.look_up.copy(by.organisation, request_id))

    @router.post("/{request_id}/answer")
    async def answer(request_id: UUID, body: AnswerMade, by: Officer) -> PrivacyRequestShape:
        """End it: given (the copy was handed over), erased (does it), nothing_held or refused."""
        return await shown(
            await privacy.answer(
                by.organisation, request_id, body.outcome, reason=body.reason or "", by=who(by)
            )
        )

    async def shown(request: PrivacyRequest) -> PrivacyRequestShape:
        return PrivacyRequestShape.of(request, await privacy.look_up.found(request))

    return router


def who(by: Acting) -> str:
    """Who acts, as the audit log names him."""
    return by.caller.who


def _check(check: IdentityCheck) -> IdentityCheckShape:
    return IdentityCheckShape(method=check.method, note=check.note or None, by=check.by, at=check.at)


def copy_json(copy: Copy) -> dict[str, Any]:
    """A copy for people and programs: names of fields say what they are, times are RFC 3339 in UTC."""
    return {
        "request": copy.request.number,
        "asked_at": _at(copy.request.asked_at),
        "awards": [_held(each) for each in copy.held],
        "rows_of_spreadsheets": [
            {"batch_id": str(row.batch_id), "row": row.row, "cells": dict(row.cells)} for row in copy.rows
        ],
    }


def _held(held: Held) -> dict[str, Any]:
    award, graduate = held.award, held.award.graduate
    return {
        "award_id": str(award.id),
        "programme": held.title,
        "edition": award.edition_id,
        "given_name": graduate.given_name,
        "family_name": graduate.family_name,
        "email": graduate.email,
        "phone": graduate.phone,
        "contact_deleted_at": _at(award.contact_deleted_at),
        "language": graduate.language,
        "awarded_on": graduate.awarded_on.isoformat(),
        "grade": graduate.grade,
        "grade_pct": graduate.grade_pct,
        "state": award.state_name,
        "issued_again": None
        if award.reissue is None
        else {
            "reason": award.reissue.told,
            "identity_checked_by": award.reissue.check.method.value,
            "note": award.reissue.check.note,
            "at": _at(award.reissue.check.at),
        },
        "revocations": [{"reason": r.reason, "at": _at(r.requested_at)} for r in held.revocations],
        "claim_link": None
        if held.link is None
        else {"last_day": held.link.until.isoformat(), "sent_by": held.link.link_by.value},
        "history": [{"at": _at(e.at), "what": e.what.value, "reason": e.reason} for e in held.events],
        "messages": [_message(each) for each in held.messages],
        "questions": []
        if held.question is None
        else [
            {"at": _at(line.at), "from": "you" if line.by is None else "the organisation", "text": line.text}
            for line in held.question.lines
        ],
    }


def _message(message: Message) -> dict[str, Any]:
    return {
        "what": message.kind.value,
        "by": message.channel.value,
        "state": message.state_name,
        "reason": message.reason,
        "queued_at": _at(message.queued_at),
    }


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
