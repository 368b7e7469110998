"""The officer's API: sending claim links, what became of it, slips and lists, and reports of mail servers."""

import asyncio
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Final, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from issuer.domain.delivery import (
    LINK_DAYS,
    MOST_REMINDERS,
    REMIND_EVERY_DAYS,
    ClaimLink,
    Delivery,
    OneWay,
    Reminders,
)
from issuer.domain.message import Bounced, Channel, Failed, Kind, Message, Queued
from issuer.entry.acting import Acting, acting
from issuer.entry.harmless import harmless
from issuer.entry.message_text import slip_text
from issuer.ports import PrintSlips
from issuer.use_cases.hand_out import MOST_SLIPS, HandOut, Listed
from issuer.use_cases.look_up_delivery import LookUpDelivery, Undelivered
from issuer.use_cases.send_award import Instead, SendAward
from issuer.use_cases.send_batch import BatchSent, SendBatch
from issuer.use_cases.take_bounce import TakeBounce
from shared.ports.audit import Act, AuditLog, Deed
from shared.ports.clock import Clock
from shared.web.problems import ProblemError

BOUNCES: Final = "bounces:write"
"""For the mail server's own key, which may nothing else."""
Reader = Annotated[Acting, Depends(acting("awards:read"))]
Writer = Annotated[Acting, Depends(acting("awards:write"))]
Bouncer = Annotated[Acting, Depends(acting(BOUNCES))]
COLUMNS: Final = (
    "award_id", "row", "given_name", "family_name", "email", "phone", "language", "state", "link", "until",
    "needs_code",
)  # fmt: skip
_CORRECT: Final = (
    "Ask the graduate for an address that works, correct the award (POST /v1/awards/{id}/supersede with email or phone) "
    "and send the new one (POST /v1/awards/NEW/send); or send it another way (link_by), or print its slip."
)
_AGAIN: Final = "Send the award's link again (POST /v1/awards/{id}/send), or print its slip."


class RemindersJson(BaseModel):
    """After so many days each, at most so often; only who did not claim is reminded."""

    model_config = ConfigDict(extra="forbid")

    every_days: int = Field(default=REMIND_EVERY_DAYS, ge=1, le=365)
    most: int = Field(default=MOST_REMINDERS, ge=1, le=10)


class Send(BaseModel):
    """How to send a batch; what is left out is as said here."""

    model_config = ConfigDict(extra="forbid")

    link_by: Channel = Field(default=Channel.EMAIL, description="which way the link goes where there are two")
    codes: bool = Field(default=True, description="protect the link by a code that goes the other way")
    one_way: OneWay = Field(
        default=OneWay.HOLD,
        description="for a graduate whom one way reaches: hold, without_code or code_on_slip",
    )
    link_days: int = Field(default=LINK_DAYS, ge=1, le=730, description="days the links can be used")
    reminders: RemindersJson | None = None

    def to_domain(self, batch_id: UUID, organisation: str, now: datetime) -> Delivery:
        """Return the choice."""
        asked = self.reminders
        return Delivery(
            batch_id,
            organisation,
            link_by=_sent_way(self.link_by),
            codes=self.codes,
            one_way=self.one_way,
            link_days=self.link_days,
            reminders=Reminders(asked.every_days, asked.most) if asked else None,
            sent_at=now,
        )


class SendOne(BaseModel):
    """What differs this once from what was chosen for the batch."""

    model_config = ConfigDict(extra="forbid")

    link_by: Channel | None = None
    codes: bool | None = None
    one_way: OneWay | None = None


class Held(BaseModel):
    """Awards not sent because only this way reaches their graduates; send again with one_way to decide."""

    email: int
    sms: int


class Queued_(BaseModel):  # noqa: N801 - the domain's has the name
    """Links queued by this call; a sheet waits to be printed."""

    email: int
    sms: int
    sheet: int


class BatchSentShape(BaseModel):
    """What this call did."""

    queued: Queued_
    held: Held
    sent_before: int
    not_waiting: int = Field(description="claimed, declined, revoked or replaced")

    @classmethod
    def of(cls, done: BatchSent) -> Self:
        """Show it."""
        return cls(
            queued=Queued_(**{way.value: done.queued.get(way, 0) for way in Channel}),
            held=Held(email=done.held.get(Channel.EMAIL, 0), sms=done.held.get(Channel.SMS, 0)),
            sent_before=done.sent_before,
            not_waiting=done.not_waiting,
        )


class CountShape(BaseModel):
    """So many messages of a kind, by a way, are in a state."""

    kind: Kind
    channel: Channel
    state: str
    count: int


class DeliveryShape(BaseModel):
    """What was chosen for a batch, null before it was first sent, and how its messages stand."""

    chosen: Send | None
    sent_at: datetime | None
    messages: list[CountShape]


