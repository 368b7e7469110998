"""`/v1/api-keys`: keys for programs, by role or scopes. Nobody gives more than he has, nor for longer."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Final, Literal, Self

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from shared.ports.api_keys import (
    ADMIN,
    ApiKey,
    ApiKeyInvalid,
    ApiKeyTooStrong,
    ApiKeyUnknown,
    Caller,
    KeepApiKeys,
    KeptKey,
)
from shared.ports.clock import Clock
from shared.ports.members import Roles
from shared.web.auth import require_scope
from shared.web.pagination import Page, PageQuery, page_of
from shared.web.problems import ProblemMap

SCOPE: Final = "api-keys:write"
PROBLEMS: Final[ProblemMap] = {ApiKeyUnknown: 404, ApiKeyInvalid: 422, ApiKeyTooStrong: 403}
LONGEST_LIFE: Final = timedelta(days=5 * 366)
KeyMaker = Annotated[Caller, Depends(require_scope(SCOPE))]


class NewKey(BaseModel):
    """A key to be made: a name to know it by, a role of the service or scopes, and when it ends."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=120)]
    role: Annotated[str, Field(max_length=100)] | None = None
    scopes: (
        Annotated[list[Annotated[str, Field(max_length=100)]], Field(min_length=1, max_length=50)] | None
    ) = None
    expires_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.role is None) == (self.scopes is None):
            raise ValueError("expected either a role or scopes")
        return self


class KeyBody(BaseModel):
    """A key, without the key. `last_used_on` is a day in UTC; `created_by` is `key:ID` or `member:ID`."""

    id: str
    name: str
    scopes: list[str]
    state: Literal["valid", "expired", "revoked"]
    created_at: datetime
    created_by: str | None
    expires_at: datetime | None
    last_used_on: date | None
    revoked_at: datetime | None


class KeyMade(BaseModel):
    """A key as it is sent in `Authorization: Bearer`, shown only here."""

    api_key: KeyBody
    key: str


def api_keys_router(
    keys: KeepApiKeys, *, roles: Roles, scopes: Collection[str] = (), clock: Clock
) -> APIRouter:
    """`/v1/api-keys`, for the scope api-keys:write. Scopes are those of the service's `roles` and any in `scopes`."""
    router = APIRouter(prefix="/v1/api-keys", tags=["api-keys"])
    known = frozenset[str]({ADMIN, SCOPE}).union(scopes, *roles.values())

    @router.post("", status_code=201)
    async def make(body: NewKey, caller: KeyMaker) -> KeyMade:
        """Make a key; it is shown only here. It may do, and lasts, no more than whoever makes it."""
        now = clock()
        wanted = scopes_asked(body, roles, known)
        expires_at = end_asked(body.expires_at, caller, now)
        refuse_stronger(wanted, caller)
        made, key = await keys.make(
            name=body.name,
            scopes=wanted,
            expires_at=expires_at,
            made_by=caller.who,
            organisation=caller.organisation,
        )
        return KeyMade(api_key=show(made, now), key=key)

    @router.get("")
    async def list_keys(asked: PageQuery, caller: KeyMaker) -> Page[KeyBody]:
        """Every key, oldest first, also those that are over; where there are several organisations, the caller's."""
        rows = await keys.page(after=asked.after, limit=asked.limit + 1, organisation=caller.organisation)
        now = clock()
        return page_of(rows, asked, key=lambda row: row.id, show=lambda row: show(row, now))

    @router.post("/{key_id}/revoke")
    async def revoke(key_id: str, caller: KeyMaker) -> KeyBody:
        """Make a key invalid at once; keys it made stay valid. Revoking twice is no error."""
        found = await keys.one(key_id, caller.organisation)
        refuse_stronger(found.scopes, caller)
        await keys.revoke(key_id, caller.organisation)
        return show(await keys.one(key_id, caller.organisation), clock())

    return router


def scopes_asked(body: NewKey, roles: Roles, known: frozenset[str]) -> frozenset[str]:
    """What the key is to be allowed. Raises ApiKeyInvalid."""
    if not body.name.isprintable() or not body.name.strip():
        raise ApiKeyInvalid("Expected a name of printable characters.")
    if body.role is not None:
        if body.role not in roles:
            raise ApiKeyInvalid(
                f"Expected one of the roles {', '.join(roles) or '(none here: name scopes)'}, found {body.role[:40]}."
            )
        return roles[body.role]
    wanted = frozenset(body.scopes or ())
    if unknown := sorted(wanted - known):
        found = ", ".join(name[:40] for name in unknown)
        raise ApiKeyInvalid(f"Expected scopes among {', '.join(sorted(known))}; found {found}.")
    return wanted


def end_asked(asked: datetime | None, caller: Caller, now: datetime) -> datetime | None:
    """When the key is to end: no later than the key that makes it. Raises ApiKeyInvalid, ApiKeyTooStrong."""
    if asked is not None and not now < asked.astimezone(UTC) <= now + LONGEST_LIFE:
        raise ApiKeyInvalid("Expected `expires_at` to lie ahead, within five years.")
    own = caller.expires_at if isinstance(caller, ApiKey) else None
    if own is not None and asked is not None and asked > own:
        raise ApiKeyTooStrong(f"Your key ends at {own.isoformat()}: a key it makes ends then at the latest.")
    return asked or own


def refuse_stronger(scopes: frozenset[str], caller: Caller) -> None:
    """Raises ApiKeyTooStrong if these include one that whoever asks does not have."""
    if beyond := sorted(scope for scope in scopes if not caller.may(scope)):
        raise ApiKeyTooStrong(
            f"You do not have {', '.join(beyond)}: ask somebody who has to make or revoke this key."
        )


def show(key: KeptKey, now: datetime) -> KeyBody:
    """A key as the API says it."""
    over = key.expires_at is not None and key.expires_at <= now
    return KeyBody(
        id=key.id,
        name=key.name,
        scopes=sorted(key.scopes),
        state="revoked" if key.revoked_at else "expired" if over else "valid",
        created_at=key.created_at,
        created_by=key.created_by,
        expires_at=key.expires_at,
        last_used_on=key.last_used_on,
        revoked_at=key.revoked_at,
    )
