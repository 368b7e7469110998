"""A cohort that was imported, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from issuer.errors import Complaint


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one file that became awards of one edition; `complaints` are about the rows that did not."""

    id: UUID
    organisation: str
    template_id: UUID
    edition_id: str
    rows: int
    awards: int
    encoding: str
    separator: str
    complaints: tuple[Complaint, ...]
    created_at: datetime
