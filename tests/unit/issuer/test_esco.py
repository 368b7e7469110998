"""ESCO's files, and what names they give a programme."""

from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from issuer.adapters import esco_starter
from issuer.domain.esco_csv import read_skills
from issuer.domain.naming import with_names
from issuer.domain.skill import SkillFault, SkillRow, key_of, version_key, words_of
from issuer.entry.skill_command import skill_commands
from issuer.errors import SkillsFileRefused
from issuer.use_cases.begin_with_skills import BeginWithSkills
from issuer.use_cases.find_skills import FindSkills
from issuer.use_cases.import_skills import FAULTS_SHOWN, ROWS_AT_ONCE, ImportSkills
from tests.support.issuer import FakeClock
from tests.support.programmes import programmes
from tests.support.skills import ESCO, MemorySkills, file_of

GOOD = f"{ESCO}a1,skill/competence,lead a team,,released,"


def faults(*rows: str) -> list[SkillFault]:
    return [each for each in read_skills(file_of(*rows)) if isinstance(each, SkillFault)]


def test_a_row_is_read_with_its_other_names() -> None:
    (row,) = read_skills(
        file_of(f'{ESCO}a1,knowledge,SQL,"query language\n\n Structured Query Language ",released,x')
    )
    assert isinstance(row, SkillRow)
    assert (row.uri, row.kind, row.obsolete) == (f"{ESCO}a1", "knowledge", False)
    assert row.label.also == ("query language", "Structured Query Language")


def test_files_of_earlier_versions_have_no_status_and_those_with_a_mark_are_read() -> None:
    (row,) = read_skills(file_of(f"{ESCO}a1,lead a team", header="\ufeffconceptUri,preferredLabel"))
    assert isinstance(row, SkillRow)
    assert not row.obsolete


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("http://example.org/a,skill,x,,,", "conceptUri", "URI of an ESCO skill"),
        (f"{ESCO}a2,skill,,,,", "preferredLabel", "1 to 500 characters"),
        (f"{ESCO}a2,skill,{'x' * 501},,,", "preferredLabel", "1 to 500 characters"),
        (f"{ESCO}a1,skill,twice,,,", "conceptUri", "has a row further up"),
        (f"{ESCO}a2,skill", "", "6 cells were expected, 2 were found"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(row: str, column: str, reason: str) -> None:
    (fault,) = faults(GOOD, row)
    assert (fault.row, fault.column) == (3, column)
    assert reason in fault.problem


def test_rows_are_counted_as_rows_where_cells_have_several_lines() -> None:
    assert faults(f'{ESCO}a1,skill,x,"one\ntwo\nthree",,', "nonsense,,x,,,")[0].row == 3


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "header was expected to have conceptUri and preferredLabel, found nothing"),
        (["name;uri\n"], "found name;uri"),
        ([*file_of(), '"never closed\n'], "is no CSV"),
        ([*file_of(), f"{ESCO}a1,skill,{'x' * 100_001},,,\n"], "is no CSV"),
    ],
)
def test_a_file_that_is_not_escos_is_refused(lines: list[str], reason: str) -> None:
    with pytest.raises(SkillsFileRefused, match=reason):
        list(read_skills(lines))


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "skills_fr.csv"
    file.write_bytes("conceptUri,preferredLabel\nx,équipe\n".encode("cp1252"))
    with file.open(encoding="utf-8") as lines, pytest.raises(SkillsFileRefused, match="UTF-8 was expected"):
        list(read_skills(lines))


def test_words_are_folded() -> None:
    assert words_of("Œuvrer à l\N{RIGHT SINGLE QUOTATION MARK}ÉCOLE, à  l'école") == (
        "oeuvrer",
        "a",
        "l",
        "ecole",
    )
    assert words_of("الفِرَق والأعـمال") == ("فرق", "والاعمال")
    assert key_of("Straße, Ångström") == "strasse angstrom"
    assert words_of("ال %") == ("ال",)


def test_versions_are_compared_by_their_numbers() -> None:
    assert version_key("v1.2.0") < version_key("1.10")
    with pytest.raises(ValueError, match="invalid literal"):
        version_key("new")


