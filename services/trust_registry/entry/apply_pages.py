"""The public pages on which an organisation asks to be listed and follows what becomes of it: plain forms, without scripts."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from services.trust_registry.domain.application import Application, ApplicationEntry, Approved, Proposed
from services.trust_registry.entry.application_forms import (
    MOST_FIELDS,
    WISHED,
    application_in,
    proof_in,
    sent,
    text_in,
)
from services.trust_registry.entry.application_shapes import ChallengeShown
from services.trust_registry.entry.applications_api import ApplicationUseCases
from services.trust_registry.entry.console_forms import FRAMEWORKS, LEVELS, Filled
from services.trust_registry.entry.in_words import KINDS, fields
from services.trust_registry.entry.public_pages import PublicPages
from services.trust_registry.errors import (
    ApplicationRefusesAction,
    ApplicationsFull,
    DidLogUnchecked,
    DidTaken,
    EvidenceRefused,
    NotThere,
    ProofNotAsked,
    RegistryError,
)
from shared.contracts.errors import UjuziError
from shared.vc.did_control import ControlNotProven
from shared.web.countries import countries, country_name
from shared.web.languages import CHOICE, LANGUAGES, language_for

REFUSED: Final = 422
SEE_OTHER: Final = 303
EMPTY: Final = FormData()

_AT: Final[Mapping[type[UjuziError], tuple[str, str]]] = {
    DidTaken: ("did", "wrong_ap_listed"),
    DidLogUnchecked: ("did", "wrong_ap_log"),
    EvidenceRefused: ("file", "wrong_ap_file"),
    ControlNotProven: ("proof", "wrong_ap_proof"),
    ProofNotAsked: ("", "wrong_ap_spent"),
    ApplicationRefusesAction: ("", "wrong_ap_moved"),
    ApplicationsFull: ("", "wrong_ap_full"),
}
"""At which field a refusal is told, and in which words."""

type Doing = Callable[[str, Filled], Awaitable[Application]]


def apply_pages(pages: PublicPages, use: ApplicationUseCases) -> APIRouter:
    """`/apply` and `/applications/{token}`."""
    router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

    @router.get("/apply")
    async def form(request: Request) -> Response:
        """What is needed, and the form."""
        return await _form(pages, request, Filled(EMPTY))

    @router.post("/apply")
    async def apply(request: Request) -> Response:
        """Send it; the page of the application follows."""
        filled = sent(await request.form(max_files=1, max_fields=MOST_FIELDS))
        said = await application_in(filled)
        if filled.wrong:
            return await _form(pages, request, filled)
        try:
            _, token = await use.submit(said)
        except RegistryError as error:
            return await _form(pages, request, filled, error)
        return _on(request, token)

    @router.get("/applications/{token}")
    async def follow(request: Request, token: str) -> Response:
        """How it stands."""
        return await _page(pages, use, request, token, filled=Filled(EMPTY))

    for verb, do in _doings(use).items():
        router.add_api_route(
            f"/applications/{{token}}/{verb}", _doing(pages, use, do), methods=["POST"], name=verb
        )
    return router


def _doings(use: ApplicationUseCases) -> Mapping[str, Doing]:
    """What an applicant can do on the page of her application."""

    async def prove(token: str, filled: Filled) -> Application:
        return await use.follow.prove(token, proof_in(filled))

    async def answer(token: str, filled: Filled) -> Application:
        return await use.follow.answer(token, text_in(filled, "answer"))

    async def challenge(token: str, _: Filled) -> Application:
        return await use.follow.challenge(token)

    async def withdraw(token: str, _: Filled) -> Application:
        return await use.follow.withdraw(token)

    return {"proof": prove, "answer": answer, "challenge": challenge, "withdraw": withdraw}


def _doing(
    pages: PublicPages, use: ApplicationUseCases, do: Doing
) -> Callable[[Request, str], Awaitable[Response]]:
    async def done(request: Request, token: str) -> Response:
        filled = sent(await request.form(max_files=0, max_fields=MOST_FIELDS))
        try:
            await do(token, filled)
        except NotThere:
            raise
        except (RegistryError, ControlNotProven) as error:
            return await _page(pages, use, request, token, filled=filled, error=error)
        return _on(request, token)

    return done


async def _form(
    pages: PublicPages, request: Request, filled: Filled, error: RegistryError | None = None
) -> Response:
    language = language_for(request)
    wrong = _wrong(pages, language, filled, error)
    return await pages.show(
        request,
        "apply",
        kept=False,
        status=REFUSED if wrong else 200,
        wrong=wrong,
        filled=filled,
        lang_names=LANGUAGES,
        countries=countries(language),
        actions=WISHED,
        kinds=KINDS,
        fields=fields(language),
        frameworks=FRAMEWORKS,
        levels=LEVELS,
    )


async def _page(
    pages: PublicPages,
    use: ApplicationUseCases,
    request: Request,
    token: str,
    *,
    filled: Filled,
    error: UjuziError | None = None,
) -> Response:
    application, language = await use.follow.find(token), language_for(request)
    wrong = _wrong(pages, language, filled, error)
    state, challenge = application.state, application.challenge
    return await pages.show(
        request,
        "application",
        kept=False,
        scripts=("copy.js",),
        status=REFUSED if wrong else 200,
        wrong=wrong,
        filled=filled,
        token=token,
        application=application,
        facts=facts_of(application, language),
        challenge=challenge,
        command=command_of(application),
        expired=challenge is not None and challenge.expires <= pages.clock(),
        listed=state.entity_id if isinstance(state, Approved) else None,
        undecided=state.name in {"received", "in_review", "more_asked"},
        entries=[entry_of(entry) for entry in await use.applications.entries(application.id)],
    )


def facts_of(application: Application, language: str) -> Mapping[str, Any]:
    """What pages say of an applicant."""
    names = application.names
    return {
        "name": names.get(language) or names.get("en") or next(iter(names.values())),
        "names": names,
        "country": country_name(application.country, language),
        "proposal": application.state.proposal_id if isinstance(application.state, Proposed) else None,
    }


def entry_of(entry: ApplicationEntry) -> Mapping[str, Any]:
    """A line of its history, for the applicant: which member of the authority it was is none of hers."""
    by = entry.actor if entry.actor in {"applicant", "service"} else "authority"
    return {"at": entry.at, "by": by, "what": entry.what, "text": entry.text, "actor": entry.actor}


def command_of(application: Application) -> str | None:
    """The one command that makes the proof; nothing in it can end its quotes, since the DID was fetched under its name."""
    if application.challenge is None:
        return None
    body = json.dumps(ChallengeShown.of(application.challenge).model_dump(mode="json"))
    host = unquote(application.did.split(":")[3])
    return f"curl --header \"Authorization: Bearer $ISSUER_KEY\" --json '{body}' https://{host}/v1/keys/prove"


def _wrong(pages: PublicPages, language: str, filled: Filled, error: UjuziError | None) -> str | None:
    """What is wrong, in words; a refusal is also told at its field."""
    words = pages.pages.words[language]
    if error is None:
        return words["wrong_form"] if filled.wrong else None
    field, key = next(
        (told for kind, told in _AT.items() if isinstance(error, kind)), ("", "wrong_ap_refused")
    )
    if filled.wrong or field:
        if field:
            filled.miss(field, key)
        return words["wrong_form"]
    return words[key].format(why=error)


def _on(request: Request, token: str) -> RedirectResponse:
    """To the application's page, in the language that was chosen."""
    chosen = request.query_params.get(CHOICE, "")
    query = f"?{CHOICE}={chosen}" if chosen in LANGUAGES else ""
    return RedirectResponse(f"/applications/{token}{query}", SEE_OTHER)