class MessageShape(BaseModel):
    """A message to a graduate; `problem` and `remedy` where it did not arrive, or not yet."""

    id: UUID
    kind: Kind
    channel: Channel
    language: str
    state: str
    attempts: int
    segments: int | None = Field(description="of an SMS: each is paid for")
    queued_at: datetime
    next_try_at: datetime | None
    ended_at: datetime | None
    problem: str | None
    remedy: str | None

    @classmethod
    def of(cls, message: Message) -> Self:
        """Show it."""
        state = message.state
        remedies = {Bounced: _CORRECT, Failed: _AGAIN}
        return cls(
            id=message.id,
            kind=message.kind,
            channel=message.channel,
            language=message.language,
            state=message.state_name,
            attempts=message.attempts,
            segments=message.segments,
            queued_at=message.queued_at,
            next_try_at=state.next_at if isinstance(state, Queued) else None,
            ended_at=None if isinstance(state, Queued) else state.at,
            problem=message.reason or None,
            remedy=remedies.get(type(state)),
        )


class AwardMessages(BaseModel):
    """Until when the link can be used, null if it was never sent, and the messages, oldest first."""

    link_until: date | None
    link_by: Channel | None
    code_by: Channel | None
    messages: list[MessageShape]

    @classmethod
    def of(cls, link: ClaimLink | None, messages: Sequence[Message]) -> Self:
        """Show them."""
        return cls(
            link_until=link.until if link else None,
            link_by=link.link_by if link else None,
            code_by=link.code_by if link else None,
            messages=[MessageShape.of(message) for message in messages],
        )


class UndeliveredMessage(BaseModel):
    """A message that did not arrive, with the award and its row."""

    award_id: UUID
    row: int
    message: MessageShape


class UndeliveredShape(BaseModel):
    """What stands between graduates and their links; `without_link` are ids of awards never sent."""

    messages: list[UndeliveredMessage]
    without_link: list[UUID]

    @classmethod
    def of(cls, found: Undelivered) -> Self:
        """Show it."""
        return cls(
            messages=[
                UndeliveredMessage(award_id=award.id, row=award.row, message=MessageShape.of(message))
                for award, message in found.messages
            ],
            without_link=[award.id for award in found.without_link],
        )


@dataclass(frozen=True)
class Sending:
    """What an officer can do about delivery."""

    send_batch: SendBatch
    send_award: SendAward
    look_up: LookUpDelivery
    hand_out: HandOut
    take_bounce: TakeBounce
    print_slips: PrintSlips
    audit: AuditLog
    clock: Clock


def delivery_router(sending: Sending) -> APIRouter:
    """Routes under /v1."""
    router = APIRouter(prefix="/v1", tags=["delivery"])
    _sending_routes(router, sending)
    _paper_routes(router, sending)

    @router.post(
        "/bounces",
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"message/rfc822": {"schema": {"type": "string", "format": "binary"}}},
            }
        },
    )
    async def bounce(request: Request, by: Bouncer) -> MessageShape:
        """Take in a delivery status notification (RFC 3464) as a mail server delivers it."""
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "message/rfc822":
            raise ProblemError(415, f"Expected a body of type message/rfc822, found {media_type[:80]!r}.")
        return MessageShape.of(await sending.take_bounce(by.organisation, await request.body()))

    return router


