"""The console's pages about applications: who asks to be listed, what was checked, and the decision."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC
from typing import Annotated, Final, get_args

from fastapi import APIRouter, Query, Request, Response

from services.trust_registry.domain.application import Application, Approved, StateName, Wish
from services.trust_registry.domain.evidence import EXTENSIONS
from services.trust_registry.entry.api import Reader, Writer
from services.trust_registry.entry.application_forms import WISHED, sent, text_in, wished
from services.trust_registry.entry.applications_api import ApplicationUseCases, evidence_file
from services.trust_registry.entry.apply_pages import entry_of, facts_of
from services.trust_registry.entry.areas import APPLICATIONS
from services.trust_registry.entry.console_forms import CAN_BE_SEEN, FRAMEWORKS, LEVELS, Filled, grant_in
from services.trust_registry.entry.console_pages import MOST_COUNTED, RegisterPages
from services.trust_registry.entry.in_words import KINDS, Permission, fields, permission
from services.trust_registry.errors import ControlUnproven, DidLogUnchecked, NotThere, RegistryError
from shared.contracts.attribute_words import ATTRIBUTE_WORDS
from shared.ports.api_keys import Caller
from shared.vc.trust_list import Authorization, StatusPeriod
from shared.web.countries import countries

OPEN: Final = ("received", "in_review", "more_asked")
STATES: Final[tuple[StateName, ...]] = get_args(StateName.__value__)
KIB: Final = 1024


@dataclass(frozen=True, kw_only=True)
class ApplicationPages:
    """What the pages show and do."""

    register: RegisterPages
    use: ApplicationUseCases

    def to(self, application_id: str) -> str:
        """The page of one."""
        return f"{APPLICATIONS.path}/{application_id}"

    async def page(
        self,
        request: Request,
        caller: Caller,
        application_id: str,
        *,
        filled: Filled | None = None,
        error: RegistryError | None = None,
    ) -> Response:
        """One application with its checks."""
        application = await self.use.applications.application(application_id)
        language = self.register.console.language(request)
        entries = [entry_of(entry) for entry in await self.use.applications.entries(application_id)]
        actors = {each["actor"] for each in entries if each["by"] == "authority"}
        file, state = application.evidence.file, application.state
        return self.register.show(
            request,
            "application",
            caller,
            filled=filled,
            error=error,
            application=application,
            facts=facts_of(application, language),
            wish=self._wish(application, language),
            file_kind=EXTENSIONS[file.media_type].upper() if file else None,
            file_size=-(-file.size // KIB) if file else 0,
            listed=state.entity_id if isinstance(state, Approved) else None,
            undecided=state.name in OPEN,
            entries=entries,
            names={actor: await self.register.who(request, actor) for actor in actors},
        )

    async def done(
        self,
        request: Request,
        caller: Caller,
        application_id: str,
        doing: Awaitable[Application],
        *,
        said: str,
    ) -> Response:
        """Do it and go back to the page, or show it with the refusal."""
        try:
            await doing
        except NotThere:
            raise
        except RegistryError as error:
            return await self.page(request, caller, application_id, error=error)
        return self.register.console.back(self.to(application_id), said)

    async def approve_form(
        self,
        request: Request,
        caller: Caller,
        application: Application,
        filled: Filled,
        error: RegistryError | None = None,
    ) -> Response:
        """What is to be on the list, to begin with what was asked for."""
        language = self.register.console.language(request)
        rules = await self.register.use.register.rules()
        return self.register.show(
            request,
            "application_approve",
            caller,
            filled=filled,
            error=None if isinstance(error, ControlUnproven | DidLogUnchecked) else error,
            unproven=isinstance(error, ControlUnproven),
            unread=isinstance(error, DidLogUnchecked),
            application=application,
            facts=facts_of(application, language),
            actions=WISHED,
            kinds=KINDS,
            fields=fields(language),
            countries=countries(language),
            frameworks=FRAMEWORKS,
            levels=LEVELS,
            attributes={name: ATTRIBUTE_WORDS[language][name] for name in CAN_BE_SEEN},
            today=self.register.clock().astimezone(UTC).date().isoformat(),
            four_eyes=rules.four_eyes,
        )

    def _wish(self, application: Application, language: str) -> Permission:
        now = self.register.clock()
        return permission(_as_authorization(application.wish, application), language, now)


def application_pages(pages: ApplicationPages) -> list[APIRouter]:
    """Every page of the area."""
    return [routes(pages) for routes in (_reading, _reviewing, _approving)]


def _reading(pages: ApplicationPages) -> APIRouter:
    router = APIRouter(prefix=APPLICATIONS.path, include_in_schema=False)

    @router.get("")
    async def everything(
        request: Request, caller: Reader, state: Annotated[str, Query(max_length=20)] = ""
    ) -> Response:
        chosen = next((each for each in STATES if each == state), None)
        language = pages.register.console.language(request)
        rows = await pages.use.applications.applications(after=None, limit=MOST_COUNTED, state=chosen)
        shown = [
            {"application": each, "facts": facts_of(each, language)}
            for each in rows
            if chosen or state == "all" or each.state.name in OPEN
        ]
        return pages.register.show(
            request,
            "applications",
            caller,
            lines=shown,
            states=STATES,
            chosen=chosen or ("all" if state == "all" else ""),
            apply_page=f"{pages.use.base_url}/apply",
        )

    @router.get("/{application_id}")
    async def application(request: Request, caller: Reader, application_id: str) -> Response:
        return await pages.page(request, caller, application_id)

    @router.get("/{application_id}/file")
    async def file(_: Reader, application_id: str) -> Response:
        return await evidence_file(pages.use, application_id)

    return router


def _reviewing(pages: ApplicationPages) -> APIRouter:
    router = APIRouter(prefix=APPLICATIONS.path, include_in_schema=False)
    review = pages.use.review

    @router.post("/{application_id}/check")
    async def check(request: Request, caller: Writer, application_id: str) -> Response:
        doing = review.check(application_id, actor=caller.who)
        return await pages.done(request, caller, application_id, doing, said="ap_checked")

    @router.post("/{application_id}/review")
    async def take_up(request: Request, caller: Writer, application_id: str) -> Response:
        doing = review.take_up(application_id, actor=caller.who)
        return await pages.done(request, caller, application_id, doing, said="ap_taken_up")

    @router.post("/{application_id}/ask")
    async def ask(request: Request, caller: Writer, application_id: str) -> Response:
        filled = sent(await request.form())
        question = text_in(filled, "question")
        if filled.wrong:
            return await pages.page(request, caller, application_id, filled=filled)
        doing = review.ask(application_id, actor=caller.who, question=question)
        return await pages.done(request, caller, application_id, doing, said="ap_asked")

    @router.post("/{application_id}/refuse")
    async def refuse(request: Request, caller: Writer, application_id: str) -> Response:
        filled = sent(await request.form())
        reason = text_in(filled, "refusal")
        if filled.wrong:
            return await pages.page(request, caller, application_id, filled=filled)
        doing = review.refuse(application_id, actor=caller.who, reason=reason)
        return await pages.done(request, caller, application_id, doing, said="ap_refused")

    return router


def _approving(pages: ApplicationPages) -> APIRouter:
    router = APIRouter(prefix=APPLICATIONS.path, include_in_schema=False)

    @router.get("/{application_id}/approve")
    async def form(request: Request, caller: Writer, application_id: str) -> Response:
        application = await pages.use.applications.application(application_id)
        return await pages.approve_form(request, caller, application, Filled(wished(application.wish)))

    @router.post("/{application_id}/approve")
    async def approve(request: Request, caller: Writer, application_id: str) -> Response:
        application = await pages.use.applications.application(application_id)
        filled = sent(await request.form())
        grant, reason = grant_in(filled), filled.reason()
        if filled.wrong:
            return await pages.approve_form(request, caller, application, filled)
        try:
            decided = await pages.use.approve(application_id, grant, actor=caller.who, reason=reason)
        except NotThere:
            raise
        except RegistryError as error:
            return await pages.approve_form(request, caller, application, filled, error)
        said = "made" if isinstance(decided.state, Approved) else "proposed"
        return pages.register.console.back(pages.to(application_id), said)

    return router


def _as_authorization(wish: Wish, application: Application) -> Authorization:
    """What was asked for, to be looked at."""
    return Authorization(
        id=application.id,
        action=wish.action,
        dids=(application.did,),
        resources=wish.resources,
        jurisdictions=wish.jurisdictions,
        highest_level=wish.highest_level,
        valid_from=application.created_at.date(),
        periods=(StatusPeriod(status="granted", since=application.created_at),),
    )