@pytest.mark.parametrize(
    ("version", "reason"), [("1.1.2", "ESCO 1.2.0 is here already"), ("newest", "A version such as 1.2.0")]
)
async def test_an_older_version_is_refused(version: str, reason: str) -> None:
    take = ImportSkills(MemorySkills(), FakeClock())
    await take("en", "1.2.0", read_skills(file_of(GOOD)))
    with pytest.raises(SkillsFileRefused, match=reason):
        await take("fr", version, read_skills(file_of(GOOD)))


async def test_a_file_without_a_skill_is_refused() -> None:
    with pytest.raises(SkillsFileRefused, match="no skill that could be used"):
        await ImportSkills(MemorySkills(), FakeClock())("en", "1.2.0", read_skills(file_of()))


async def test_of_many_faults_the_first_are_shown_and_all_are_counted() -> None:
    rows = [GOOD, *(f"nonsense{n},,x,,," for n in range(ROWS_AT_ONCE + FAULTS_SHOWN))]
    done = await ImportSkills(MemorySkills(), FakeClock())("en", "1.2.0", read_skills(file_of(*rows)))
    assert (done.skills, done.faulty, len(done.faults)) == (1, ROWS_AT_ONCE + FAULTS_SHOWN, FAULTS_SHOWN)


async def test_a_new_issuer_has_skills_to_begin_with_and_an_old_one_keeps_its_own() -> None:
    skills = MemorySkills()
    begin = BeginWithSkills(skills, ImportSkills(skills, FakeClock()))
    await begin(esco_starter.VERSION, esco_starter.starter())
    (file,) = await skills.files()
    assert (file.language, file.version, file.skills) == ("en", "1.1", 40)
    (found, *_), here = await FindSkills(skills)("first aid", language="en", limit=5)
    assert (found.names["en"], here) == ("provide first aid", [file])
    await begin("1.2", {"fr": list(read_skills(file_of(GOOD)))})
    assert await skills.files() == [file]


def test_the_skills_to_begin_with_have_no_fault_and_name_those_of_the_example_programmes() -> None:
    rows = [row for row in esco_starter.starter()["en"] if isinstance(row, SkillRow)]
    assert len(rows) == len(esco_starter.starter()["en"])
    assert {skill for each in programmes().values() for skill in each.skills} <= {row.uri for row in rows}


def test_what_esco_calls_a_skill_goes_before_what_the_programme_does() -> None:
    described = replace(programmes()["data-analytics"])
    first, second, third = described.skills[:3]
    described = replace(described, skill_names={first: {"en": "mine"}, second: {"en": "my own"}})
    named = with_names(described, {first: {"en": "ESCO's", "fr": "le leur"}, "http://other": {"en": "x"}})
    assert named.skill_names == {first: {"en": "ESCO's", "fr": "le leur"}, second: {"en": "my own"}}
    assert third not in named.skill_names


def run(tmp_path: Path, name: str, *rows: str, version: str = "1.2.0") -> tuple[int, str]:
    file = tmp_path / name
    file.write_text("".join(file_of(*rows)), "utf-8-sig")
    cli = typer.Typer()
    cli.add_typer(skill_commands(ImportSkills(MemorySkills(), FakeClock())), name="esco")
    done = CliRunner().invoke(cli, ["esco", "import", "--version", version, str(file)])
    return done.exit_code, done.output


def test_the_command_says_what_it_did_and_names_the_source(tmp_path: Path) -> None:
    code, said = run(tmp_path, "skills_fr.csv", GOOD)
    assert (code, "fr: 1 skills of ESCO 1.2.0." in said) == (0, True)
    assert "This service uses the ESCO classification of the European Commission." in said


def test_the_command_names_the_rows_it_left_out(tmp_path: Path) -> None:
    code, said = run(tmp_path, "skills_en.csv", GOOD, "nonsense,,x,,,")
    assert (code, "row 3 conceptUri:" in said, "Nothing was withdrawn" in said) == (1, True, True)


def test_the_command_refuses_a_name_without_a_language_and_a_strange_version(tmp_path: Path) -> None:
    code, said = run(tmp_path, "skills.csv", GOOD)
    assert (code, "skills_fr.csv was expected" in said) == (2, True)
    assert run(tmp_path, "skills_en.csv", GOOD, version="new") == (
        2,
        "A version such as 1.2.0 was expected, 'new' was found.\n",
    )
