"""The registry's pages in the console: first steps, organisations, proposals, list and key, record.

Every change goes one way: it is made at once where one person is enough, else it is proposed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.datastructures import FormData

from services.trust_registry.domain.edits import (
    Changing,
    Edit,
    FourEyesSet,
    Granting,
    Registering,
    StatusChange,
    ValiditySet,
    may_be_made_alone,
)
from services.trust_registry.domain.proposal import MOST_EDITS, Proposal
from services.trust_registry.domain.register import Entity
from services.trust_registry.domain.setup import Step, setup_steps
from services.trust_registry.domain.status import possible
from services.trust_registry.entry.api import APPROVE, ISSUE, WRITE, AdminUseCases, Reader, Writer
from services.trust_registry.entry.areas import LIST, ORGANISATIONS, PROPOSALS, RECORD, SETUP
from services.trust_registry.entry.console_forms import (
    CAN_BE_SEEN,
    FRAMEWORKS,
    LEVELS,
    Filled,
    entity_in,
    grant_in,
    hours_in,
    status_in,
)
from services.trust_registry.entry.in_words import KINDS, fields, matches, permission
from services.trust_registry.entry.proposals_api import Approver, ProposalUseCases
from services.trust_registry.entry.reading import ReadLists
from services.trust_registry.errors import (
    ChangedMeanwhile,
    DidTaken,
    NotTheProposer,
    NotThere,
    ProposalDecided,
    ProposalStale,
    RegistryError,
    SelfApproval,
)
from services.trust_registry.use_cases.rotate_key import RotateKey
from shared.contracts.attribute_words import ATTRIBUTE_WORDS
from shared.ports.api_keys import ADMIN, Caller
from shared.ports.clock import Clock
from shared.ports.members import KeepMembers, MemberUnknown
from shared.vc.trust_list import ACTIONS, Authorization, StatusPeriod
from shared.web.auth import require_scope
from shared.web.console import Console
from shared.web.countries import countries, country_name
from shared.web.languages import LANGUAGES

REFUSED: Final = 422
MOST_COUNTED: Final = 500
ROWS_SHOWN: Final = 50
LONGEST_SEARCH: Final = 200
EDITS_SHOWN: Final = 50
"""Of a proposal, on a page."""
EMPTY: Final = FormData()

After = Annotated[str | None, Query(max_length=100)]
Admin = Annotated[Caller, Depends(require_scope(ADMIN))]
Publisher = Annotated[Caller, Depends(require_scope(ISSUE))]


@dataclass(frozen=True, kw_only=True)
class RegisterPages:
    """What the pages show and do. `deciders` are the roles that may approve."""

    use: AdminUseCases
    proposing: ProposalUseCases
    rotate: RotateKey
    members: KeepMembers
    read: ReadLists
    deciders: frozenset[str]
    console: Console
    clock: Clock

    async def make(self, caller: Caller, edits: Sequence[Edit], *, reason: str, back: str) -> Response:
        """Make the edits, or propose them where that takes two people. Raises RegistryError."""
        rules = await self.use.register.rules()
        if not rules.four_eyes or all(map(may_be_made_alone, edits)):
            await self.use.change_register(edits, actor=caller.who, reason=reason)
            return self.console.back(back, "made")
        proposal = await self.proposing.propose(edits, reason=reason, actor=caller.who)
        return self.console.back(f"{PROPOSALS.path}/{proposal.id}", "proposed")

    def show(
        self,
        request: Request,
        template: str,
        caller: Caller,
        *,
        filled: Filled | None = None,
        error: RegistryError | None = None,
        **facts: object,
    ) -> Response:
        """A page; with mistakes or a refusal its status is 422."""
        words = self.console.words(request)
        wrong = words["wrong_form"] if filled and filled.wrong else None
        if error is not None:
            wrong = refusal(words, error)
        return self.console.show(
            request,
            f"console/{template}.html",
            caller,
            status=REFUSED if wrong else 200,
            wrong=wrong,
            scripts=(),
            lang_names=LANGUAGES,
            filled=filled or Filled(EMPTY),
            may_write=caller.may(WRITE),
            may_approve=caller.may(APPROVE),
            may_issue=caller.may(ISSUE),
            may_admin=caller.may(ADMIN),
            **facts,
        )

    def organisation(self, entity: Entity, language: str) -> Mapping[str, object]:
        """What a page says of an organisation."""
        now, listed = self.clock(), entity.as_listed()
        return {
            "id": entity.id,
            "name": listed.name(language),
            "names": entity.names,
            "country": country_name(entity.country, language),
            "dids": entity.dids,
            "periods": entity.did_periods,
            "external_ids": entity.external_ids,
            "permissions": [permission(each, language, now) for each in entity.authorizations],
        }

    async def search(self, text: str) -> tuple[Sequence[Entity], int]:
        """The first organisations whose name, DID or identifier holds the text, and how many do.

        By the newest list, which is out whenever the register changed, and is kept opened.
        """
        newest = await self.read()
        ids = [] if newest is None else [each.id for each in newest[1].entities if matches(each, text)]
        return await self.use.register.entities_named(ids[:ROWS_SHOWN]), len(ids)

    async def who(self, request: Request, actor: str | None) -> str:
        """A member's name for people; ids are what decides."""
        kind, _, found = (actor or "").partition(":")
        if kind != "member":
            return self.console.words(request)["by_key"].format(id=found or actor or "?")
        try:
            return (await self.members.find(found)).name
        except MemberUnknown:
            return actor or "?"

    async def steps(self) -> Sequence[Step]:
        """What is done and what is missing."""
        people = await self.members.page(after=None, limit=MOST_COUNTED)
        able = sum(each.state == "active" and bool(each.roles & self.deciders) for each in people)
        return setup_steps(await self.use.register.whole(), deciders=able, now=self.clock())

    async def in_words(self, request: Request, edit: Edit) -> Mapping[str, object]:
        """An edit: its heading, and what stood before beside what is to stand."""
        words, language = self.console.words(request), self.console.language(request)
        facts: dict[str, object] = {"rows": [], "permission": None, "reason": None, "follows": None}
        match edit:
            case Registering():
                facts["title"] = words["edit_register"].format(name=_isolated(edit.entity, language))
                facts["rows"] = rows_of(words, None, edit.entity, language)
            case Changing():
                before = await self.use.register.entity(edit.entity.id)
                facts["title"] = words["edit_change"].format(name=_isolated(before, language))
                facts["rows"] = rows_of(words, before, edit.entity, language)
            case Granting():
                name = await self._name(edit.entity_id, language)
                facts["title"] = words["edit_grant"].format(name=name)
                facts["permission"] = permission(as_granted(edit, self.clock()), language, self.clock())
            case StatusChange():
                entity, authorization = await self.use.register.authorization(edit.authorization_id)
                facts["title"] = words["edit_status"].format(
                    change=words[f"change_{edit.change}"], name=_isolated(entity, language)
                )
                facts["permission"] = permission(authorization, language, self.clock())
                facts |= {"reason": edit.reason, "follows": follows(words, edit)}
            case ValiditySet():
                facts["title"] = words["edit_validity"].format(hours=f"{edit.hours:g}")
            case FourEyesSet():
                facts["title"] = words["edit_four_eyes_on" if edit.four_eyes else "edit_four_eyes_off"]
        return facts

    async def _name(self, entity_id: str, language: str) -> str:
        try:
            return _isolated(await self.use.register.entity(entity_id), language)
        except NotThere:  # it is registered in the same proposal
            return "…"


