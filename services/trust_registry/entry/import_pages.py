"""Organisations from a file, at the console: look at what it amounts to, then propose just that, or carry it out.

Nothing is kept between the two: the page that shows it carries the file, packed, and the digest of what it shows. What is
made is planned anew from that file; if it comes to anything else, it is shown anew instead.
"""

import asyncio
import base64
import binascii
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile

from services.trust_registry.domain.edits import Changing, Granting, Registering
from services.trust_registry.domain.importing import Complaint, Imported, Plan
from services.trust_registry.domain.register import Entity
from services.trust_registry.entry.api import Reader, Writer
from services.trust_registry.entry.areas import ORGANISATIONS, PROPOSALS
from services.trust_registry.entry.console_forms import Filled
from services.trust_registry.entry.console_pages import RegisterPages, as_granted, isolate, rows_of
from services.trust_registry.entry.in_words import permission
from services.trust_registry.entry.spreadsheet import COLUMNS, MOST_ROWS, read_csv, read_json, write_csv
from services.trust_registry.errors import ChangedMeanwhile, RegistryError
from services.trust_registry.use_cases.import_entities import ImportEntities
from shared.ports.api_keys import Caller

PATH: Final = f"{ORGANISATIONS.path}/import"
LONGEST_FILE: Final = 5 * 1024 * 1024
MOST_SENT: Final = LONGEST_FILE + 64 * 1024
"""The file and the rest of its form."""
LONGEST_PACKED: Final = 700 * 1024
"""Characters; a form's field may have a million. 2,000 organisations take some 200,000."""
A_PAGE: Final = 50
MOST_FAULTS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file as its page carries it: what is in it, and of which kind."""

    kind: str
    text: str

    def packed(self) -> str:
        """For a form's field."""
        return base64.urlsafe_b64encode(zlib.compress(self.text.encode(), 9)).decode().rstrip("=")

    def read(self) -> tuple[list[Imported], list[Complaint]]:
        """Its organisations, and what is wrong with it."""
        return read_json(self.text) if self.kind == "json" else read_csv(self.text)


@dataclass(frozen=True, kw_only=True)
class ImportPages:
    """What the pages need beside those of the register."""

    register: RegisterPages
    use: ImportEntities


def import_pages(pages: ImportPages) -> APIRouter:
    """`/console/organisations/import` and `…/export.csv`; include it before the pages of single organisations."""
    router = APIRouter(include_in_schema=False)

    @router.get(PATH)
    async def form(request: Request, caller: Writer) -> Response:
        return _form(pages, request, caller)

    @router.post(PATH)
    async def look(request: Request, caller: Writer) -> Response:
        filled = Filled(await request.form())
        file = await _uploaded(filled)
        if file is None:
            return _form(pages, request, caller, filled=filled)
        return await _shown(pages, request, caller, file)

    @router.post(f"{PATH}/made")
    async def make(request: Request, caller: Writer) -> Response:
        filled = Filled(await request.form())
        file = _carried(filled)
        if file is None:
            return _form(pages, request, caller, filled=filled)
        page = filled.number("page", lowest=1, highest=MOST_ROWS)
        if page is not None:
            return await _shown(pages, request, caller, file, page=page, expected=filled.text("digest"))
        return await _made(pages, request, caller, file, filled)

    @router.get(f"{ORGANISATIONS.path}/export.csv")
    async def export(_: Reader) -> Response:
        register = await pages.register.use.register.whole()
        text = await asyncio.to_thread(write_csv, register.entities)
        attached = {"Content-Disposition": 'attachment; filename="organisations.csv"'}
        return Response(text, media_type="text/csv", headers=attached)

    return router


def _form(pages: ImportPages, request: Request, caller: Caller, *, filled: Filled | None = None) -> Response:
    return pages.register.show(
        request, "import", caller, filled=filled, columns=COLUMNS, most=MOST_ROWS, path=PATH
    )


async def _uploaded(filled: Filled) -> File | None:
    """The file somebody chose; None with what is wrong at `file`."""
    sent = filled.form.get("file")
    if not isinstance(sent, UploadFile) or not sent.size:
        filled.miss("file", "wrong_file_missing")
        return None
    if sent.size > LONGEST_FILE:
        filled.miss("file", "wrong_file_long")
        return None
    try:
        text = (await sent.read()).decode()
    except UnicodeDecodeError:
        filled.miss("file", "wrong_file_text")
        return None
    is_json = (sent.filename or "").lower().endswith(".json") or sent.content_type == "application/json"
    file = File(kind="json" if is_json else "csv", text=text)
    if len(await asyncio.to_thread(file.packed)) > LONGEST_PACKED:
        filled.miss("file", "wrong_file_long")
        return None
    return file


