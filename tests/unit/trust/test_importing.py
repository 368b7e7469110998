"""Files of organisations: what they add, what they change, what is wrong with them; never what they take out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import count

import pytest

from services.trust_registry.domain.edits import Changing, Granting, Registering
from services.trust_registry.domain.importing import Complaint, Plan, digest_of_plan, planned, with_ids
from services.trust_registry.domain.register import Entity, Grant, granted
from services.trust_registry.entry.spreadsheet import read_csv, read_json, write_csv, write_json
from shared.vc.trust_list import Level
from tests.unit.trust.lists import ISSUER, NOW, STRANGER

HEADER = "name_en,name_fr,country,dids,external_ids,action,resources,jurisdictions,highest_level,valid_from,valid_to,evidence_url"
ROW = f"Trust,Confiance,KE,{ISSUER},,issue,isced-f:061,KE UG,eqf 5,2025-01-01,,https://a.test/1"
GRANT = Grant(
    action="issue",
    resources=("isced-f:061",),
    jurisdictions=("KE", "UG"),
    highest_level=Level(framework="eqf", level=5),
    valid_from=date(2025, 1, 1),
    evidence_url="https://a.test/1",
)
LISTED = Entity(id="e1", names={"en": "Trust", "fr": "Confiance"}, country="KE", dids=(ISSUER,))
LISTED = replace(LISTED, authorizations=(granted(LISTED, GRANT, authorization_id="a1", now=NOW),))


def plan(text: str, *register: Entity) -> Plan:
    file, complaints = read_csv(text)
    return Plan(complaints=complaints) if complaints else planned(file, register)


def csv(*rows: str) -> str:
    return "\r\n".join([HEADER, *rows])


def test_a_new_organisation_is_registered_with_what_it_may_do() -> None:
    found = plan(csv(ROW, ROW.replace("issue,", "verify,").replace("eqf 5", "")))

    register, first, second = found.edits
    assert isinstance(register, Registering)
    assert isinstance(first, Granting)
    assert isinstance(second, Granting)
    assert (register.entity.names, register.entity.dids) == ({"en": "Trust", "fr": "Confiance"}, (ISSUER,))
    assert (first.entity_id, first.grant) == (register.entity.id, GRANT)
    assert second.grant.action == "verify"
    assert found.added == ["Trust (KE)", "Trust: issue isced-f:061", "Trust: verify isced-f:061"]


MAY_SEE = f"name_en,country,dids,action,resources,valid_from,attributes\r\nTrust,KE,{ISSUER},{{}},*,2025-01-01,{{}}\r\n"


def test_a_file_says_which_values_may_be_seen_and_an_export_says_it_again() -> None:
    register, grant = plan(MAY_SEE.format("verify", "title awarded_dateint")).edits
    assert isinstance(register, Registering)
    assert isinstance(grant, Granting)
    assert grant.grant.attributes == ("title", "awarded_dateint")

    given = granted(register.entity, grant.grant, authorization_id="a1", now=NOW)
    known = replace(register.entity, id="e1", authorizations=(given,))

    assert plan(write_csv([known]), known).edits == []
    assert planned(read_json(write_json([known]))[0], [known]).edits == []
    (other,) = plan(MAY_SEE.format("verify", "title"), known).edits
    assert isinstance(other, Granting)


def test_values_to_be_seen_are_complained_about_where_nothing_is_asked_for() -> None:
    (complaint,) = plan(MAY_SEE.format("issue", "title")).complaints

    assert (complaint.row, complaint.column) == (2, "attributes")
    assert "with verify alone" in complaint.what


def test_what_is_there_already_is_left_alone() -> None:
    found = plan(csv(ROW), LISTED)

    assert (found.edits, found.unchanged, found.complaints) == ([], 2, [])


def test_a_change_is_shown_with_before_and_after_and_takes_nothing_out() -> None:
    other = replace(LISTED, id="e2", dids=(STRANGER,), authorizations=())
    found = plan(csv(f"Renamed,,UG,{ISSUER} did:key:z6Mk,,,,,,,,"), LISTED, other)

    [edit] = found.edits
    assert isinstance(edit, Changing)
    assert edit.entity.names == {"en": "Renamed", "fr": "Confiance"}
    assert edit.entity.dids == (ISSUER, "did:key:z6Mk")
    assert edit.entity.authorizations == LISTED.authorizations
    assert [(each.what, each.before, each.after) for each in found.changed] == [
        ("names", "en: Trust; fr: Confiance", "en: Renamed; fr: Confiance"),
        ("country", "KE", "UG"),
        ("dids", ISSUER, f"{ISSUER} did:key:z6Mk"),
    ]
    assert [each.id for each in found.not_in_file] == ["e2"]


def test_the_same_file_upon_the_same_register_has_the_same_digest_and_nothing_else_has() -> None:
    text = csv(f"Renamed,,UG,{ISSUER},,,,,,,,", ROW.replace(ISSUER, STRANGER))
    suspended = replace(LISTED, names={"en": "Trust", "fr": "Confiance", "sw": "Amana"})
    digests = [
        digest_of_plan(found)
        for found in (
            plan(text, LISTED),
            plan(text, LISTED),
            plan(text.replace("Renamed", "Named"), LISTED),
            plan(text, suspended),
            plan(text),
        )
    ]

    assert digests[0] == digests[1]
    assert len(set(digests)) == 4


def test_what_is_new_gets_ids_for_ever_and_what_is_there_keeps_its_own() -> None:
    numbers = count(1)
    found = plan(csv(f"Renamed,,UG,{ISSUER},,,,,,,,", ROW.replace(ISSUER, STRANGER)), LISTED)

    change, register, grant = with_ids(found.edits, lambda: f"id{next(numbers)}")

    assert isinstance(change, Changing)
    assert isinstance(register, Registering)
    assert isinstance(grant, Granting)
    assert change.entity.id == "e1"
    assert (register.entity.id, grant.entity_id, grant.authorization_id) == ("id1", "id1", "id2")


@pytest.mark.parametrize(
    ("rows", "row", "column", "what"),
    [
        ([ROW.replace("KE,did", "Kenya,did")], 2, "country", "two capital letters"),
        ([ROW.replace(ISSUER, "https://x.test")], 2, "dids", "expected a DID such as"),
        ([ROW.replace(ISSUER, "")], 2, "dids", "at least 1 item"),
        ([ROW.replace("KE UG", "KE Uganda")], 2, "jurisdictions", "two capital letters"),
        ([ROW.replace("isced-f:061", "computing")], 2, "resources", "isced-f:DIGITS"),
        ([ROW.replace("issue,", "teach,")], 2, "action", "'issue', 'verify' or 'accredit'"),
        ([ROW.replace("eqf 5", "eqf five")], 2, "highest_level.level", "valid integer"),
        ([ROW.replace("2025-01-01", "01/02/2025")], 2, "valid_from", "date"),
        ([ROW.replace("2025-01-01,", "2025-01-01,2024-01-01")], 2, "valid_to", "expected a day on or after"),
        ([ROW, ROW.replace("Trust,", "Other,")], 3, "dids", "the same organisation as in row 2"),
        (
            [ROW, ROW.replace(ISSUER, f"{ISSUER} {STRANGER}")],
            3,
            "dids",
            "expected each DID once, found one of row 2",
        ),
    ],
)
def test_each_fault_names_its_row_its_column_and_what_to_write(
    rows: list[str], row: int, column: str, what: str
) -> None:
    found = plan(csv(*rows))

    assert found.edits == []
    [complaint] = found.complaints
    assert (complaint.row, complaint.column) == (row, column)
    assert what in complaint.what


def test_dids_of_two_organisations_in_one_row_are_refused() -> None:
    other = replace(LISTED, id="e2", names={"en": "Other"}, dids=(STRANGER,), authorizations=())

    found = plan(csv(ROW.replace(ISSUER, f"{ISSUER} {STRANGER}")), LISTED, other)

    [complaint] = found.complaints
    assert "expected DIDs of one organisation, found those of Other, Trust" in complaint.what


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("name_en,dids", {"country"}),
        ("country,dids", {"name_en"}),
        ("name_en,country,dids,colour", {"colour"}),
        ("name_en,country,dids,dids", {"dids"}),
        ("", {"country", "dids", "name_en"}),
    ],
)
def test_a_header_that_is_wrong_is_said_so(header: str, columns: set[str]) -> None:
    _, complaints = read_csv(f"{header}\r\n")

    assert {each.column for each in complaints} == columns


@pytest.mark.parametrize(
    ("read", "text", "what"),
    [
        (read_csv, 'name_en,country,dids\r\n"open', "expected CSV"),
        (read_csv, "name_en,country,dids\r\n" + "x,KE,did:a:b\r\n" * 2001, "2000 rows at most, found 2001"),
        (read_json, "{}", "expected a JSON array"),
        (read_json, "[" + "1," * 2000 + "1]", "2000 rows at most, found 2001"),
        (read_json, '[{"names": {"en": "X"}, "country": "KE"}]', "Field required"),
    ],
)
def test_what_is_no_such_file_is_refused(
    read: Callable[[str], tuple[object, list[Complaint]]], text: str, what: str
) -> None:
    _, [complaint] = read(text)

    assert what in complaint.what


@pytest.mark.parametrize(
    "name", ["Trust", "=cmd|' /C calc'!A1", "+1", "-1", "@x", "\uff1dx", "'=quoted", "'plain"]
)
def test_an_export_comes_back_as_it_went_and_runs_in_no_spreadsheet(name: str) -> None:
    listed = replace(LISTED, names={"en": name}, external_ids=("https://ror.test/1",))
    written = write_csv([listed])

    assert not any(cell.startswith(("=", "+", "-", "@", "\uff1d")) for cell in written.split(","))
    for text, read in ((written, read_csv), (write_json([listed]), read_json)):
        file, complaints = read(text)
        assert complaints == []
        again = planned(file, [listed])
        assert (again.edits, again.unchanged) == ([], 2)
