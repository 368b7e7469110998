"""A file that an applicant brings: what it is, is told from its content, never from its name."""

import hashlib
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Final, Literal

from services.trust_registry.errors import EvidenceRefused

type MediaType = Literal["application/pdf", "image/png", "image/jpeg"]

LARGEST_FILE: Final = 2 * 1024 * 1024
"""Bytes: a scanned decision of some pages."""
EXTENSIONS: Final[dict[MediaType, str]] = {
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
}
_PDF: Final = re.compile(rb"%PDF-[12]\.[0-9]")
_PDF_ENDS_WITHIN: Final = 1024
_ACTIVE: Final = re.compile(rb"/(JavaScript|Launch|EmbeddedFile)\b")
_PNG, _PNG_END = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"IEND\xaeB`\x82"
_JPEG, _JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """What a file is. `sha256` in base64url, so that a copy can be told from the file after that is gone."""

    media_type: MediaType
    size: int
    sha256: str


def checked_file(content: bytes) -> FileFacts:
    """What the file is. Raises EvidenceRefused: too large, none of the three kinds, or a PDF that says it runs something."""
    if len(content) > LARGEST_FILE:
        raise EvidenceRefused(
            f"expected a file of at most {LARGEST_FILE // 1024 // 1024} MiB, found {len(content)} bytes: "
            "scan it smaller, or give the address of a page that has it"
        )
    kind = _kind(content)
    if kind is None:
        raise EvidenceRefused(
            "expected a PDF, PNG or JPEG file, found something else inside, whatever its name says: export it anew"
        )
    if kind == "application/pdf" and _ACTIVE.search(content):
        raise EvidenceRefused(
            "expected a PDF without scripts, programs or attached files, found one of them: print it to a plain PDF"
        )
    digest = urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return FileFacts(media_type=kind, size=len(content), sha256=digest)


def _kind(content: bytes) -> MediaType | None:
    if _PDF.match(content) and b"%%EOF" in content[-_PDF_ENDS_WITHIN:]:
        return "application/pdf"
    if content.startswith(_PNG) and content.endswith(_PNG_END):
        return "image/png"
    if content.startswith(_JPEG) and content.rstrip(b"\x00").endswith(_JPEG_END):
        return "image/jpeg"
    return None