def refusal(words: Mapping[str, str], error: RegistryError) -> str:
    """A refusal for people."""
    if isinstance(error, DidTaken):
        return words["wrong_did_taken"]
    if isinstance(error, SelfApproval):
        return words["own_proposal"]
    if isinstance(error, ProposalStale):
        return words["is_stale"]
    if isinstance(error, ChangedMeanwhile | ProposalDecided):
        return words["wrong_meanwhile"]
    return words["wrong_refused"].format(why=error)


def follows(words: Mapping[str, str], edit: StatusChange) -> str:
    """What a change of status means for awards."""
    if edit.change != "withdraw":
        return words[f"follows_{edit.change}"]
    return words["means_withdrawn_stand" if edit.earlier_awards_stand else "means_withdrawn_fall"]


def register_pages(pages: RegisterPages) -> list[APIRouter]:
    """Every page of the areas."""
    made = (
        _setup,
        _organisation_forms,
        _organisations,
        _permissions,
        _statuses,
        _proposals,
        _decisions,
        _list,
    )
    return [routes(pages) for routes in made]


def _setup(pages: RegisterPages) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get(SETUP.path)
    async def setup(request: Request, caller: Reader) -> Response:
        places = {
            "list": LIST.path,
            "people": "/console/members",
            "organisation": f"{ORGANISATIONS.path}/new",
            "issuer": ORGANISATIONS.path,
        }
        return pages.show(request, "setup", caller, steps=await pages.steps(), places=places)

    @router.get(RECORD.path)
    async def record(request: Request, caller: Reader, after: After = None) -> Response:
        rows = await pages.use.register.history(
            after=after, limit=ROWS_SHOWN + 1, entity_id=None, newest_first=True
        )
        more = rows[:ROWS_SHOWN]
        names = {row.actor: await pages.who(request, row.actor) for row in more}
        words = pages.console.words(request)
        shown = [
            {
                "at": row.at,
                "who": names[row.actor],
                "what": words.get(_word_of(row.what), words["did_other"]),
                "code": row.what,
                "entity": row.entity_id,
                "reason": row.facts.get("reason") or row.facts.get("because"),
            }
            for row in more
        ]
        following = more[-1].id if len(rows) > ROWS_SHOWN else None
        return pages.show(request, "record", caller, entries=shown, following=following)

    return router


