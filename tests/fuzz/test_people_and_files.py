"""What people upload, open and send as headers: spreadsheets, invitation links, languages, programmes."""

import base64
import json
import subprocess
import sys
import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError
from starlette.requests import Request

from issuer.domain.spreadsheet import MAX_BYTES, Sheet
from issuer.entry.template_json import TemplateJson
from issuer.errors import TemplateInvalid
from shared.vc.achievement import AchievementError, build, missing_elements, read
from shared.vc.jcs import canonicalize
from shared.web.languages import LANGUAGES, language_for
from tests.fuzz import growth
from tests.fuzz.hostile import DEEP_JSON, TEXTS, VALUES, Json, changed, damaged, written
from tests.support.dids import NOW
from wallet.domain.invitation import read_invitation
from wallet.errors import InvitationRefused

HEADER = "given_name,family_name,email,phone,language,awarded_on,grade_pct"
GOOD = f"{HEADER}\nAmina,Otieno,amina@example.test,+254700000000,sw,2026-01-15,80\nSukarno,-,,,id,2026-01-16,75\n"
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
CELLS = TEXTS | st.sampled_from(
    ["2026-01-15", "80", "-", "=x", '"', "a\nb", "amina@example.test", "+254700000000"]
)


def sheet(content: bytes) -> Sheet:
    found = growth.read(content)
    assert found.graduates or found.complaints
    for complaint in found.complaints:
        assert complaint.problem
        assert complaint.remedy
        assert len(complaint.found) < 200
    return found


@given(
    st.binary(max_size=400)
    | damaged(GOOD.encode())
    | st.text(st.characters(), max_size=200).flatmap(
        lambda text: ENCODINGS.map(lambda encoding: text.encode(encoding, "replace"))
    )
)
@example(b"\x00")
@example(b"\xff\xfe\x00")
@example(b"\n\n\n" + GOOD.encode())
@example(b'"')
@example(b'"\x1c')
def test_any_bytes_are_a_cohort_or_complained_about(content: bytes) -> None:
    sheet(content)


