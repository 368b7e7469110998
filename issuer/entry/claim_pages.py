"""The learner's pages: what waits behind her link, and the invitation once she goes on."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, Field, ValidationError

from issuer.domain.award import (
    Accepted,
    Award,
    Broken,
    Declined,
    Invited,
    Issued,
    Offered,
    Prepared,
    Revoked,
    Superseded,
)
from issuer.domain.claim import MAX_WRONG_CODES
from issuer.domain.profile import in_language
from issuer.domain.queue import Wait
from issuer.entry.admission import logo_address
from issuer.entry.problems import PROBLEMS
from issuer.entry.shapes import ClaimAnswer, ClaimCode
from issuer.entry.wait_words import WORDS as WAIT_WORDS
from issuer.entry.wait_words import wait_in_words
from issuer.entry.words import WORDS
from issuer.errors import ClaimCodeWrong, ClaimLinkUnknown, IssuerError
from issuer.use_cases.begin_claim import BeginClaim
from issuer.use_cases.find_claim import FindClaim, FoundClaim
from issuer.use_cases.look_up import LookUp
from issuer.use_cases.tell_wait import TellWait
from shared.web.invitations import app_link, page_link, qr_svg
from shared.web.languages import day_in_words, language_for
from shared.web.pages import Pages
from shared.web.problems import ProblemError

MOST_AT_HOME: Final = 100
_SHORTEST_PAUSE: Final = 5
_LONGEST_PAUSE: Final = 30
_INVITATION: Final = "/out-of-band/1.1/invitation"


@dataclass(frozen=True)
class Claims:
    """What a learner can do with her link."""

    find: FindClaim
    begin: BeginClaim
    look_up: LookUp
    base_url: str
    tell_wait: TellWait
    wallet_url: str | None = None
    """A wallet in the browser that learners are offered beside their own app."""


class WaitAnswer(BaseModel):
    """For how long she waits: numbers about everybody together, rounded where they are told to one."""

    people: int = Field(
        description="before her, about; 0 where it is her turn in a moment, or she is not waiting"
    )
    seconds: int | None = Field(description="until it is her turn, about; null if that cannot be told")
    ask_again_in: int = Field(description="seconds; 0: there is nothing left to wait for")
    words: str = Field(description="the same in her language; empty where people is 0")


def claim_router(claims: Claims, pages: Pages) -> APIRouter:
    """Routes for people: no key, the link is the key."""
    router = APIRouter(tags=["claims"])
    screens = _Screens(claims, pages.speaking(WORDS).speaking(WAIT_WORDS))

    @router.get("/", response_class=HTMLResponse)
    async def home(request: Request) -> HTMLResponse:
        """What this is, and who awards here."""
        found = await claims.look_up.organisations(after=None, limit=MOST_AT_HOME)
        return pages.show(request, "home.html", organisations=[organisation for organisation, _ in found])

    @router.get("/claim/{token}", response_class=HTMLResponse)
    async def look(request: Request, token: str) -> HTMLResponse:
        """Show what waits; changes nothing."""
        return await screens.claim(request, token)

    @router.post(
        "/claim/{token}",
        response_model=ClaimAnswer,
        responses={200: {"content": {"text/html": {}}}},
        openapi_extra={
            "requestBody": {
                "content": {
                    "application/json": {"schema": ClaimCode.model_json_schema()},
                    "application/x-www-form-urlencoded": {"schema": ClaimCode.model_json_schema()},
                }
            }
        },
    )
    async def go_on(request: Request, token: str) -> Response:
        """Make an invitation for her wallet: as JSON for programs, as a page for a form."""
        if _wants_json(request):
            _, invitation = await claims.begin(token, code=_code_in(await request.body()))
            return JSONResponse(ClaimAnswer(invitation_url=invitation.url).model_dump())
        field = (await request.form(max_fields=5, max_files=0)).get("code")
        try:
            award, invitation = await claims.begin(token, code=field if isinstance(field, str) else None)
        except IssuerError as error:
            return await screens.claim(request, token, refused=error, code_given=bool(field))
        wait = await claims.tell_wait.for_who_begins_now()
        lang = language_for(request, award.graduate.language)
        return screens.invitation(request, invitation.url, lang, waiting=_Waiting(token, lang, wait))

    @router.get("/claim/{token}/wait")
    async def wait(request: Request, token: str) -> WaitAnswer:
        """For how long she waits still, and when to ask again."""
        found = await claims.find(token)
        award, told = found.award, await claims.tell_wait(found.award)
        return WaitAnswer(
            people=told.people if told else 0,
            seconds=told.seconds if told else None,
            ask_again_in=_ask_again_in(award, told),
            words=wait_in_words(told, language_for(request, award.graduate.language)),
        )

    @router.get("/i", response_class=HTMLResponse)
    async def invitation(
        request: Request,
        oob: Annotated[str, Query(max_length=8000, json_schema_extra={"pattern": "^[A-Za-z0-9_=-]*$"})],
    ) -> HTMLResponse:
        """Where an invitation's address leads a browser: wallets read the address itself."""
        if not _is_invitation(oob):
            raise ProblemError(404, "This address holds no invitation. Open your claim link again.")
        return screens.invitation(request, f"{claims.base_url}/i?oob={oob}", language_for(request))

    return router


