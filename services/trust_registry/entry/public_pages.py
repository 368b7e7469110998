"""The list for people: pages without sign-in and without scripts, which say what was signed.

Each page is the same for every reader of a language, so caches may keep it; a reader's choice of language stays in the address.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse

from services.trust_registry.domain.comparing import Difference, differences
from services.trust_registry.domain.issuing import Issue, Scheme
from services.trust_registry.entry.in_words import KINDS, STATES, kinds_of, matches, permission, state_of
from services.trust_registry.entry.reading import ReadLists
from services.trust_registry.errors import EntityUnknown
from services.trust_registry.ports import SignLists
from shared.ports.clock import Clock
from shared.vc.trust_list import ACTIONS, TrustedEntity, TrustList
from shared.web.countries import countries, country_name
from shared.web.languages import CHOICE, day_in_words, language_for, moment_in_words
from shared.web.pages import Pages

CACHING: Final = "public, max-age=15"
PAGE: Final = 20
LONGEST: Final = 200

Text = Annotated[str, Query(max_length=LONGEST)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader looks for; empty texts ask for nothing."""

    q: str
    country: str
    action: str
    status: str
    kind: str

    def fits(self, entity: TrustedEntity, now: datetime) -> bool:
        """Whether the organisation has one permission that fits, and all else fits too."""
        if self.country and entity.country != self.country:
            return False
        if self.q and not matches(entity, self.q):
            return False
        return not (self.action or self.status or self.kind) or any(
            (not self.action or each.action == self.action)
            and (not self.status or state_of(each, now) == self.status)
            and (not self.kind or self.kind in kinds_of(each))
            for each in entity.authorizations
        )

    def asked(self) -> Mapping[str, str]:
        """What is asked for, as the address says it."""
        facts = {"q": self.q, "country": self.country, "action": self.action}
        return {
            key: text for key, text in {**facts, "status": self.status, "kind": self.kind}.items() if text
        }


@dataclass(frozen=True, kw_only=True)
class PublicPages:
    """Shows pages of one scheme."""

    scheme: Scheme
    read: ReadLists
    signer: SignLists
    pages: Pages
    url: str
    clock: Clock

    async def show(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        scripts: Sequence[str] = (),
        kept: bool = True,
        **facts: object,
    ) -> HTMLResponse:
        """A page in the reader's language, with the newest list's number and dates; `kept` by caches for a moment."""
        language = language_for(request)
        found = await self.read()
        now = self.clock()
        return self.pages.show(
            request,
            f"public/{template}.html",
            status=status,
            lang=language,
            scripts=scripts,
            headers=None,
            style="",
            modules=(),
            caching=CACHING if kept and status == Response().status_code else None,
            scheme=self.scheme,
            territory=country_name(self.scheme.territory, language),
            newest=found[0] if found else None,
            stale=bool(found and found[1].is_stale(now)),
            to=lambda path, **query: _address(request, path, query),
            chosen=request.query_params.get(CHOICE, ""),
            here=request.url.path,
            day=lambda moment: day_in_words(moment.date(), language),
            moment=lambda at: moment_in_words(at, language),
            **facts,
        )

    def shown(self, entity: TrustedEntity, language: str) -> Mapping[str, object]:
        """What a page says of an organisation."""
        now = self.clock()
        return {
            "id": entity.id,
            "name": entity.name(language),
            "names": entity.names,
            "country": country_name(entity.country, language),
            "dids": sorted(entity.dids),
            "external_ids": entity.external_ids,
            "permissions": [permission(each, language, now) for each in entity.authorizations],
        }

    def difference(self, found: Difference, language: str) -> Mapping[str, object]:
        """One thing that changed, for a page; `key` names its words."""
        entity, authorization = found.entity, found.authorization
        return {
            "what": found.what,
            "id": entity.id if entity else None,
            "name": entity.name(language) if entity else None,
            "permission": permission(authorization, language, self.clock()) if authorization else None,
            "status": found.period.status if found.period else None,
            "reason": found.period.reason if found.period else None,
            "before": found.before,
            "after": found.after,
        }


