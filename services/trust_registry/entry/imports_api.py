"""Imports and exports of the register: CSV and JSON."""

import asyncio
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from services.trust_registry.domain.importing import Plan
from services.trust_registry.domain.proposal import LONGEST_REASON
from services.trust_registry.entry.api import Reader, Writer
from services.trust_registry.entry.proposal_shapes import ProposalShown
from services.trust_registry.entry.spreadsheet import read_csv, read_json, write_csv, write_json
from services.trust_registry.ports import KeepRegister
from services.trust_registry.use_cases.import_entities import ImportEntities
from shared.contracts.problem import FieldError
from shared.web.problems import ProblemError

READERS = {"text/csv": read_csv, "application/json": read_json}


class ChangeShown(BaseModel):
    """One thing the file says otherwise."""

    entity_id: str
    name: str
    field: str
    before: str
    after: str


class NotInFile(BaseModel):
    """An organisation the file does not name; it stays."""

    entity_id: str
    name: str


class ImportShown(BaseModel):
    """What the file adds and changes. Nothing is ever taken out by an import. `proposal`: null for a dry run, or where nothing is new.

    `digest` stands for all of it: given back as `?digest=`, an import makes just that or answers 409.
    """

    dry_run: bool
    digest: str | None
    added: list[str]
    changed: list[ChangeShown]
    unchanged: int
    not_in_file: list[NotInFile]
    proposal: ProposalShown | None


def imports_router(use: ImportEntities, register: KeepRegister) -> APIRouter:
    """`/v1/imports` and `/v1/export.…`."""
    router = APIRouter(prefix="/v1", tags=["imports"])
    bodies = {kind: {"schema": {"type": "string" if kind == "text/csv" else "array"}} for kind in READERS}

    @router.post("/imports", openapi_extra={"requestBody": {"required": True, "content": bodies}})
    async def import_file(
        request: Request,
        response: Response,
        caller: Writer,
        *,
        dry_run: Annotated[bool, Query()] = False,
        reason: Annotated[str, Query(min_length=1, max_length=LONGEST_REASON)] = "import of a file",
        digest: Annotated[str | None, Query(max_length=100)] = None,
    ) -> ImportShown:
        """Propose all that a file says, or with `dry_run` only say what that would be. 422 names each row and column that is wrong."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in READERS:
            raise ProblemError(415, f"Expected a body of type {' or '.join(READERS)}, found {kind[:80]!r}.")
        try:
            text = (await request.body()).decode()
        except UnicodeDecodeError as error:
            raise ProblemError(422, "Expected text in UTF-8: save the file as CSV UTF-8.") from error
        file, complaints = await asyncio.to_thread(READERS[kind], text)
        if complaints:
            plan, proposal = Plan(complaints=complaints), None
        elif dry_run:
            (plan, digest), proposal = await use.dry_run(file, actor=caller.who), None
        else:
            plan, proposal = await use(file, reason=reason, actor=caller.who, shown=digest)
        if plan.complaints:
            raise ProblemError(
                422,
                "Nothing of this file was taken; see errors.",
                errors=[
                    FieldError(where=f"row {each.row}, {each.column}" if each.row else "file", what=each.what)
                    for each in plan.complaints[:500]
                ],
            )
        response.status_code = HTTPStatus.OK if proposal is None else HTTPStatus.CREATED
        return ImportShown(
            dry_run=dry_run,
            digest=digest,
            added=plan.added,
            changed=[
                ChangeShown(
                    entity_id=each.entity.id,
                    name=each.entity.as_listed().name(),
                    field=each.what,
                    before=each.before,
                    after=each.after,
                )
                for each in plan.changed
            ],
            unchanged=plan.unchanged,
            not_in_file=[
                NotInFile(entity_id=each.id, name=each.as_listed().name()) for each in plan.not_in_file
            ],
            proposal=None if proposal is None else ProposalShown.of(proposal),
        )

    @router.get("/export.csv", response_class=Response)
    async def export_csv(_: Reader) -> Response:
        """The register as CSV, safe to open in a spreadsheet. Statuses are in the list, not here."""
        return Response(write_csv((await register.whole()).entities), media_type="text/csv")

    @router.get("/export.json", response_class=Response)
    async def export_json(_: Reader) -> Response:
        """The register as an import takes it back."""
        return Response(write_json((await register.whole()).entities), media_type="application/json")

    return router
