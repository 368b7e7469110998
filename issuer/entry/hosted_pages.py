"""`/console/organisations`: the operator takes up organisations and suspends them. She sees that they are there, never an award."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from issuer.entry.areas import ORGANISATIONS
from issuer.entry.organisations_api import NewOrganisation, Operator
from issuer.entry.shapes import OrganisationShape
from issuer.errors import OrganisationAdministered, OrganisationExists
from shared.ports.api_keys import Caller
from shared.ports.members import LINK_LASTS, EmailTaken, NotAMember, Suspended
from shared.web.actors import isolated
from shared.web.auth import require_scope
from shared.web.console import Console
from shared.web.countries import countries, country_name
from shared.web.forms import Filled
from shared.web.manage_members import Invitation
from shared.web.pagination import PageQuery, page_of

Operating = Annotated[Caller, Depends(require_scope(ORGANISATIONS.scope))]
REFUSED: Final = 422
LONGEST_REASON: Final = 500
_REFUSALS: Final = {
    NotAMember: "hosted_wrong_first",
    EmailTaken: "hosted_wrong_taken",
    Suspended: "hosted_wrong_first",
    OrganisationAdministered: "hosted_wrong_administered",
}


@dataclass(frozen=True, kw_only=True)
class HostedPages:
    """What the pages show and do."""

    operator: Operator
    console: Console

    async def everybody(
        self, request: Request, caller: Caller, asked: PageQuery, filled: Filled | None = None
    ) -> Response:
        """Every organisation, and the form for another."""
        found = await self.operator.look_up.organisations(after=asked.after, limit=asked.limit + 1)
        page = page_of(found, asked, key=lambda pair: pair[0].slug, show=lambda p: OrganisationShape.of(*p))
        language = self.console.language(request)
        return self.console.show(
            request,
            "console/hosted_organisations.html",
            caller,
            status=REFUSED if filled else 200,
            wrong=self.console.words(request)["hosted_wrong"] if filled else None,
            filled=filled or Filled(FormData()),
            rows=page.items,
            next=page.next,
            countries=list(countries(language).items()),
            country=lambda code: country_name(code, language),
        )

    async def one(
        self,
        request: Request,
        caller: Caller,
        slug: str,
        *,
        wrong: str | None = None,
        filled: Filled | None = None,
    ) -> Response:
        """One organisation, and what can be done."""
        hosted = OrganisationShape.of(*await self.operator.look_up.organisation(slug))
        language = self.console.language(request)
        return self.console.show(
            request,
            "console/hosted_organisation.html",
            caller,
            status=REFUSED if wrong else 200,
            wrong=self.console.words(request)[wrong] if wrong else None,
            filled=filled or Filled(FormData()),
            hosted=hosted,
            country=lambda code: country_name(code, language),
        )

    async def invite(self, request: Request, caller: Caller, slug: str, filled: Filled) -> Response:
        """A link for the first administrator, this once."""
        try:
            made = await self.operator.admit_first(
                slug, name=filled.text("first_name"), email=filled.text("first_email")
            )
        except tuple(_REFUSALS) as error:
            return await self.one(request, caller, slug, wrong=_REFUSALS[type(error)], filled=filled)
        return self._invited(request, caller, made)

    def _invited(self, request: Request, caller: Caller, made: Invitation) -> Response:
        return self.console.show(
            request,
            "console/hosted_invited.html",
            caller,
            scripts=("copy.js",),
            person_name=isolated(made.member.name),
            hours=int(LINK_LASTS.total_seconds()) // 3600,
            link=made.url,
        )


def hosted_pages(pages: HostedPages) -> APIRouter:
    """Pages for the scope organisations:write."""
    router = APIRouter(prefix=ORGANISATIONS.path, include_in_schema=False)
    _everybody(router, pages)
    _one(router, pages)
    return router


def _everybody(router: APIRouter, pages: HostedPages) -> None:
    @router.get("")
    async def everybody(request: Request, caller: Operating, asked: PageQuery) -> Response:
        return await pages.everybody(request, caller, asked)

    @router.post("")
    async def take_up(request: Request, caller: Operating, asked: PageQuery) -> Response:
        filled = Filled(await request.form())
        given = {name: filled.text(name) for name in ("slug", "name", "country")}
        for name in ("first_name", "first_email"):
            if not filled.text(name):
                filled.miss(name, "hosted_wrong_first")
        try:
            new = NewOrganisation.model_validate(given)
        except ValidationError as error:
            for each in error.errors():
                filled.miss(str(each["loc"][0]), f"hosted_wrong_{each['loc'][0]}")
            return await pages.everybody(request, caller, asked, filled)
        if not filled.is_sound:
            return await pages.everybody(request, caller, asked, filled)
        try:
            await pages.operator.create(slug=new.slug, name=new.name, country=new.country)
        except OrganisationExists:
            filled.miss("slug", "hosted_wrong_exists")
            return await pages.everybody(request, caller, asked, filled)
        return await pages.invite(request, caller, new.slug, filled)


def _one(router: APIRouter, pages: HostedPages) -> None:
    @router.get("/{slug}")
    async def one(request: Request, caller: Operating, slug: str) -> Response:
        return await pages.one(request, caller, slug)

    @router.post("/{slug}/invitation")
    async def invite(request: Request, caller: Operating, slug: str) -> Response:
        return await pages.invite(request, caller, slug, Filled(await request.form()))

    @router.post("/{slug}/suspend")
    async def suspend(request: Request, caller: Operating, slug: str) -> Response:
        filled = Filled(await request.form())
        reason = filled.text("reason")
        if not reason or len(reason) > LONGEST_REASON:
            filled.miss("reason", "hosted_wrong_reason")
            return await pages.one(request, caller, slug, wrong="hosted_wrong_reason", filled=filled)
        await pages.operator.suspend(slug, suspended=True, reason=reason)
        return pages.console.back(f"{ORGANISATIONS.path}/{slug}", "hosted_suspended")

    @router.post("/{slug}/resume")
    async def resume(caller: Operating, slug: str) -> Response:
        del caller  # who may is asked by its type
        await pages.operator.suspend(slug, suspended=False)
        return pages.console.back(f"{ORGANISATIONS.path}/{slug}", "hosted_resumed")
