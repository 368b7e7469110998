"""What anybody may ask about the lists: what changed between two, whether they follow one another, and one as JSON."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from services.trust_registry.domain.comparing import Difference, Link, What, chained, differences
from services.trust_registry.domain.issuing import Issue, Scheme, own_key
from services.trust_registry.entry.reading import ReadLists
from services.trust_registry.errors import ListUnknown
from services.trust_registry.ports import KeepRegister
from shared.vc import jws
from shared.vc.jcs import canonicalize
from shared.vc.keys import public_from_multikey
from shared.vc.trust_list import TrustList
from shared.vc.trust_list_form import LIST_JWS_TYPE, LONGEST_LIST
from shared.web.pagination import Page, PageQuery, page_of
from shared.web.problems import ProblemError
from shared.web.public_files import public_file

LARGEST = 2**31 - 1
FOR_EVER = "public, max-age=31536000, immutable"

Number = Annotated[int, Query(ge=1, le=LARGEST)]


class DifferenceShown(BaseModel):
    """One thing that is otherwise; `before` and `after` are short texts."""

    what: What
    entity_id: str | None
    name: str | None
    authorization_id: str | None
    since: datetime | None
    reason: str | None
    before: str
    after: str

    @classmethod
    def of(cls, found: Difference) -> Self:
        """As the API shows it."""
        return cls(
            what=found.what,
            entity_id=found.entity.id if found.entity else None,
            name=found.entity.name() if found.entity else None,
            authorization_id=found.authorization.id if found.authorization else None,
            since=found.period.since if found.period else None,
            reason=found.period.reason if found.period else None,
            before=found.before,
            after=found.after,
        )


class ChangesShown(BaseModel):
    """What is otherwise in list `to` than in list `from`."""

    from_: int = Field(alias="from")
    to: int
    changes: list[DifferenceShown]


class LinkShown(BaseModel):
    """One list of the chain. `holds`: it follows the one before it; where it does not, or begins anew, `why` says so."""

    number: int
    issued: datetime
    next_update: datetime
    digest: str
    previous: str | None
    holds: bool
    why: str

    @classmethod
    def of(cls, link: Link) -> Self:
        """As the API shows it."""
        return cls(
            number=link.issue.number,
            issued=link.issue.issued,
            next_update=link.issue.next_update,
            digest=link.issue.digest,
            previous=link.issue.previous,
            holds=link.holds,
            why=link.why,
        )


def public_lists_router(scheme: Scheme, register: KeepRegister, read: ReadLists) -> APIRouter:
    """`/v1/lists/{name}/changes`, `…/chain` and `…/content`; none needs an API key."""
    router = APIRouter(prefix="/v1/lists/{name}", tags=["lists"])

    async def opened(name: str, number: int) -> tuple[Issue, TrustList]:
        found = await read(number) if name == scheme.name else None
        if found is None:
            raise ListUnknown(f"there is no list {name[:80]!r} number {number} here")
        return found

    @router.get("/changes")
    async def changes(name: str, from_: Annotated[Number, Query(alias="from")], to: Number) -> ChangesShown:
        """What changed between two lists."""
        if to <= from_:
            raise ProblemError(422, f"Expected `to` after `from`, found {from_} and {to}: exchange them.")
        (_, before), (_, after) = await opened(name, from_), await opened(name, to)
        found = differences(before, after)
        return ChangesShown(**{"from": from_}, to=to, changes=[DifferenceShown.of(each) for each in found])

    @router.get("/chain")
    async def chain(name: str, page: PageQuery) -> Page[LinkShown]:
        """Every list's number, digest and the digest it follows: a fork shows as one that does not hold."""
        if name != scheme.name:
            raise ListUnknown(f"expected the list {scheme.name!r}, found {name[:80]!r}")
        after = _number(page.after)
        issues = await register.issues(after=after, limit=page.limit + 1)
        links = chained(issues, before=await register.issue(after) if after else None)
        return page_of(links, page, key=lambda link: str(link.issue.number), show=LinkShown.of)

    @router.get("/content", response_class=Response)
    async def content(request: Request, name: str, number: Number) -> Response:
        """The JSON that is signed in one list (ETSI TS 119 602), for people and spreadsheets: programs take the signed form."""
        issue, _ = await opened(name, number)
        payload = jws.verify(
            issue.compact,
            public_from_multikey(own_key(issue.compact)),
            typ=LIST_JWS_TYPE,
            longest=LONGEST_LIST,
        )
        return public_file(
            request,
            canonicalize(payload),
            media_type="application/json",
            caching=FOR_EVER,
            etag=issue.digest,
        )

    return router


def _number(after: str | None) -> int:
    if after is None:
        return 0
    if not after.isdecimal() or int(after) > LARGEST:
        raise ProblemError(400, "Expected `after` to be the `next` of an earlier page.")
    return int(after)
