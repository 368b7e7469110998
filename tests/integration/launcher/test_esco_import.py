"""`ujuzi esco import` brings ESCO's skills into the issuer of a home, and says what is in the way."""

import asyncio
import os
import sys
from pathlib import Path

from issuer.adapters.sql_skills import SqlSkills
from services.launcher.adapters.home_folder import HomeFolder
from shared.adapters.sql import Database

HEADER = (
    "conceptType,conceptUri,skillType,reuseLevel,preferredLabel,altLabels,hiddenLabels,status,"
    "modifiedDate,scopeNote,definition,inScheme,description\n"
)
SKILL = "http://data.europa.eu/esco/skill/0005c151-5b5a-4a66-8aac-60e734beb1ab"
ROW = f"KnowledgeSkillCompetence,{SKILL},skill/competence,cross-sector,gérer du personnel,,,released,,,,,Gérer.\n"


async def ujuzi(*arguments: str, **environment: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.launcher", "esco", "import", *arguments,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    return process.returncode, said.decode()


async def test_skills_are_there_for_the_issuer_of_the_home(tmp_path: Path) -> None:
    home = HomeFolder(tmp_path)
    home.keep_data_in("sqlite")
    home.secrets()
    (tmp_path / "issuer").mkdir()
    file = tmp_path / "skills_fr.csv"
    file.write_text(HEADER + ROW)
    code, said = await ujuzi("--home", str(tmp_path), "--version", "1.2.0", str(file))
    assert (code, "fr: 1 skills of ESCO 1.2.0." in said) == (0, True), said
    assert home.secrets().api_keys["issuer"] not in said
    async with Database(f"sqlite:///{tmp_path}/issuer/service.db") as db:
        assert await SqlSkills(db).names([SKILL]) == {SKILL: {"fr": "gérer du personnel"}}


async def test_a_file_that_is_none_of_escos_is_refused_as_the_issuer_refuses_it(tmp_path: Path) -> None:
    HomeFolder(tmp_path).secrets()
    (tmp_path / "issuer").mkdir()
    file = tmp_path / "skills_fr.csv"
    file.write_text("a,b\n1,2\n")
    code, said = await ujuzi("--home", str(tmp_path), "--version", "1.2.0", str(file))
    assert code == 2, said
    assert "Traceback" not in said


async def test_a_home_in_which_nothing_lives_is_named(tmp_path: Path) -> None:
    file = tmp_path / "skills_fr.csv"
    file.write_text(HEADER)
    code, said = await ujuzi("--home", str(tmp_path / "none"), "--version", "1.2.0", str(file))
    assert (code, "No exchange lives in" in said, "--home" in said) == (2, True, True), said
    assert not (tmp_path / "none").exists()


async def test_a_home_whose_data_is_elsewhere_is_not_given_a_database_of_its_own(tmp_path: Path) -> None:
    home = HomeFolder(tmp_path)
    home.keep_data_in("postgresql://db.example:5432/ujuzi")
    home.secrets()
    file = tmp_path / "skills_fr.csv"
    file.write_text(HEADER + ROW)
    code, said = await ujuzi("--home", str(tmp_path), "--version", "1.2.0", str(file))
    assert (code, "with a --database at postgresql://db.example" in said) == (2, True), said
