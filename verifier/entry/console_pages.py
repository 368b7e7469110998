"""What all pages of the verifier's console share: what they are made of, and how they are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request, Response
from starlette.datastructures import FormData

from shared.ports.api_keys import Caller
from shared.ports.clock import Clock
from shared.web.actors import Actors
from shared.web.auth import require_scope
from shared.web.console import Console
from shared.web.forms import Filled
from shared.web.languages import LANGUAGES, days_in_words
from verifier.domain.template import Ref, Template, template_state
from verifier.entry.api import LISTS, READ, WRITE, Ask
from verifier.entry.areas import EDITING
from verifier.entry.templates_api import Requirements
from verifier.entry.words import WORDS as LEARNER
from verifier.errors import VerifierError
from verifier.ports import KeepRequests, KeepTemplates, KeepWishes
from verifier.use_cases.advance_template import AdvanceTemplate
from verifier.use_cases.draft_template import DraftTemplate
from verifier.use_cases.erase_answer import EraseAnswer
from verifier.use_cases.refuse_deletion import RefuseDeletion
from verifier.use_cases.withdraw_request import WithdrawRequest

REFUSED: Final = 422
MOST_TEMPLATES: Final = 1000
EMPTY: Final = FormData()

Reader = Annotated[Caller, Depends(require_scope(READ))]
TemplateEditor = Annotated[Caller, Depends(require_scope(EDITING))]


@dataclass(frozen=True, kw_only=True)
class VerifierPages:
    """What the pages show and do: the same use cases as the API. `sessions` says whether learners can be returned to a platform."""

    requests: KeepRequests
    templates: KeepTemplates
    requirements: Requirements
    ask: Ask
    withdraw: WithdrawRequest
    erase: EraseAnswer
    refuse_deletion: RefuseDeletion
    wishes: KeepWishes
    draft: DraftTemplate
    advance: AdvanceTemplate
    actors: Actors
    console: Console
    base_url: str
    sessions: bool
    clock: Clock

    def show(
        self,
        request: Request,
        page: str,
        caller: Caller,
        *,
        filled: Filled | None = None,
        error: VerifierError | None = None,
        scripts: Sequence[str] = (),
        **facts: object,
    ) -> Response:
        """A page; with mistakes or a refusal its status is 422."""
        language, words = self.console.language(request), self.console.words(request)
        wrong = words["wrong_form"] if filled and not filled.is_sound else None
        if error is not None:
            wrong = words["wrong_refused"].format(why=error)
        return self.console.show(
            request,
            f"console/{page}.html",
            caller,
            status=REFUSED if wrong else 200,
            wrong=wrong,
            scripts=scripts,
            lang_names=LANGUAGES,
            filled=filled or Filled(EMPTY),
            learner=LEARNER[language],
            may_ask=caller.may(WRITE),
            may_edit=caller.may(EDITING),
            may_trust=caller.may(LISTS),
            days=lambda number: days_in_words(number, language),
            **facts,
        )

    async def newest_published(self) -> Mapping[str, Template]:
        """Every template that requests can be made from, by id, in its newest such version."""
        found: dict[str, Template] = {}
        for each in await self.templates.page(None, MOST_TEMPLATES):
            if each.ref.id not in found and is_published(each):
                found[each.ref.id] = each
        return found


def is_published(template: Template) -> bool:
    """Whether requests are made from it."""
    return template_state(template) == "published"


def name_of(ref: Ref, known: Template | None) -> str:
    """What a version is called."""
    return str(ref) if known is None else f"{known.content.name} ({ref.version})"
