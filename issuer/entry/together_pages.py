"""Claiming together at the office: by API, and on pages that hand the device over without the officer's session."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from issuer.domain.reissue import CheckMethod, IdentityCheck
from issuer.entry.acting import Acting
from issuer.entry.api import Writer
from issuer.entry.shapes import IdentityCheckMade
from issuer.errors import ClaimAlreadyUsed, IssuerError, NotThere, OrganisationSuspended
from issuer.use_cases.claim_together import ClaimTogether
from shared.ports.clock import Clock
from shared.web.console import Console
from shared.web.forms import Filled
from shared.web.invitations import qr_svg

LONGEST_NOTE: Final = 500


@dataclass(frozen=True, kw_only=True)
class Together:
    """What both do. `wallet_url` None: whichever wallet the office uses opens the invitation itself."""

    claim: ClaimTogether
    wallet_url: str | None
    clock: Clock

    async def begin(
        self, by: Acting, award_id: UUID, method: CheckMethod, note: str
    ) -> tuple[str, str | None]:
        """Return the invitation and the address that the learner's device opens."""
        check = IdentityCheck(method, note, by.caller.who, self.clock())
        invitation = await self.claim(by.organisation, award_id, check)
        return invitation.url, self.page_of(invitation.url)

    def page_of(self, invitation_url: str) -> str | None:
        """The wallet's page for this invitation, which stands behind `#`: no server on the way sees it."""
        if self.wallet_url is None:
            return None
        return f"{self.wallet_url}/together#invitation={quote(invitation_url, safe='')}"


class ClaimTogetherAsked(BaseModel):
    """How the officer made sure who she is."""

    model_config = ConfigDict(extra="forbid")

    identity_check: IdentityCheckMade


class TogetherShape(BaseModel):
    """An invitation for her wallet; `page_url` opens the wallet's page for it, null where no wallet is set up."""

    award_id: UUID
    invitation_url: str
    page_url: str | None
    at: datetime


def together_router(together: Together) -> APIRouter:
    """`POST /v1/awards/{award_id}/claim-together`."""
    router = APIRouter(prefix="/v1/awards", tags=["awards"])

    @router.post("/{award_id}/claim-together", status_code=201)
    async def begin(award_id: UUID, body: ClaimTogetherAsked, by: Writer) -> TogetherShape:
        """Begin a claim at the office: the identity check stands for the one-time code."""
        made = body.identity_check
        invitation, page = await together.begin(by, award_id, made.method, made.note or "")
        return TogetherShape(award_id=award_id, invitation_url=invitation, page_url=page, at=together.clock())

    return router


def together_pages(together: Together, console: Console) -> APIRouter:
    """Pages under /console/awards/{award_id}/together."""
    router = APIRouter(prefix="/console/awards/{award_id}/together", include_in_schema=False)

    @router.get("")
    async def form(request: Request, by: Writer, award_id: UUID) -> Response:
        """How was her identity checked?"""
        return _form(console, request, by, award_id)

    @router.post("")
    async def begin(request: Request, by: Writer, award_id: UUID) -> Response:
        """An invitation, to be opened on another device or, after signing out, on this one."""
        method, note, missing = _check_in(Filled(await request.form()))
        if method is None or missing:
            return _form(console, request, by, award_id, wrong=missing)
        try:
            invitation, page = await together.begin(by, award_id, method, note)
        except NotThere:
            raise
        except IssuerError as error:
            status, wrong = _REFUSED.get(type(error), (503, "together_not_now"))
            return _form(console, request, by, award_id, wrong=wrong, status=status)
        return console.show(
            request,
            "console/together_begun.html",
            by.caller,
            award_id=award_id,
            page=page or invitation,
            qr=qr_svg(page or invitation),
            here=page is not None,
        )

    @router.post("/here")
    async def here(request: Request, by: Writer, award_id: UUID) -> Response:
        """Sign the officer out before the learner sits down; only a link of this service's own wallet is shown."""
        page = Filled(await request.form()).whole("page")
        if together.wallet_url is None or not page.startswith(f"{together.wallet_url}/together#invitation="):
            return _form(console, request, by, award_id, wrong="together_not_now")
        answer = console.show(request, "console/together_here.html", page=page)
        await console.sessions.end(request, answer)
        return answer

    return router


_REFUSED: Final[dict[type[IssuerError], tuple[int, str]]] = {
    ClaimAlreadyUsed: (409, "together_used"),
    OrganisationSuspended: (403, "together_suspended"),
}


def _check_in(given: Filled) -> tuple[CheckMethod | None, str, str | None]:
    """Method and note, and what is missing of them."""
    method = next((each for each in CheckMethod if each == given.text("check")), None)
    note = given.text("check_note")[:LONGEST_NOTE]
    if method is None:
        return None, note, "together_check_missing"
    return method, note, "together_note_missing" if method is CheckMethod.OTHER and not note else None


def _form(
    console: Console,
    request: Request,
    by: Acting,
    award_id: UUID,
    *,
    wrong: str | None = None,
    status: int = 422,
) -> Response:
    words = console.words(request)
    return console.show(
        request,
        "console/together.html",
        by.caller,
        status=status if wrong else 200,
        wrong=words[wrong] if wrong else None,
        award_id=award_id,
        checks=[(each.value, words[f"award_check_{each}"]) for each in CheckMethod],
    )