def public_pages(pages: PublicPages) -> APIRouter:
    """Every page about the list."""
    router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

    @router.get("/")
    async def whole_list(
        request: Request,
        wanted: Annotated[Wanted, Depends(_wanted)],
        page: Annotated[str, Query(max_length=10)] = "1",
    ) -> HTMLResponse:
        """Who is trusted for what since when."""
        language = language_for(request)
        found = await pages.read()
        listed = _fitting(found[1], wanted, language, pages.clock()) if found else []
        last = max(1, -(-len(listed) // PAGE))
        number = min(max(int(page), 1), last) if page.isascii() and page.isdigit() else 1
        present = {entity.country for entity in found[1].entities} if found else set()
        return await pages.show(
            request,
            "list",
            wanted=wanted,
            asked=wanted.asked(),
            empty=not (found and found[1].entities),
            entities=[
                pages.shown(entity, language) for entity in listed[(number - 1) * PAGE : number * PAGE]
            ],
            count=len(listed),
            page=number,
            last=last,
            countries={code: name for code, name in countries(language).items() if code in present},
            actions=ACTIONS,
            states=STATES,
            kinds=KINDS,
            two_persons=found[1].four_eyes if found else None,
        )

    @router.get("/organisations/{entity_id}")
    async def organisation(request: Request, entity_id: str) -> HTMLResponse:
        """One organisation with all its history."""
        found = await pages.read()
        entities = found[1].entities if found else ()
        entity = next((each for each in entities if each.id == entity_id), None)
        if entity is None:
            raise EntityUnknown(f"there is no organisation {entity_id[:80]!r} on the newest list")
        return await pages.show(request, "entity", entity=pages.shown(entity, language_for(request)))

    @router.get("/check")
    async def check(request: Request) -> HTMLResponse:
        """What to pin, and why that suffices."""
        return await pages.show(request, "check", operator=await pages.signer.operator(), url=pages.url)

    @router.get("/changes")
    async def changes(
        request: Request,
        earlier: Annotated[str, Query(alias="from", max_length=10)] = "",
        later: Annotated[str, Query(alias="to", max_length=10)] = "",
    ) -> HTMLResponse:
        """What is otherwise in one list than in another; without numbers, what the newest changed."""
        newest = await pages.read.register.issue()
        last = newest.number if newest else 0
        numbers = _number(earlier, max(last - 1, 1)), _number(later, last)
        before, after = [
            await pages.read(number) if 0 < number <= last else None for number in sorted(numbers)
        ]
        found = differences(before[1], after[1]) if before and after else ()
        language = language_for(request)
        return await pages.show(
            request,
            "changes",
            status=200 if before and after else 422,
            earlier=min(numbers),
            later=max(numbers),
            last=last,
            wrong=not (before and after),
            differences=[pages.difference(each, language) for each in found],
        )

    @router.get("/past")
    async def past(request: Request, before: Annotated[str, Query(max_length=10)] = "") -> HTMLResponse:
        """Every list ever issued, newest first."""
        newest = await pages.read.register.issue()
        top = newest.number if newest else 0
        if before.isascii() and before.isdigit():
            top = min(top, int(before) - 1)
        issues = await _issues(pages, top)
        left = top - PAGE + 1
        return await pages.show(request, "past", issues=issues, before=left if left > 1 else None)

    return router


def _wanted(
    q: Text = "", country: Text = "", action: Text = "", status: Text = "", kind: Text = ""
) -> Wanted:
    return Wanted(q.strip(), country, action, status, kind)


def _number(given: str, otherwise: int) -> int:
    """A number of a list; 0, which none has, for what is no number."""
    if not given:
        return otherwise
    return int(given) if given.isascii() and given.isdigit() else 0


async def _issues(pages: PublicPages, top: int) -> Sequence[Issue]:
    """Those of a page of numbers from `top` down, without their text; numbers that were left out have none."""
    found = await pages.read.register.issues(after=max(top - PAGE, 0), limit=PAGE)
    return [issue for issue in reversed(found) if issue.number <= top]


def _fitting(trust_list: TrustList, wanted: Wanted, language: str, now: datetime) -> list[TrustedEntity]:
    found = [entity for entity in trust_list.entities if wanted.fits(entity, now)]
    return sorted(found, key=lambda entity: (entity.name(language).casefold(), entity.id))


def _address(request: Request, path: str, query: Mapping[str, object]) -> str:
    """An address here that keeps the reader's choice of language."""
    chosen = request.query_params.get(CHOICE)
    asked = {key: value for key, value in query.items() if value not in {None, ""}}
    if chosen:
        asked[CHOICE] = chosen
    return f"{path}?{urlencode(asked)}" if asked else path