def _carried(filled: Filled) -> File | None:
    """The file the page carries; None if it does not come from one."""
    packed = filled.text("packed")
    unpacking = zlib.decompressobj()
    try:
        whole = unpacking.decompress(
            base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), LONGEST_FILE
        )
        text = whole.decode() if unpacking.eof else ""
    except (binascii.Error, ValueError, zlib.error):
        text = ""
    if not text:
        filled.miss("file", "wrong_file_missing")
        return None
    return File(kind="json" if filled.text("kind") == "json" else "csv", text=text)


async def _made(pages: ImportPages, request: Request, caller: Caller, file: File, filled: Filled) -> Response:
    reason = filled.reason()
    found, complaints = await asyncio.to_thread(file.read)
    if filled.wrong or complaints:
        return await _shown(pages, request, caller, file, filled=filled)
    alone = not (await pages.register.use.register.rules()).four_eyes
    try:
        _, proposal = await pages.use(
            found, reason=reason, actor=caller.who, shown=filled.text("digest"), alone=alone
        )
    except RegistryError as error:
        return await _shown(pages, request, caller, file, filled=filled, error=error)
    if proposal is None:
        return pages.register.console.back(ORGANISATIONS.path, "made")
    return pages.register.console.back(f"{PROPOSALS.path}/{proposal.id}", "proposed")


async def _shown(
    pages: ImportPages,
    request: Request,
    caller: Caller,
    file: File,
    *,
    page: int = 1,
    expected: str | None = None,
    filled: Filled | None = None,
    error: RegistryError | None = None,
) -> Response:
    found, complaints = await asyncio.to_thread(file.read)
    plan, digest = Plan(complaints=complaints), ""
    if not complaints:
        plan, digest = await pages.use.dry_run(found, actor=caller.who)
    if expected is not None and expected != digest:
        error, page = ChangedMeanwhile("the register was changed since the first page"), 1
    language = pages.register.console.language(request)
    cards = [] if plan.complaints else _cards(pages, request, plan)
    last = max(1, -(-len(cards) // A_PAGE))
    page = min(page, last)
    return pages.register.show(
        request,
        "import_shown",
        caller,
        filled=filled,
        error=error,
        path=PATH,
        packed=await asyncio.to_thread(file.packed),
        kind=file.kind,
        digest=digest,
        faults=plan.complaints[:MOST_FAULTS],
        more_faults=max(0, len(plan.complaints) - MOST_FAULTS),
        counts=_counts(plan),
        cards=cards[(page - 1) * A_PAGE : page * A_PAGE],
        page=page,
        last=last,
        left=[each.as_listed().name(language) for each in plan.not_in_file[:A_PAGE]],
        more_left=max(0, len(plan.not_in_file) - A_PAGE),
        four_eyes=(await pages.register.use.register.rules()).four_eyes,
    )


def _counts(plan: Plan) -> Mapping[str, int]:
    kinds = [edit.kind for edit in plan.edits]
    return {
        "added": kinds.count("register"),
        "changed": kinds.count("change"),
        "granted": kinds.count("grant"),
        "unchanged": plan.unchanged,
        "left": len(plan.not_in_file),
    }


def _cards(pages: ImportPages, request: Request, plan: Plan) -> Sequence[Mapping[str, object]]:
    """One for each organisation of the file that is new or otherwise: its facts before and after, and its new permissions."""
    words, language = pages.register.console.words(request), pages.register.console.language(request)
    cards: dict[str, tuple[Entity | None, Entity, list[Granting]]] = {}
    for edit in plan.edits:
        match edit:
            case Granting():
                known = plan.known.get(edit.entity_id)
                if edit.entity_id not in cards and known is not None:
                    cards[edit.entity_id] = (known, known, [])
                cards[edit.entity_id][2].append(edit)
            case Registering() | Changing():
                cards[edit.entity.id] = (plan.known.get(edit.entity.id), edit.entity, [])
            case _:  # an import has no other
                pass
    now = pages.register.clock()
    return [
        {
            "title": words["edit_change" if before else "edit_register"].format(
                name=isolate(after.as_listed().name(language))
            ),
            "rows": rows_of(words, before, after, language),
            "permissions": [permission(as_granted(each, now), language, now) for each in grants],
        }
        for before, after, grants in cards.values()
    ]