async def _entity_form(
    pages: RegisterPages,
    request: Request,
    caller: Caller,
    known: Entity | None,
    *,
    filled: Filled | None = None,
    error: RegistryError | None = None,
) -> Response:
    return pages.show(
        request,
        "organisation_form",
        caller,
        filled=filled,
        error=error,
        known=known,
        countries=countries(pages.console.language(request)),
        four_eyes=(await pages.use.register.rules()).four_eyes,
    )


async def _organisation(pages: RegisterPages, request: Request, caller: Caller, entity: Entity) -> Response:
    shown = pages.organisation(entity, pages.console.language(request))
    changeable = {each.id: bool(possible(each)) for each in entity.authorizations}
    return pages.show(request, "organisation", caller, entity=shown, changeable=changeable)


def _organisation_forms(pages: RegisterPages) -> APIRouter:
    router = APIRouter(prefix=ORGANISATIONS.path, include_in_schema=False)
    register = pages.use.register

    @router.get("/new")
    async def new(request: Request, caller: Writer) -> Response:
        return await _entity_form(pages, request, caller, None)

    @router.post("/new")
    async def add(request: Request, caller: Writer) -> Response:
        filled = Filled(await request.form())
        entity = entity_in(filled, pages.use.new_id(), None)
        reason = filled.reason()
        if filled.wrong:
            return await _entity_form(pages, request, caller, None, filled=filled)
        try:
            return await pages.make(
                caller,
                [Registering(entity=entity)],
                reason=reason,
                back=f"{ORGANISATIONS.path}/{entity.id}",
            )
        except RegistryError as error:
            return await _entity_form(pages, request, caller, None, filled=filled, error=error)

    @router.get("/{entity_id}/change")
    async def change_form(request: Request, caller: Writer, entity_id: str) -> Response:
        return await _entity_form(pages, request, caller, await register.entity(entity_id))

    @router.post("/{entity_id}/change")
    async def change(request: Request, caller: Writer, entity_id: str) -> Response:
        known = await register.entity(entity_id)
        filled = Filled(await request.form())
        entity = entity_in(filled, entity_id, known)
        reason = filled.reason()
        if filled.wrong:
            return await _entity_form(pages, request, caller, known, filled=filled)
        try:
            return await pages.make(
                caller, [Changing(entity=entity)], reason=reason, back=f"{ORGANISATIONS.path}/{entity_id}"
            )
        except RegistryError as error:
            return await _entity_form(pages, request, caller, known, filled=filled, error=error)

    return router


