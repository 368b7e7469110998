"""What applicants and reviewers fill in, read with every mistake named at its field."""

import json
import re
from typing import Final

from starlette.datastructures import FormData, UploadFile

from services.trust_registry.domain.application import LONGEST_TEXT, Contact, Wish, Wished
from services.trust_registry.domain.evidence import LARGEST_FILE
from services.trust_registry.entry.console_forms import (
    LONGEST_NAME,
    Filled,
    level_in,
    resources_in,
)
from services.trust_registry.entry.in_words import fields
from services.trust_registry.use_cases.submit_application import Submitted
from shared.vc.trust_list import EVERYTHING
from shared.web.countries import countries
from shared.web.languages import ENGLISH, LANGUAGES

WISHED: Final[tuple[Wished, ...]] = ("issue", "verify")
MOST_FIELDS: Final = 500
_DID: Final = re.compile(r"did:webvh:[A-Za-z0-9._:%-]{1,900}")
_EMAIL: Final = re.compile(r"[^@\s]{1,200}@[^@\s]{1,200}")
_DIGEST: Final = re.compile(r"[A-Za-z0-9+/=:_-]{16,200}")


def sent(form: FormData) -> Filled:
    """What was filled in, without the NUL characters that browsers never send and databases never take."""
    tidy = [
        (name, value.replace("\0", "") if isinstance(value, str) else value)
        for name, value in form.multi_items()
    ]
    return Filled(FormData(tidy))


async def application_in(filled: Filled) -> Submitted:
    """What an applicant says of herself."""
    names = {
        tag: filled.text(f"name_{tag}")[:LONGEST_NAME] for tag in LANGUAGES if filled.text(f"name_{tag}")
    }
    if not names:
        filled.miss("name_en", "wrong_name_missing")
    country, known = filled.text("country"), countries(ENGLISH)
    if country not in known:
        filled.miss("country", "wrong_country_missing")
    did = filled.text("did")
    if not _DID.fullmatch(did):
        filled.miss("did", "wrong_dids")
    action: Wished = "verify" if filled.text("action") == "verify" else "issue"
    if filled.text("action") not in WISHED:
        filled.miss("action", "wrong_choice_missing")
    wish = Wish(
        action=action,
        resources=resources_in(filled),
        jurisdictions=tuple(code for code in filled.several("jurisdictions") if code in known),
        highest_level=level_in(filled),
    )
    url, digest, file = _evidence(filled), filled.text("evidence_digest"), await file_in(filled.form)
    if not url and file is None:
        filled.miss("evidence_url", "wrong_ap_evidence")
    if digest and not (url and _DIGEST.fullmatch(digest)):
        filled.miss("evidence_digest", "wrong_ap_digest")
    contact = Contact(name=filled.text("contact_name")[:LONGEST_NAME], email=filled.text("contact_email"))
    if not contact.name:
        filled.miss("contact_name", "wrong_ap_contact")
    if not _EMAIL.fullmatch(contact.email):
        filled.miss("contact_email", "wrong_ap_email")
    return Submitted(
        names=names,
        country=country,
        did=did,
        external_ids=filled.lines("external_ids")[:20],
        wish=wish,
        url=url or None,
        digest=digest or None,
        file=file,
        contact=contact,
    )


async def file_in(form: FormData) -> bytes | None:
    """The file that was brought, read no further than one byte beyond what may be."""
    file = form.get("file")
    content = await file.read(LARGEST_FILE + 1) if isinstance(file, UploadFile) else b""
    return content or None


def text_in(filled: Filled, name: str) -> str:
    """A text of several lines."""
    given = filled.form.get(name, "")
    text = given.strip() if isinstance(given, str) else ""
    if not 0 < len(text) <= LONGEST_TEXT:
        filled.miss(name, "wrong_ap_text")
    return text


def proof_in(filled: Filled) -> str:
    """The proof out of what the issuer's command printed, or the proof itself."""
    given = filled.text("proof")
    try:
        said = json.loads(given)
    except ValueError:
        return given.replace(" ", "")
    return str(said.get("proof", "")) if isinstance(said, dict) else ""


def wished(wish: Wish) -> FormData:
    """The form that a reviewer starts from: just what was asked for."""
    known = fields(ENGLISH)
    if EVERYTHING in wish.resources:
        chosen = [("kind", "all")]
    elif all(resource in known for resource in wish.resources):
        chosen = [("kind", "field"), *(("fields", resource) for resource in wish.resources)]
    else:
        chosen = [("kind", "named"), ("named", "\n".join(wish.resources))]
    limit = wish.highest_level
    level = [("framework", limit.framework), ("level", str(limit.level))] if limit else []
    places = [("jurisdictions", code) for code in wish.jurisdictions]
    return FormData([("action", wish.action), *chosen, *level, *places])


def _evidence(filled: Filled) -> str:
    url = filled.text("evidence_url")
    if url and not (url.startswith("https://") and url.isascii() and " " not in url):
        filled.miss("evidence_url", "wrong_evidence")
    return url