@given(
    st.lists(st.lists(CELLS, max_size=9), max_size=6),
    st.sampled_from([",", ";", "\t"]),
    st.booleans(),
    ENCODINGS,
)
def test_any_table_is_a_cohort_or_complained_about(
    rows: list[list[str]],
    separator: str,
    header: bool,
    encoding: str,
) -> None:
    quoted = [separator.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    if header:
        quoted.insert(0, HEADER.replace(",", separator))
    sheet("\r\n".join(quoted).encode(encoding, "replace"))


SIZE = 1024 * 1024


@pytest.mark.parametrize(
    "content",
    [
        b"," * SIZE,
        b"\n" * SIZE,
        (HEADER + "\n").encode() + b"\n" * (SIZE // 8),
        (HEADER + "\n").encode() + b"," * SIZE,
        (HEADER + "\n").encode() + b"a\n" * (SIZE // 2),
        b"name_," * (SIZE // 6),
        b"email;" * (SIZE // 6),
        b'"' * SIZE,
        b"\x00" * SIZE,
        ("grade" + "e" * 9_000 + ",").encode() * (SIZE // 9_006),
    ],
    ids=lambda content: repr(content[:12] + content[-6:]),
)
def test_memory_grows_with_the_file_and_no_faster(content: bytes) -> None:
    read = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.growth"], input=content, capture_output=True, check=False
    )
    assert read.returncode == 0, read.stderr.decode()
    assert int(read.stdout) < 40 * SIZE


@pytest.mark.parametrize("repeated", [b"email,", b"\n", b'"'])
def test_the_largest_file_is_read_within_seconds(repeated: bytes) -> None:
    began = time.process_time()
    assert sheet(repeated * (MAX_BYTES // len(repeated))).complaints
    assert time.process_time() - began < 20


INVITATION: dict[str, Any] = {
    "@type": "https://didcomm.org/out-of-band/1.1/invitation",
    "@id": "invitation-1",
    "goal_code": "ujuzi.claim-award",
    "goal": "Claim",
    "handshake_protocols": ["https://didcomm.org/didexchange/1.1"],
    "services": [
        {
            "recipientKeys": ["did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"],
            "serviceEndpoint": "https://issuer.example/didcomm",
            "id": "#inline",
            "type": "did-communication",
        }
    ],
}


def link(message: bytes) -> str:
    return "https://issuer.example/i?oob=" + base64.urlsafe_b64encode(message).decode().rstrip("=")


def follow(url: str) -> None:
    try:
        found = read_invitation(url)
    except InvitationRefused as error:
        str(error).encode()
    else:
        json.dumps(dict(found.message), allow_nan=False).encode()
        (found.id + found.goal + found.goal_code + "".join(found.recipient_keys)).encode()


@given(
    changed(INVITATION).flatmap(written).map(lambda text: link(text.encode("utf-8", "surrogatepass")))
    | damaged(link(json.dumps(INVITATION).encode()).encode()).map(
        lambda url: url.decode(errors="surrogateescape")
    )
    | DEEP_JSON.map(lambda deep: link(deep[:12_000].encode()))
    | st.binary(max_size=60).map(link)
    | TEXTS
    | TEXTS.map(lambda text: f"https://[{text}/i?oob=e30")
)
@example(link(b"[" * 12_100))
@example(
    link(
        b'{"@type":"https://didcomm.org/out-of-band/1.1/invitation","x":' + b"[" * 8_000 + b"]" * 3_900 + b"}"
    )
)
@example("http://[::1/i?oob=e30")
@example("https://x/i?oob=\ud800")
@example(link(b'{"a":' + b"1" * 5_000 + b"}"))
@example(link(json.dumps(INVITATION | {"goal": "\ud800"}).encode()))
@example(link(json.dumps(INVITATION | {"accept": float("nan")}).encode()))
def test_any_link_is_an_invitation_or_refused(url: str) -> None:
    follow(url)


@given(st.text(st.characters(max_codepoint=255), max_size=60), st.binary(max_size=30))
def test_any_browser_is_answered_in_a_language_there_is(accepted: str, query: bytes) -> None:
    headers = [(b"accept-language", accepted.encode("latin-1"))]
    request = Request({"type": "http", "headers": headers, "query_string": b"lang=" + query})
    assert language_for(request, accepted) in LANGUAGES


PROGRAMME = {
    "title": {"en": "Data Analysis", "sw": "Uchambuzi"},
    "awarding_body": "Digital Skills Trust",
    "country": "KE",
    "language": "en",
    "learning_outcomes": ["Clean data"],
    "skills": ["http://data.europa.eu/esco/skill/2b92a5b2-6758-4ee3-9fb4-b6387a55cc8f"],
    "workload_hours": 120,
    "credits": 4.0,
    "credit_framework": "ECTS",
    "levels": {"eqf": 4},
    "assessment": "project",
    "participation": "blended",
    "supervision": 2,
    "quality_assurance": {"type": "institutional", "reference": "x"},
    "verification_level": "independent",
    "learning_route": "non-formal",
    "grading": {"scale": "percentage", "pass": 60},
    "valid_for_months": 12,
    "stackable": True,
}


@given(changed(PROGRAMME))
def test_a_programme_that_can_be_published_can_be_read_again(body: Json) -> None:
    try:
        template = TemplateJson.model_validate(body).to_domain()
    except (ValidationError, TemplateInvalid):
        return
    TemplateJson.from_domain(template).model_dump_json().encode()
    if not missing_elements(template):
        content = build(template, issuer_did=ISSUER, issuer_name="x", now=NOW)
        canonicalize(content)
        read(json.loads(json.dumps(content)))


ISSUER = "did:webvh:QmIssuer:issuer.ujuzi.test:orgs:trust"
EDITION = build(
    TemplateJson.model_validate(PROGRAMME).to_domain(), issuer_did=ISSUER, issuer_name="x", now=NOW
)


@given(changed(json.loads(json.dumps(EDITION))) | st.dictionaries(TEXTS, VALUES, max_size=3))
def test_an_edition_of_a_hostile_issuer_is_read_or_refused(content: Json) -> None:
    """A signed content is always an object; nothing else is known of it."""
    if not isinstance(content, dict):
        return
    try:
        read(content)
    except AchievementError:
        return
