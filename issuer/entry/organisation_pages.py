"""`/console/organisation`: how an organisation shows itself to learners, and its own words for messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from issuer.domain.message import Kind
from issuer.domain.profile import in_language
from issuer.domain.wording import Wording, kinds, must_have, places_of
from issuer.entry.acting import Acting, acting
from issuer.entry.admission import logo_address
from issuer.entry.areas import ORGANISATION
from issuer.entry.claim_pages import dress
from issuer.entry.fault_words import fault_said
from issuer.entry.message_preview import SAMPLE_NAME, Preview, ours
from issuer.entry.organisation_api import Language, ProfileJson, Showing, Worded, WordingJson
from issuer.entry.words import WORDS
from issuer.errors import Fault, LogoRefused, ProfileRefused, WordingRefused
from issuer.use_cases.word_message import check
from shared.web.console import SAME_ORIGIN, Console
from shared.web.forms import Filled
from shared.web.languages import CHOICE, LANGUAGES, day_in_words, direction_of
from shared.web.pages import Pages

Administrator = Annotated[Acting, Depends(acting(ORGANISATION.scope))]
MESSAGES: Final = f"{ORGANISATION.path}/messages"
ONE_MESSAGE: Final = f"{MESSAGES}/{{kind}}/{{language}}"
REFUSED: Final = 422
_LINK_DAYS: Final = timedelta(days=180)
_MAIL_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'none'"
"""For a page that is an e-mail: its styles stand at its elements, as mail programs want it."""


@dataclass(frozen=True, kw_only=True)
class OwnPages:
    """What the pages show and do; `pages` are those of learners, for the preview of one."""

    showing: Showing
    console: Console
    pages: Pages

    async def profile(
        self, request: Request, by: Acting, filled: Filled | None = None, wrong: str | None = None
    ) -> Response:
        """The organisation, and the forms to change it."""
        own, _ = await self.showing.look_up.organisation(by.organisation)
        return self.console.show(
            request,
            "console/own_organisation.html",
            by.caller,
            status=REFUSED if filled else 200,
            wrong=wrong,
            filled=filled or Filled(FormData()),
            own=own,
            own_logo=logo_address(own.profile.logo),
            tongues=list(LANGUAGES.items()),
        )

    async def message(
        self,
        request: Request,
        by: Acting,
        kind: Kind,
        language: Language,
        *,
        filled: Filled | None = None,
        asked: Wording | None = None,
    ) -> Response:
        """A kind of message in a language: the words that hold, or those `asked` for, and how they look."""
        own = (await self.showing.look_up.wordings(by.organisation)).get((kind, language))
        words = self.console.words(request)
        sound = filled is None or filled.is_sound
        return self.console.show(
            request,
            "console/own_message.html",
            by.caller,
            status=200 if sound else REFUSED,
            wrong=None if sound else words["own_words_wrong"],
            filled=filled or Filled(FormData()),
            kind=kind.value,
            tag=language,
            tongue=LANGUAGES[language],
            tag_direction=direction_of(language),
            is_own=own is not None,
            shown=with_ours(own or Wording(), kind, language),
            places=places_of(kind),
            must=must_have(kind),
            preview=await self.preview(by, kind, language, asked or own or Wording()) if sound else None,
        )

    async def preview(self, by: Acting, kind: Kind, language: Language, wording: Wording) -> Preview:
        """How a message looks."""
        organisation, logo = await self.showing.look_up.organisation(by.organisation)
        return self.showing.preview(organisation, logo, kind, language, wording)


def own_pages(pages: OwnPages) -> APIRouter:
    """Pages under /console/organisation."""
    router = APIRouter(include_in_schema=False)
    _profile_pages(router, pages)
    _logo_pages(router, pages)
    _claim_page(router, pages)
    _message_pages(router, pages)
    return router


def _profile_pages(router: APIRouter, pages: OwnPages) -> None:
    @router.get(ORGANISATION.path)
    async def profile(request: Request, by: Administrator) -> Response:
        return await pages.profile(request, by)

    @router.post(ORGANISATION.path)
    async def describe(request: Request, by: Administrator) -> Response:
        filled, language = _sent(await request.form()), pages.console.language(request)
        body = _profile_in(filled, language)
        try:
            if body is not None:
                await pages.showing.describe(
                    by.organisation, body.to_domain(), second_person=body.second_person
                )
                return pages.console.back(ORGANISATION.path, "own_saved")
        except ProfileRefused as error:
            _note(filled, error.faults, language)
        return await pages.profile(request, by, filled, pages.console.words(request)["own_wrong"])


def _logo_pages(router: APIRouter, pages: OwnPages) -> None:
    @router.post(f"{ORGANISATION.path}/logo")
    async def choose_logo(request: Request, by: Administrator) -> Response:
        filled = _sent(await request.form())
        sent = filled.form.get("logo")
        words = pages.console.words(request)
        if not isinstance(sent, UploadFile) or not sent.size:
            filled.miss("logo", "own_logo_missing")
        else:
            try:
                await pages.showing.choose_logo(by.organisation, await sent.read())
            except LogoRefused as error:
                filled.fault("logo", fault_said(str(error), pages.console.language(request)))
        if not filled.is_sound:
            only = Filled(FormData(), filled.wrong, filled.faults, translated=True)
            return await pages.profile(request, by, only, words["own_logo_wrong"])
        return pages.console.back(ORGANISATION.path, "own_saved")

    @router.post(f"{ORGANISATION.path}/logo/remove")
    async def drop_logo(by: Administrator) -> Response:
        await pages.showing.choose_logo(by.organisation, None)
        return pages.console.back(ORGANISATION.path, "own_saved")


def _claim_page(router: APIRouter, pages: OwnPages) -> None:
    learners = pages.pages.speaking(WORDS)

    @router.get(f"{ORGANISATION.path}/claim-page")
    async def claim_page(
        request: Request, by: Administrator, language: Annotated[Language, Query(alias=CHOICE)] = "en"
    ) -> Response:
        """What a learner sees behind her link; nothing is behind it."""
        own, _ = await pages.showing.look_up.organisation(by.organisation)
        day = pages.showing.preview.clock().date() + _LINK_DAYS
        return learners.show(
            request,
            "claim_preview.html",
            lang=language,
            headers=SAME_ORIGIN,
            style=dress(own.profile.colour),
            back=pages.console.words(request)["own_preview_back"],
            title=SAMPLE_NAME[language][1],
            title_lang=language,
            organisation=own.name_in(language),
            about=in_language(own.profile.descriptions, language),
            profile=own.profile,
            logo=logo_address(own.profile.logo),
            until=day_in_words(day, language),
        )


def _message_pages(router: APIRouter, pages: OwnPages) -> None:
    @router.get(MESSAGES)
    async def messages(request: Request, by: Administrator) -> Response:
        own = await pages.showing.look_up.wordings(by.organisation)
        return pages.console.show(
            request,
            "console/own_messages.html",
            by.caller,
            kinds=[kind.value for kind in kinds()],
            wordings={(kind.value, language) for kind, language in own},
            tongues=list(LANGUAGES.items()),
        )

    @router.get(ONE_MESSAGE)
    async def message(request: Request, by: Administrator, kind: Worded, language: Language) -> Response:
        return await pages.message(request, by, Kind(kind), language)

    @router.post(ONE_MESSAGE)
    async def word(request: Request, by: Administrator, kind: Worded, language: Language) -> Response:
        """Look at new words, keep them, or go back to ours."""
        filled, which = _sent(await request.form()), Kind(kind)
        do = filled.text("do")
        wording = Wording() if do == "reset" else _wording_in(filled, which, language)
        try:
            check(which, wording)
            if do == "look":
                return await pages.message(request, by, which, language, filled=filled, asked=wording)
            await pages.showing.word(by.organisation, which, language, wording)
        except WordingRefused as error:
            _note(filled, error.faults, pages.console.language(request))
            return await pages.message(request, by, which, language, filled=filled)
        return pages.console.back(f"{MESSAGES}/{kind}/{language}", "own_saved")

    @router.get(f"{ONE_MESSAGE}/email", response_class=HTMLResponse)
    async def email(by: Administrator, kind: Worded, language: Language) -> Response:
        """The e-mail itself, as it goes out now."""
        own = (await pages.showing.look_up.wordings(by.organisation)).get((Kind(kind), language))
        letter = (await pages.preview(by, Kind(kind), language, own or Wording())).letter
        html = letter.html
        if letter.picture is not None:
            html = html.replace(f"cid:{letter.picture_id}", logo_address(letter.picture.digest) or "")
        headers = {"Content-Security-Policy": _MAIL_POLICY, "Cache-Control": "no-store"}
        return HTMLResponse(html, headers=headers)


def with_ours(own: Wording, kind: Kind, language: str) -> Wording:
    """Own words, and ours for what has none."""
    usual = ours(kind, language)
    return Wording(own.subject or usual.subject, own.text or usual.text, own.short or usual.short)


def _wording_in(filled: Filled, kind: Kind, language: str) -> Wording:
    """What somebody wrote; what reads as ours stays ours, also when we improve it."""
    usual = ours(kind, language)
    given = WordingJson.model_construct(
        subject=filled.text("subject"), text=filled.whole("text"), short=filled.text("short")
    ).to_domain()
    return Wording(
        subject="" if given.subject == usual.subject else given.subject,
        text="" if given.text == usual.text else given.text,
        short="" if given.short == usual.short else given.short,
    )


def _profile_in(filled: Filled, language: str) -> ProfileJson | None:
    """What somebody wrote; None with what is wrong at its field."""
    values: Mapping[str, object] = {
        "names": {tag: filled.text(f"name_{tag}") for tag in LANGUAGES},
        "descriptions": {tag: " ".join(filled.whole(f"about_{tag}").split()) for tag in LANGUAGES},
        "second_person": filled.text("second_person") == "yes",
        **{name: filled.text(name) for name in ("website", "email", "phone", "colour")},
    }
    try:
        return ProfileJson.model_validate(values)
    except ValidationError as error:
        for each in error.errors():
            filled.fault(_field(".".join(map(str, each["loc"]))), fault_said(each["msg"], language))
        return None


def _sent(form: FormData) -> Filled:
    """Its faults are noted in the reader's language."""
    return Filled(form, translated=True)


def _note(filled: Filled, faults: Sequence[Fault], language: str) -> None:
    for fault in faults:
        filled.fault(_field(fault.where), fault_said(fault.what, language))


def _field(where: str) -> str:
    """`names.fr` is `name_fr` in the form."""
    return where.replace("names.", "name_").replace("descriptions.", "about_")