def _organisations(pages: RegisterPages) -> APIRouter:
    router = APIRouter(prefix=ORGANISATIONS.path, include_in_schema=False)
    register = pages.use.register

    @router.get("")
    async def everybody(
        request: Request,
        caller: Reader,
        after: After = None,
        q: Annotated[str, Query(max_length=LONGEST_SEARCH)] = "",
    ) -> Response:
        wanted, language = " ".join(q.split()), pages.console.language(request)
        if wanted:
            rows, count = await pages.search(wanted)
        else:
            rows, count = await register.entities(after=after, limit=ROWS_SHOWN + 1), None
        shown = [pages.organisation(each, language) for each in rows[:ROWS_SHOWN]]
        following = rows[ROWS_SHOWN - 1].id if count is None and len(rows) > ROWS_SHOWN else None
        return pages.show(
            request,
            "organisations",
            caller,
            entities=shown,
            following=following,
            q=wanted,
            count=count,
            most=ROWS_SHOWN,
        )

    @router.get("/{entity_id}")
    async def organisation(request: Request, caller: Reader, entity_id: str) -> Response:
        return await _organisation(pages, request, caller, await register.entity(entity_id))

    return router


async def _grant_form(
    pages: RegisterPages,
    request: Request,
    caller: Caller,
    entity: Entity,
    *,
    filled: Filled | None = None,
    error: RegistryError | None = None,
) -> Response:
    language = pages.console.language(request)
    return pages.show(
        request,
        "permission_form",
        caller,
        filled=filled,
        error=error,
        entity=pages.organisation(entity, language),
        actions=ACTIONS,
        kinds=KINDS,
        fields=fields(language),
        attributes={name: ATTRIBUTE_WORDS[language][name] for name in CAN_BE_SEEN},
        countries=countries(language),
        frameworks=FRAMEWORKS,
        levels=LEVELS,
        today=pages.clock().astimezone(UTC).date().isoformat(),
        four_eyes=(await pages.use.register.rules()).four_eyes,
    )


async def _status_form(
    pages: RegisterPages,
    request: Request,
    caller: Caller,
    authorization_id: str,
    *,
    filled: Filled | None = None,
    error: RegistryError | None = None,
) -> Response:
    entity, authorization = await pages.use.register.authorization(authorization_id)
    language = pages.console.language(request)
    return pages.show(
        request,
        "status_form",
        caller,
        filled=filled,
        error=error,
        entity=pages.organisation(entity, language),
        permission=permission(authorization, language, pages.clock()),
        changes=possible(authorization),
        four_eyes=(await pages.use.register.rules()).four_eyes,
    )


def _permissions(pages: RegisterPages) -> APIRouter:
    router = APIRouter(prefix=ORGANISATIONS.path, include_in_schema=False)
    register = pages.use.register

    @router.get("/{entity_id}/permissions/new")
    async def new(request: Request, caller: Writer, entity_id: str) -> Response:
        return await _grant_form(pages, request, caller, await register.entity(entity_id))

    @router.post("/{entity_id}/permissions/new")
    async def give(request: Request, caller: Writer, entity_id: str) -> Response:
        entity, filled = await register.entity(entity_id), Filled(await request.form())
        grant, reason = grant_in(filled), filled.reason()
        if filled.wrong:
            return await _grant_form(pages, request, caller, entity, filled=filled)
        edit = Granting(entity_id=entity_id, authorization_id=pages.use.new_id(), grant=grant)
        try:
            return await pages.make(caller, [edit], reason=reason, back=f"{ORGANISATIONS.path}/{entity_id}")
        except RegistryError as error:
            return await _grant_form(pages, request, caller, entity, filled=filled, error=error)

    return router


def _statuses(pages: RegisterPages) -> APIRouter:
    router = APIRouter(prefix=ORGANISATIONS.path, include_in_schema=False)
    register = pages.use.register

    @router.get("/permissions/{authorization_id}")
    async def change_form(request: Request, caller: Writer, authorization_id: str) -> Response:
        return await _status_form(pages, request, caller, authorization_id)

    @router.post("/permissions/{authorization_id}")
    async def change(request: Request, caller: Writer, authorization_id: str) -> Response:
        entity, _ = await register.authorization(authorization_id)
        filled = Filled(await request.form())
        edit = status_in(filled, authorization_id)
        if filled.wrong:
            return await _status_form(pages, request, caller, authorization_id, filled=filled)
        if filled.text("confirmed") != "yes":
            shown = await pages.in_words(request, edit)
            return pages.show(request, "status_confirm", caller, filled=filled, edit=shown, change=edit)
        back = f"{ORGANISATIONS.path}/{entity.id}"
        try:
            return await pages.make(caller, [edit], reason=edit.reason, back=back)
        except RegistryError as error:
            return await _status_form(pages, request, caller, authorization_id, filled=filled, error=error)

    return router


