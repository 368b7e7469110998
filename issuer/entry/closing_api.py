"""`/v1/organisations/{slug}/close` and `…/bundle`: what the operator does when an organisation closes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import APIRouter, Depends, Response

from issuer.domain.organisation import Organisation
from issuer.entry.shapes import OrganisationShape
from issuer.use_cases.close_organisation import CloseOrganisation
from issuer.use_cases.look_up import LookUp
from shared.ports.api_keys import OPERATE
from shared.web.auth import require_scope


@dataclass(frozen=True)
class Closing:
    """What the operator can do."""

    look_up: LookUp
    close: CloseOrganisation
    bundle: Callable[[Organisation], Awaitable[bytes]]


def closing_router(closing: Closing) -> APIRouter:
    """Routes for the scope organisations:write."""
    router = APIRouter(
        prefix="/v1/organisations", tags=["organisations"], dependencies=[Depends(require_scope(OPERATE))]
    )

    @router.post("/{slug}/close")
    async def close(slug: str) -> OrganisationShape:
        """Close it for good: nothing is awarded any more, and its status lists say under its signature that they are the last."""
        await closing.close(slug)
        return OrganisationShape.of(*await closing.look_up.organisation(slug))

    @router.get(
        "/{slug}/bundle",
        response_class=Response,
        responses={200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}},
    )
    async def bundle(slug: str) -> Response:
        """All it has published, as a ZIP file for a custodian; a rehearsal until it has closed. No key, no person's data."""
        organisation, _ = await closing.look_up.organisation(slug)
        return Response(
            await closing.bundle(organisation),
            media_type="application/zip",
            headers={"Content-Disposition": f'attachment; filename="{slug}-bundle.zip"'},
        )

    return router