@dataclass(frozen=True)
class _Waiting:
    """What a page shows of a wait and keeps asking for."""

    token: str
    lang: str
    wait: Wait | None

    @property
    def told(self) -> str:
        """In words; empty where there is nothing to tell."""
        return wait_in_words(self.wait, self.lang)

    @property
    def url(self) -> str:
        """Where the newest is to be had."""
        return f"/claim/{self.token}/wait?lang={self.lang}"

    @property
    def page(self) -> str:
        """The same for browsers without scripts."""
        return f"/claim/{self.token}?lang={self.lang}"

    @property
    def pause(self) -> int:
        """Seconds until asking again tells more."""
        return _pause(self.wait)


@dataclass(frozen=True)
class _Screens:
    """The two pages a learner sees."""

    claims: Claims
    pages: Pages

    async def claim(
        self,
        request: Request,
        token: str,
        refused: IssuerError | None = None,
        *,
        code_given: bool = False,
    ) -> HTMLResponse:
        """Show what waits, and why it could not be had just now."""
        try:
            found = await self.claims.find(token)
        except ClaimLinkUnknown:
            return self.pages.show(request, "unknown.html", status=404, lang=language_for(request))
        award, template = found.award, found.template
        lang = language_for(request, award.graduate.language)
        titles = template.description.titles
        waiting = _Waiting(token, lang, await self.claims.tell_wait(award))
        return self.pages.show(
            request,
            "claim.html",
            scripts=("wait.js",) if waiting.wait else (),
            status=_problem(refused).problem.status if refused else 200,
            headers=_problem(refused).headers if refused else None,
            lang=lang,
            state=_state(found),
            until=day_in_words(found.until, lang) if found.until else None,
            title=titles.get(lang, template.title),
            title_lang=lang if lang in titles else template.language,
            organisation=found.organisation.name_in(lang),
            about=in_language(found.organisation.profile.descriptions, lang),
            profile=found.organisation.profile,
            logo=logo_address(found.organisation.profile.logo),
            style=dress(found.organisation.profile.colour),
            needs_code=award.code_digest is not None,
            problem=_in_words(refused, award, lang, code_given=code_given) if refused else None,
            waiting=waiting,
        )

    def invitation(
        self, request: Request, url: str, lang: str, waiting: _Waiting | None = None
    ) -> HTMLResponse:
        """Show the invitation as a button for this device, a code to scan and a link to copy."""
        return self.pages.show(
            request,
            "invitation.html",
            lang=lang,
            scripts=("copy.js", "wait.js") if waiting else ("copy.js",),
            waiting=waiting,
            invitation_url=url,
            app_url=app_link(url),
            page_url=page_link(self.claims.wallet_url, url),
            qr_svg=qr_svg(url),
        )


def _pause(wait: Wait | None) -> int:
    """Seconds until asking again tells more: a long queue is not made longer by those who ask."""
    if wait is None:
        return _LONGEST_PAUSE // 2
    return max(_SHORTEST_PAUSE, min(_LONGEST_PAUSE, (wait.seconds or _LONGEST_PAUSE) // 4))


def _ask_again_in(award: Award, wait: Wait | None) -> int:
    """The same; 0 when nothing comes any more, or all is with her wallet."""
    return _pause(wait) if isinstance(award.state, Invited | Accepted) else 0


def dress(colour: str) -> str:
    """The style of a page in an organisation's colour, on which white text is known to be read well."""
    if not colour:
        return ""
    return (
        f".card{{border-top:.4rem solid {colour}}}"
        f"main button:not(.quiet){{background:{colour};border-color:{colour};color:#fff}}"
        "@media (prefers-color-scheme:dark){main button:not(.quiet){border-color:#fff}}"
    )


def _state(found: FoundClaim) -> str:
    """Which words tell how this award's link stands."""
    award = found.award
    match award.state:
        case Issued():
            return "claimed"
        case Revoked() | Superseded():
            return "gone"
        case Prepared() | Invited() | Offered() | Declined() | Broken() if found.over:
            return "over"
        case _:
            return "closed" if award.wrong_codes >= MAX_WRONG_CODES else "waits"


def _in_words(refused: IssuerError, award: Award, lang: str, *, code_given: bool) -> str:
    """Return a refusal in the learner's language; the API says it in English with more detail."""
    words = WORDS[lang]
    if not isinstance(refused, ClaimCodeWrong):
        return words["not_now"]
    if not code_given:
        return words["code_missing"]
    return words["code_wrong"].format(left=MAX_WRONG_CODES - award.wrong_codes)


def _wants_json(request: Request) -> bool:
    """Browsers send forms; everything else is a program."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return content_type not in {"application/x-www-form-urlencoded", "multipart/form-data"}


def _code_in(body: bytes) -> str | None:
    if not body.strip():
        return None
    try:
        return ClaimCode.model_validate_json(body).code
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_context=False, include_input=False)) from error


def _problem(error: IssuerError) -> ProblemError:
    entry = next(PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS)
    return ProblemError(entry, str(error)) if isinstance(entry, int) else entry(error)


def _is_invitation(oob: str) -> bool:
    try:
        message = json.loads(base64.urlsafe_b64decode(oob + "=" * (-len(oob) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return False
    return isinstance(message, dict) and str(message.get("@type", "")).endswith(_INVITATION)
