"""Two thin pages: a request with its QR code, and the landing page of an invitation opened in a browser."""

import segno
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from shared.web.pages import Pages
from verifier.domain.request import Asked, Created, state_name
from verifier.errors import RequestNotFound
from verifier.ports import KeepRequests

LONGEST_INVITATION = 6_000
QR_MODULES = 4


def pages_router(requests: KeepRequests, pages: Pages) -> APIRouter:
    """Pages need no key: a request's id cannot be guessed, and the page shows nothing of an answer."""
    router = APIRouter(tags=["pages"], include_in_schema=False)

    @router.get("/r/{request_id}")
    async def request_page(request: Request, request_id: str) -> HTMLResponse:
        found = await requests.find(request_id)
        if found is None:
            raise RequestNotFound("no request has this address: ask whoever gave it to you for a new one")
        waits = isinstance(found, (Created, Asked))
        return pages.show(
            request,
            "request.html",
            purpose=found.stated.requirement.purpose,
            keep_days=found.stated.requirement.keep_days,
            state=state_name(found),
            invitation_url=found.stated.invitation.url if waits else None,
            qr=f"/r/{request_id}/qr.svg",
            expires_at=found.stated.expires_at,
        )

    @router.get("/r/{request_id}/qr.svg")
    async def qr_code(request_id: str) -> Response:
        found = await requests.find(request_id)
        if found is None or not isinstance(found, (Created, Asked)):
            raise RequestNotFound("this request does not wait for an answer")
        svg = segno.make(found.stated.invitation.url, error="l", micro=False).svg_inline(scale=QR_MODULES)
        return Response(
            svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1), media_type="image/svg+xml"
        )

    @router.get("/i")
    async def landing(request: Request, oob: str = "") -> HTMLResponse:
        if not oob or len(oob) > LONGEST_INVITATION:
            raise RequestNotFound("this address holds no invitation: copy the whole link")
        return pages.show(request, "invitation.html")

    return router
