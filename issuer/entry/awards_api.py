"""The officer's API over awards: finding, exporting, revoking, correcting, issuing again."""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from issuer.domain.award import Award, Revoked, Superseded
from issuer.domain.claim import claim_token
from issuer.domain.finding import Wanted
from issuer.domain.history import AwardStage
from issuer.entry.acting import Acting, acting
from issuer.entry.cursor import id_after
from issuer.entry.harmless import harmless
from issuer.entry.shapes import AwardShape, Reissue, RevocationOrderShape, Revoke, RevokeMany, Supersede
from issuer.use_cases.find_awards import FindAwards, FoundAward
from issuer.use_cases.reinstate_award import ReinstateAward
from issuer.use_cases.reissue_award import ReissueAward
from issuer.use_cases.revoke_award import RevokeAward
from issuer.use_cases.revoke_awards import RevokeAwards
from issuer.use_cases.supersede_award import SupersedeAward
from issuer.use_cases.suspend_award import SuspendAward
from shared.ports.api_keys import ADMIN, Caller
from shared.ports.audit import Act, AuditLog, Deed
from shared.ports.clock import Clock
from shared.web.pagination import Page, PageQuery, page_of
from shared.web.problems import ProblemError

Reader = Annotated[Acting, Depends(acting("awards:read"))]
Writer = Annotated[Acting, Depends(acting("awards:write"))]
LONGEST_SEARCH: Final = 200
COLUMNS: Final = (
    "award_id", "stage", "given_name", "family_name", "email", "phone", "language", "awarded_on", "grade_pct", "grade",
    "template_id", "edition_id", "batch_id", "row", "link_until", "replaces", "superseded_by", "reissues", "reason",
    "created_at", "updated_at",
)  # fmt: skip


@dataclass(frozen=True)
class AwardUses:
    """What can be done with awards."""

    find: FindAwards
    revoke: RevokeAward
    suspend: SuspendAward
    reinstate: ReinstateAward
    supersede: SupersedeAward
    reissue: ReissueAward
    revoke_many: RevokeAwards
    audit: AuditLog
    clock: Clock
    base_url: str
    secret: bytes

    def claim_url(self, award: Award) -> str:
        """Return the link the learner gets."""
        return f"{self.base_url}/claim/{claim_token(self.secret, award.id)}"

    def shape(self, found: FoundAward, code: str | None = None) -> AwardShape:
        """Show an award with its link."""
        return AwardShape.of(found, self.claim_url(found.award), code)

    async def export(self, by: Acting, wanted: Wanted) -> StreamingResponse:
        """What is found as a file. Raises BatchUnknown or TemplateUnknown."""
        await self.find(by.organisation, wanted, after=None, limit=1)
        what = Act("GET /v1/awards.csv", ())
        await self.audit.note(
            Deed(lambda: what, who=by.caller.who, organisation=by.organisation), "done"
        )  # reading is no deed, but a file of everybody's addresses leaves the house
        return StreamingResponse(
            as_csv(self.find.all(by.organisation, wanted)),
            media_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="awards-{self.clock().date().isoformat()}.csv"',
                "Cache-Control": "no-store",
            },
        )


def wanted_awards(  # noqa: PLR0917 - FastAPI passes them by name
    batch: Annotated[UUID | None, Query(description="those of this batch")] = None,
    template: Annotated[UUID | None, Query(description="those of this programme's edition")] = None,
    stage: AwardStage | None = None,
    name: Annotated[
        str,
        Query(
            max_length=LONGEST_SEARCH,
            description="how the name begins, given or family name first, in any case",
        ),
    ] = "",
    email: Annotated[
        str, Query(max_length=LONGEST_SEARCH, description="the whole address, in any case")
    ] = "",
    phone: Annotated[
        str, Query(max_length=LONGEST_SEARCH, description="compared from its end, nine digits at most")
    ] = "",
    since: Annotated[date | None, Query(description="awarded on this day or later")] = None,
    until: Annotated[date | None, Query(description="awarded on this day or earlier")] = None,
) -> Wanted:
    """What to look for; all of it must hold."""
    return Wanted(
        name=name.replace("\0", ""),
        email=email.replace("\0", ""),
        phone=phone.replace("\0", ""),
        stage=stage,
        batch_id=batch,
        template_id=template,
        since=since,
        until=until,
    )


Looking = Annotated[Wanted, Depends(wanted_awards)]


def awards_router(uses: AwardUses) -> APIRouter:
    """Routes under /v1."""
    router = APIRouter(prefix="/v1", tags=["awards"])
    _reading(router, uses)
    _changing(router, uses)
    _revoking_many(router, uses)
    return router


def _reading(router: APIRouter, uses: AwardUses) -> None:
    @router.get("/awards")
    async def awards(asked: PageQuery, wanted: Looking, by: Reader) -> Page[AwardShape]:
        """Awards in the order they were made: all, or those that are looked for."""
        found = await uses.find(by.organisation, wanted, after=id_after(asked.after), limit=asked.limit + 1)
        return page_of(found, asked, key=lambda each: str(each.award.id), show=uses.shape)

    @router.get(
        "/awards.csv",
        response_class=StreamingResponse,
        responses={200: {"content": {"text/csv": {}}}},
    )
    async def export(wanted: Looking, by: Reader) -> StreamingResponse:
        """The same as a file, without the links; noted in the audit log."""
        return await uses.export(by, wanted)

    @router.get("/awards/{award_id}")
    async def award(award_id: UUID, by: Reader) -> AwardShape:
        """One award, with its history."""
        return uses.shape(await uses.find.one(by.organisation, award_id))


