"""The console's pages about sending a batch's links: how, to whom not and why, slips to print, links as a list."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import FormData

from issuer.domain.batch import Prepared
from issuer.domain.delivery import LINK_DAYS, MOST_REMINDERS, REMIND_EVERY_DAYS, OneWay
from issuer.domain.message import Channel
from issuer.entry.acting import Acting
from issuer.entry.api import Writer
from issuer.entry.areas import BATCHES
from issuer.entry.delivery_api import RemindersJson, Send, Sending, links_file, slips_file
from issuer.errors import AwardChanged, NothingToSendBy
from issuer.use_cases.hand_out import MOST_SLIPS
from issuer.use_cases.look_up_batch import LookUpBatch
from issuer.use_cases.send_batch import BatchSent
from shared.web.console import Console
from shared.web.forms import Filled

A_PAGE: Final = 50
LONGEST_DAYS: Final = 730
LONGEST_PAUSE: Final = 365
MOST: Final = 10
_WAYS: Final[Mapping[str, Channel]] = {"email": Channel.EMAIL, "sms": Channel.SMS}


@dataclass(frozen=True, kw_only=True)
class SendingPages:
    """What the pages show and do; `ways` are those that are set up."""

    sending: Sending
    look_up: LookUpBatch
    ways: frozenset[Channel]
    console: Console

    async def page(
        self,
        request: Request,
        by: Acting,
        batch_id: UUID,
        *,
        after: UUID | None = None,
        filled: Filled | None = None,
        done: BatchSent | None = None,
        wrong: str | None = None,
    ) -> Response:
        """The choice, what became of it, and what is to be done."""
        seen = await self.look_up.one(by.organisation, batch_id)
        chosen, counts = await self.sending.look_up.batch(by.organisation, batch_id)
        found = await self.sending.look_up.undelivered(
            by.organisation, batch_id, after=after, limit=A_PAGE + 1
        )
        words = self.console.words(request)
        usual = chosen.reminders if chosen else None
        return self.console.show(
            request,
            "console/batch_sending.html",
            by.caller,
            status=422 if filled else 409 if wrong else 200,
            wrong=words[wrong] if wrong else words["sending_wrong"] if filled else None,
            filled=filled or Filled(FormData()),
            batch=seen.batch,
            is_prepared=isinstance(seen.batch.state, Prepared),
            ways=sorted(way.value for way in self.ways),
            chosen=chosen,
            given={
                "link_by": (chosen.link_by if chosen else Channel.EMAIL).value,
                "codes": chosen.codes if chosen else True,
                "one_way": (chosen.one_way if chosen else OneWay.HOLD).value,
                "link_days": chosen.link_days if chosen else LINK_DAYS,
                "remind": usual is not None,
                "every_days": usual.every_days if usual else REMIND_EVERY_DAYS,
                "most": usual.most if usual else MOST_REMINDERS,
            },
            one_ways=[each.value for each in OneWay],
            counts=[
                (
                    words[f"sending_kind_{kind}"],
                    words[f"sending_way_{way}"],
                    words[f"sending_is_{state}"],
                    count,
                )
                for (kind, way, state), count in sorted(counts.items())
            ],
            done=done,
            messages=found.messages[:A_PAGE],
            following=found.messages[A_PAGE - 1][1].id if len(found.messages) > A_PAGE else None,
            without_link=found.without_link[:A_PAGE],
            more_without=len(found.without_link) > A_PAGE,
            slip_files=await self.sending.look_up.slip_files(by.organisation, batch_id, size=MOST_SLIPS),
            most_slips=MOST_SLIPS,
        )


def sending_pages(pages: SendingPages) -> APIRouter:
    """Pages under /console/batches/ID/sending; include them beside those of batches."""
    router = APIRouter(prefix=f"{BATCHES.path}/{{batch_id}}/sending", include_in_schema=False)

    @router.get("")
    async def show(request: Request, by: Writer, batch_id: UUID, after: UUID | None = None) -> Response:
        """What can be done, and what became of it."""
        return await pages.page(request, by, batch_id, after=after)

    @router.post("")
    async def send(request: Request, by: Writer, batch_id: UUID) -> Response:
        """Send each link once; whoever was sent to before is left alone."""
        filled = Filled(await request.form())
        asked = _asked(filled)
        if asked is None:
            return await pages.page(request, by, batch_id, filled=filled)
        chosen = asked.to_domain(batch_id, by.organisation, pages.sending.clock())
        try:
            done = await pages.sending.send_batch(chosen)
        except NothingToSendBy:
            return await pages.page(request, by, batch_id, wrong="sending_no_way")
        except AwardChanged:
            return await pages.page(request, by, batch_id, wrong="sending_changed")
        return await pages.page(request, by, batch_id, done=done)

    @router.get("/slips.pdf")
    async def slips(by: Writer, batch_id: UUID, after: Annotated[UUID | None, Query()] = None) -> Response:
        """Slips to print and cut."""
        return await slips_file(pages.sending, by, batch_id, after=after, limit=MOST_SLIPS)

    @router.get("/links.csv")
    async def links(by: Writer, batch_id: UUID) -> Response:
        """The links as a list."""
        return await links_file(pages.sending, by, batch_id)

    return router


def _asked(filled: Filled) -> Send | None:
    """The choice; None with every mistake named at its field."""
    days = filled.number("link_days", lowest=1, highest=LONGEST_DAYS, wanted=True)
    reminders = None
    if filled.text("remind") == "yes":
        every = filled.number("every_days", lowest=1, highest=LONGEST_PAUSE, wanted=True)
        most = filled.number("most", lowest=1, highest=MOST, wanted=True)
        if every is not None and most is not None:
            reminders = RemindersJson(every_days=every, most=most)
    link_by, one_way = _WAYS.get(filled.text("link_by")), _one_way(filled.text("one_way"))
    if link_by is None:
        filled.miss("link_by", "sending_choose")
    if one_way is None:
        filled.miss("one_way", "sending_choose")
    if link_by is None or one_way is None or days is None or filled.wrong:
        return None
    codes = filled.text("codes") == "yes"
    return Send(link_by=link_by, codes=codes, one_way=one_way, link_days=days, reminders=reminders)


def _one_way(text: str) -> OneWay | None:
    return OneWay(text) if text in set(OneWay) else None