def _sending_routes(router: APIRouter, sending: Sending) -> None:
    @router.post("/batches/{batch_id}/send", status_code=202)
    async def send(batch_id: UUID, by: Writer, asked: Send | None = None) -> BatchSentShape:
        """Send each claim link once; a second call sends nothing twice."""
        chosen = (asked or Send()).to_domain(batch_id, by.organisation, sending.clock())
        return BatchSentShape.of(await sending.send_batch(chosen))

    @router.get("/batches/{batch_id}/delivery")
    async def delivery(batch_id: UUID, by: Reader) -> DeliveryShape:
        """How a batch is sent and how its messages stand."""
        chosen, counts = await sending.look_up.batch(by.organisation, batch_id)
        return DeliveryShape(
            chosen=_chosen(chosen) if chosen else None,
            sent_at=chosen.sent_at if chosen else None,
            messages=[
                CountShape(kind=kind, channel=channel, state=state, count=count)
                for (kind, channel, state), count in sorted(counts.items())
            ],
        )

    @router.get("/batches/{batch_id}/undelivered")
    async def undelivered(
        batch_id: UUID,
        by: Reader,
        after: Annotated[UUID | None, Query(description="a message's id, to go on behind")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> UndeliveredShape:
        """Of awards that still wait: what did not arrive and what to do, and which have no link yet."""
        return UndeliveredShape.of(
            await sending.look_up.undelivered(by.organisation, batch_id, after=after, limit=limit)
        )

    @router.post("/awards/{award_id}/send", status_code=202)
    async def send_award(award_id: UUID, by: Writer, asked: SendOne | None = None) -> AwardMessages:
        """Send one award's link, again if need be; its last day counts from now."""
        asked = asked or SendOne()
        instead = Instead(asked.link_by and _sent_way(asked.link_by), asked.one_way, asked.codes)
        await sending.send_award(by.organisation, award_id, instead)
        return AwardMessages.of(*await sending.look_up.award(by.organisation, award_id))

    @router.get("/awards/{award_id}/messages")
    async def messages(award_id: UUID, by: Reader) -> AwardMessages:
        """What was sent to an award's graduate, and what to do where it did not arrive."""
        return AwardMessages.of(*await sending.look_up.award(by.organisation, award_id))


def _paper_routes(router: APIRouter, sending: Sending) -> None:
    @router.get(
        "/batches/{batch_id}/slips.pdf",
        response_class=Response,
        responses={200: {"content": {"application/pdf": {}}}},
    )
    async def slips(
        batch_id: UUID,
        by: Writer,
        after: Annotated[UUID | None, Query(description="`X-Next` of an earlier file")] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_SLIPS)] = MOST_SLIPS,
    ) -> Response:
        """Slips to print and cut, for awards that still wait; where there are more, `X-Next` says after which award."""
        return await slips_file(sending, by, batch_id, after=after, limit=limit)

    @router.get(
        "/batches/{batch_id}/links.csv",
        response_class=Response,
        responses={200: {"content": {"text/csv": {}}}},
    )
    async def links(batch_id: UUID, by: Writer) -> Response:
        """The links of awards that still wait, for a system of your own to send."""
        return await links_file(sending, by, batch_id)


async def slips_file(
    sending: Sending, by: Acting, batch_id: UUID, *, after: UUID | None, limit: int
) -> Response:
    """A file of slips; raises BatchUnknown."""
    found, following = await sending.hand_out.slips(by.organisation, batch_id, after=after, limit=limit)
    texts = [
        slip_text(slip.facts, link_by=slip.link_by, code_goes_by_hand=slip.code_by_hand) for slip in found
    ]
    pdf = await asyncio.to_thread(sending.print_slips, texts)
    await _note(sending, by, "GET /v1/batches/{batch_id}/slips.pdf", batch_id)
    headers = {"X-Next": str(following)} if following else {}
    return _file(pdf, "application/pdf", f"slips-{batch_id}.pdf", headers)


async def links_file(sending: Sending, by: Acting, batch_id: UUID) -> Response:
    """The list of links; raises BatchUnknown."""
    listed = await sending.hand_out.list_links(by.organisation, batch_id)
    await _note(sending, by, "GET /v1/batches/{batch_id}/links.csv", batch_id)
    return _file(as_csv(listed), "text/csv; charset=utf-8", f"links-{batch_id}.csv", {})


async def _note(sending: Sending, by: Acting, what: str, batch_id: UUID) -> None:
    """Reading is no deed, but these can be claimed with."""
    deed = Deed(lambda: Act(what, (f"batch:{batch_id}",)), who=by.caller.who, organisation=by.organisation)
    await sending.audit.note(deed, "done")


def as_csv(listed: Sequence[Listed]) -> bytes:
    """Return the list with a byte-order mark, which spreadsheets want. No cell can be run as a formula."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for each in listed:
        award, graduate = each.award, each.award.graduate
        writer.writerow(
            map(
                harmless,
                (
                    str(award.id),
                    str(award.row),
                    graduate.given_name,
                    graduate.family_name,
                    graduate.email,
                    graduate.phone,
                    graduate.language,
                    award.state_name,
                    each.url,
                    each.link.until.isoformat() if each.link else "",
                    "yes" if award.code_digest else "no",
                ),
            )
        )
    return file.getvalue().encode("utf-8-sig")


def _file(content: bytes, media_type: str, name: str, headers: dict[str, str]) -> Response:
    return Response(
        content,
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
            **headers,
        },
    )


def _sent_way(way: Channel) -> Channel:
    if way is Channel.SHEET:
        raise ProblemError(422, "Expected link_by to be email or sms: slips are printed, not sent.")
    return way


def _chosen(delivery: Delivery) -> Send:
    reminders = delivery.reminders
    return Send(
        link_by=delivery.link_by,
        codes=delivery.codes,
        one_way=delivery.one_way,
        link_days=delivery.link_days,
        reminders=RemindersJson(every_days=reminders.every_days, most=reminders.most) if reminders else None,
    )