async def _line(pages: RegisterPages, request: Request, proposal: Proposal) -> Mapping[str, object]:
    return {
        "proposal": proposal,
        "by": isolate(await pages.who(request, proposal.proposed_by)),
        "decider": isolate(await pages.who(request, proposal.decided_by)) if proposal.decided_by else None,
    }


async def _proposal(
    pages: RegisterPages,
    request: Request,
    caller: Caller,
    proposal_id: str,
    *,
    page: int = 1,
    filled: Filled | None = None,
    error: RegistryError | None = None,
) -> Response:
    proposal = await pages.use.register.proposal(proposal_id)
    last = -(-len(proposal.edits) // EDITS_SHOWN)
    page = min(page, last)
    shown = proposal.edits[(page - 1) * EDITS_SHOWN : page * EDITS_SHOWN]
    own = proposal.proposed_by == caller.who
    return pages.show(
        request,
        "proposal",
        caller,
        filled=filled,
        error=error,
        **await _line(pages, request, proposal),
        stale=await pages.proposing.is_stale(proposal),
        own=own,
        blocked=own and (await pages.use.register.rules()).four_eyes,
        count=len(proposal.edits),
        page=page,
        last=last,
        edits=[await pages.in_words(request, edit) for edit in shown],
    )


def _proposals(pages: RegisterPages) -> APIRouter:
    router = APIRouter(prefix=PROPOSALS.path, include_in_schema=False)
    register = pages.use.register

    @router.get("")
    async def everything(request: Request, caller: Reader, after: After = None) -> Response:
        rows = await register.proposals(after=after, limit=ROWS_SHOWN + 1, state=None, newest_first=True)
        lines = [await _line(pages, request, each) for each in rows[:ROWS_SHOWN]]
        following = rows[ROWS_SHOWN - 1].id if len(rows) > ROWS_SHOWN else None
        return pages.show(request, "proposals", caller, lines=lines, following=following)

    @router.get("/{proposal_id}")
    async def proposal_page(
        request: Request,
        caller: Reader,
        proposal_id: str,
        page: Annotated[int, Query(ge=1, le=MOST_EDITS)] = 1,
    ) -> Response:
        return await _proposal(pages, request, caller, proposal_id, page=page)

    return router


def _decisions(pages: RegisterPages) -> APIRouter:
    router = APIRouter(prefix=PROPOSALS.path, include_in_schema=False)
    decide = pages.proposing.decide

    @router.post("/{proposal_id}/approve")
    async def approve(request: Request, caller: Approver, proposal_id: str) -> Response:
        try:
            await decide.approve(proposal_id, actor=caller.who)
        except NotThere:
            raise
        except RegistryError as error:
            return await _proposal(pages, request, caller, proposal_id, error=error)
        return pages.console.back(f"{PROPOSALS.path}/{proposal_id}", "approved")

    @router.post("/{proposal_id}/reject")
    async def reject(request: Request, caller: Approver, proposal_id: str) -> Response:
        filled = Filled(await request.form())
        reason = filled.reason()
        if filled.wrong:
            return await _proposal(pages, request, caller, proposal_id, filled=filled)
        try:
            await decide.reject(proposal_id, actor=caller.who, reason=reason)
        except ProposalDecided as error:
            return await _proposal(pages, request, caller, proposal_id, error=error)
        return pages.console.back(f"{PROPOSALS.path}/{proposal_id}", "rejected")

    @router.post("/{proposal_id}/withdraw")
    async def withdraw(request: Request, caller: Writer, proposal_id: str) -> Response:
        try:
            await decide.withdraw(proposal_id, actor=caller.who)
        except (ProposalDecided, NotTheProposer) as error:
            return await _proposal(pages, request, caller, proposal_id, error=error)
        return pages.console.back(f"{PROPOSALS.path}/{proposal_id}", "taken_back")

    return router


def _list(pages: RegisterPages) -> APIRouter:
    router = APIRouter(prefix=LIST.path, include_in_schema=False)

    async def shown(
        request: Request,
        caller: Caller,
        *,
        filled: Filled | None = None,
        error: RegistryError | None = None,
    ) -> Response:
        newest, operator = await pages.use.register.issue(), await pages.use.signer.operator()
        rules = await pages.use.register.rules()
        return pages.show(
            request,
            "list",
            caller,
            filled=filled,
            error=error,
            newest=newest,
            stale=newest is None or newest.next_update <= pages.clock(),
            operator=operator,
            four_eyes=rules.four_eyes,
            hours=f"{rules.validity / timedelta(hours=1):g}",
        )

    @router.get("")
    async def list_page(request: Request, caller: Reader) -> Response:
        return await shown(request, caller)

    @router.post("/issue")
    async def issue(_: Publisher) -> Response:
        await pages.use.issue_list()
        return pages.console.back(LIST.path, "issued")

    @router.post("/key")
    async def rotate(_: Admin) -> Response:
        await pages.rotate()
        return pages.console.back(LIST.path, "rotated")

    @router.post("/two-people")
    async def two_people(request: Request, caller: Admin) -> Response:
        filled = Filled(await request.form())
        return await change(request, caller, filled, FourEyesSet(four_eyes=filled.text("two") == "yes"))

    @router.post("/validity")
    async def validity(request: Request, caller: Publisher) -> Response:
        filled = Filled(await request.form())
        return await change(request, caller, filled, ValiditySet(hours=hours_in(filled)))

    async def change(request: Request, caller: Caller, filled: Filled, edit: Edit) -> Response:
        reason = filled.reason()
        if filled.wrong:
            return await shown(request, caller, filled=filled)
        try:
            return await pages.make(caller, [edit], reason=reason, back=LIST.path)
        except RegistryError as error:
            return await shown(request, caller, filled=filled, error=error)

    return router


def rows_of(
    words: Mapping[str, str], before: Entity | None, after: Entity, language: str
) -> Sequence[Mapping[str, object]]:
    """Each fact that differs, before and after."""
    rows = []
    for key in ("names", "country", "dids", "external_ids"):
        old, new = (_fact(each, key, language) if each else () for each in (before, after))
        if old != new:
            rows.append(
                {"what": words[key], "before": old, "after": new, "exact": key in {"dids", "external_ids"}}
            )
    return rows


def _fact(entity: Entity, key: str, language: str) -> Sequence[str]:
    match key:
        case "names":
            return [f"{name} ({tag})" for tag, name in sorted(entity.names.items())]
        case "country":
            return [country_name(entity.country, language)]
        case "dids":
            return [_did(entity, did) for did in entity.dids]
        case _:
            return entity.external_ids


def _did(entity: Entity, did: str) -> str:
    period = entity.did_periods.get(did)
    return f"{did} ({period.since or '…'} / {period.until or '…'})" if period else did


def _isolated(entity: Entity, language: str) -> str:
    return isolate(entity.as_listed().name(language))


def isolate(name: str) -> str:
    """A name within a sentence, whichever way it is written."""
    return f"\N{FIRST STRONG ISOLATE}{name}\N{POP DIRECTIONAL ISOLATE}"


def _word_of(what: str) -> str:
    return "did_" + what.rpartition(".")[0].replace(".", "_")


def as_granted(edit: Granting, now: datetime) -> Authorization:
    """What the edit makes, to be looked at."""
    grant = edit.grant
    return Authorization(
        id=edit.authorization_id,
        action=grant.action,
        dids=grant.dids or (),
        resources=grant.resources,
        valid_from=grant.valid_from,
        valid_to=grant.valid_to,
        jurisdictions=grant.jurisdictions,
        highest_level=grant.highest_level,
        attributes=grant.attributes,
        evidence_url=grant.evidence_url,
        evidence_digest=grant.evidence_digest,
        delegated_by=grant.delegated_by,
        periods=(StatusPeriod(status="granted", since=now),),
    )
