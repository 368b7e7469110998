"""Turn a spreadsheet into a batch of awards, or say row by row why not."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

from issuer.domain.batch import Batch, CohortRow, Prepared
from issuer.domain.claim import code_digest, new_code
from issuer.domain.same_person import keys_of
from issuer.domain.spreadsheet import Sheet, read_sheet
from issuer.domain.template import for_new_awards
from issuer.errors import BatchRefused, SecondPersonAsked, TemplateUnknown
from issuer.ports import BatchRecords, NewId
from issuer.use_cases.prepare_batch import new_award
from shared.ports.clock import Clock
from shared.ports.tracing import here


@dataclass(frozen=True)
class Imported:
    """What became of a file. `batch` is None after a dry run; `codes` are shown this once and never again."""

    sheet: Sheet
    batch: Batch | None
    codes: dict[UUID, str] | None


@dataclass(frozen=True)
class ImportBatch:
    """All of a batch is stored, or none of it. The rows with faults stay with it and can be mended."""

    records: BatchRecords
    new_id: NewId
    clock: Clock
    secret: bytes

    async def __call__(
        self,
        organisation: str,
        template_id: UUID,
        content: bytes,
        *,
        dry_run: bool = False,
        accept_good_rows: bool = False,
        codes: bool = False,
        by: str = "",
    ) -> Imported:
        """Raises TemplateUnknown, TemplateNotPublished, TemplateRetired, SecondPersonAsked, or BatchRefused with every complaint.

        With `accept_good_rows` the rows without fault become awards although others have one.
        """
        async with self.records.reading() as tx:
            template = await tx.template(organisation, template_id)
            owner = await tx.organisation(organisation)
        if template is None:
            raise TemplateUnknown(f"There is no template {template_id}; GET /v1/templates lists all.")
        edition = for_new_awards(template)
        if owner is not None and owner.second_person and not dry_run:
            raise SecondPersonAsked(
                "Your organisation asks for a second person, so a file cannot be awarded in one call. Upload it with "
                "POST /v1/batches/check, ask for it with POST /v1/batches/{id}/prepare, and have somebody else approve it."
            )
        now = self.clock()
        sheet = await asyncio.to_thread(  # a large file takes a second or two
            read_sheet,
            content,
            today=now.date(),
            grading=template.grading,
            default_language=template.language,
        )
        if dry_run:
            return Imported(sheet, None, None)
        if not sheet.graduates:
            raise BatchRefused(
                "No row of the file can be used; nothing was stored. Mend what the complaints name and send it again.",
                sheet.complaints,
            )
        if sheet.complaints and not accept_good_rows:
            raise BatchRefused(
                f"{_rows_are(len(sheet.graduates))} good and {_are(_rows_with_faults(sheet))} not; nothing was stored. "
                "Mend the file, or repeat with accept_good_rows=true to award the good rows only.",
                sheet.complaints,
            )
        batch = Batch(
            id=self.new_id(),
            organisation=organisation,
            template_id=template.id,
            edition_id=edition.edition_id,
            rows=len(sheet.graduates) + _rows_with_faults(sheet),
            awards=len(sheet.graduates),
            encoding=sheet.encoding,
            separator=sheet.separator,
            complaints=sheet.complaints,
            created_at=now,
            uploaded_by=by,
            trace=here(),
            state=Prepared(asked_by=by),
        )
        given: dict[UUID, str] = {}
        awards, rows = [], []
        for each in sheet.rows:
            award_id = self.new_id() if each.graduate else None
            if award_id is not None and each.graduate is not None:
                if codes:
                    given[award_id] = new_code()
                digest = code_digest(self.secret, award_id, given[award_id]) if codes else None
                awards.append(
                    new_award(
                        award_id,
                        batch,
                        each.row,
                        each.graduate,
                        secret=self.secret,
                        code_digest=digest,
                        now=now,
                    )
                )
            rows.append(
                CohortRow(
                    batch_id=batch.id,
                    organisation=organisation,
                    row=each.row,
                    cells=each.cells,
                    complaints=each.complaints,
                    keys=keys_of(each.cells),
                    award_id=award_id,
                )
            )
        async with self.records.transaction() as tx:
            await tx.add_batch(batch, awards)
            await tx.add_rows(rows)
        return Imported(sheet, batch, given if codes else None)


def _are(number: int) -> str:
    return f"{number} is" if number == 1 else f"{number} are"


def _rows_are(number: int) -> str:
    return "1 row is" if number == 1 else f"{number} rows are"


def _rows_with_faults(sheet: Sheet) -> int:
    return len({complaint.row for complaint in sheet.complaints})