def _changing(router: APIRouter, uses: AwardUses) -> None:
    @router.post("/awards/{award_id}/revoke")
    async def revoke(award_id: UUID, asked: Revoke, by: Writer) -> AwardShape:
        """Take an award back; its status list follows within seconds (`revocation.published_at`)."""
        await uses.revoke(by.organisation, award_id, asked.reason, notify=asked.notify)
        return uses.shape(await uses.find.one(by.organisation, award_id))

    @router.post("/awards/{award_id}/suspend")
    async def suspend(award_id: UUID, asked: Revoke, by: Writer) -> AwardShape:
        """Make an issued award not count for a while; only the learner is told that it is not revoked."""
        await uses.suspend(by.organisation, award_id, asked.reason)
        return uses.shape(await uses.find.one(by.organisation, award_id))

    @router.post("/awards/{award_id}/reinstate")
    async def reinstate(award_id: UUID, asked: Revoke, by: Writer) -> AwardShape:
        """Make a suspended award count again."""
        await uses.reinstate(by.organisation, award_id, asked.reason)
        return uses.shape(await uses.find.one(by.organisation, award_id))

    @router.post("/awards/{award_id}/supersede", status_code=201)
    async def supersede(award_id: UUID, asked: Supersede, by: Writer) -> AwardShape:
        """Replace an award by a corrected one with a claim link of its own."""
        new, code = await uses.supersede(
            by.organisation, award_id, asked.corrections(), reason=asked.reason, notify=asked.notify
        )
        return uses.shape(await uses.find.one(by.organisation, new.id), code)

    @router.post("/awards/{award_id}/reissue", status_code=201)
    async def reissue(award_id: UUID, asked: Reissue, by: Writer) -> AwardShape:
        """Issue an award again to a learner who lost it and whose identity was checked; the old one is revoked at once."""
        new, code = await uses.reissue(
            by.organisation,
            award_id,
            asked.to_domain(by=by.caller.who, at=uses.clock()),
            beyond_limit=may_go_beyond(by.caller, asked=asked.beyond_limit),
            notify=asked.notify,
        )
        return uses.shape(await uses.find.one(by.organisation, new.id), code)


def _revoking_many(router: APIRouter, uses: AwardUses) -> None:
    @router.post("/awards/revoke", status_code=202)
    async def revoke_many(asked: RevokeMany, by: Writer) -> RevocationOrderShape:
        """Take back a whole batch, or chosen awards, for one reason; what has ended already stays as it is."""
        order = await uses.revoke_many(
            by.organisation,
            batch_id=asked.batch_id,
            award_ids=frozenset(asked.award_ids),
            reason=asked.reason,
            notify=asked.notify,
            by=by.caller.who,
        )
        return RevocationOrderShape.of(*await uses.revoke_many.look_up(by.organisation, order.id))

    @router.get("/revocation-orders/{order_id}")
    async def order(order_id: UUID, by: Reader) -> RevocationOrderShape:
        """How far an order to revoke many awards has come."""
        return RevocationOrderShape.of(*await uses.revoke_many.look_up(by.organisation, order_id))


async def as_csv(found: AsyncIterator[FoundAward]) -> AsyncIterator[bytes]:
    """Lines of a file with a byte-order mark, which spreadsheets want. No cell can be run as a formula."""
    yield "\N{ZERO WIDTH NO-BREAK SPACE}".encode() + _line(COLUMNS)
    async for each in found:
        award, graduate = each.award, each.award.graduate
        ended = award.state if isinstance(award.state, Revoked | Superseded) else None
        yield _line(
            (
                award.id,
                each.stage,
                graduate.given_name,
                graduate.family_name,
                graduate.email,
                graduate.phone,
                graduate.language,
                graduate.awarded_on.isoformat(),
                "" if graduate.grade_pct is None else graduate.grade_pct,
                graduate.grade,
                award.template_id,
                award.edition_id,
                award.batch_id,
                award.row,
                each.link.until.isoformat() if each.link else "",
                award.replaces or "",
                award.state.by if isinstance(award.state, Superseded) else "",
                award.reissues,
                ended.reason if ended else "",
                award.created_at.isoformat(),
                award.updated_at.isoformat(),
            )
        )


def _line(cells: tuple[object, ...]) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line).writerow([harmless("" if cell is None else str(cell)) for cell in cells])
    return line.getvalue().encode()


def may_go_beyond(caller: Caller, *, asked: bool) -> bool:
    """Whether the limit of new issues is lifted this once. Raises ProblemError (403)."""
    if asked and not caller.may(ADMIN):
        raise ProblemError(
            403,
            f"Only a key of scope {ADMIN!r} may go beyond the limit: leave beyond_limit out, or ask for one.",
        )
    return asked
