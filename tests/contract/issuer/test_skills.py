"""What any memory of skills must do: the fake, SQLite and PostgreSQL."""

import random
from collections.abc import AsyncIterator

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from issuer.adapters import sql_skills
from issuer.adapters.migrations.versions import issuer0014_skill_words as issuer0014
from issuer.adapters.sql_skills import SqlSkills
from issuer.domain.esco_csv import read_skills
from issuer.domain.skill import SkillFile, words_of
from issuer.main import MIGRATIONS
from issuer.ports import Skills
from issuer.use_cases.import_skills import ImportSkills
from shared.adapters.sql import with_alembic
from tests.support.databases import migrated
from tests.support.issuer import FakeClock
from tests.support.skills import ESCO, MemorySkills, file_of

WORDS = ("data", "date", "données", "do", "of", "old", "teams", "team", "équipe", "de", "mining", "𐐨x")
ENGLISH = (
    f'{ESCO}a1,skill/competence,perform data analysis,"data analysis\nanalyse data",released,Collect data.',
    f"{ESCO}a2,skill/competence,analyse,,released,",
    f"{ESCO}a3,knowledge,data mining,,released,",
    f"{ESCO}a4,skill/competence,manage data,administer databases,released,",
    f"{ESCO}a5,skill/competence,use old data tapes,,obsolete,",
)
FRENCH = (
    f"{ESCO}a1,skill/competence,effectuer une analyse de données,,released,",
    f"{ESCO}a3,knowledge,exploration de données,,released,",
    f"{ESCO}a4,skill/competence,gérer des données,,released,",
    f"{ESCO}a2,skill/competence,prêter main-forte à l\N{RIGHT SINGLE QUOTATION MARK}œuvre,,released,",
)
ARABIC = (
    f"{ESCO}a1,skill/competence,إجراء تحليل البيانات,,released,",
    f"{ESCO}a2,skill/competence,العَمَل ضمن فِرق,,released,",
)


@pytest.fixture
async def skills(memory_or_url: str | None) -> AsyncIterator[Skills]:
    if memory_or_url is None:
        yield MemorySkills()
        return
    async with migrated(memory_or_url, MIGRATIONS) as db:
        yield SqlSkills(db)


@pytest.fixture
async def stocked(skills: Skills) -> Skills:
    take = ImportSkills(skills, FakeClock())
    for language, rows in (("en", ENGLISH), ("fr", FRENCH), ("ar", ARABIC)):
        await take(language, "1.2.0", read_skills(file_of(*rows)))
    return skills


async def found(skills: Skills, text: str, language: str | None, limit: int = 10) -> list[str]:
    return [each.uri.removeprefix(ESCO) for each in await skills.search(words_of(text), language, limit)]


@pytest.mark.parametrize(
    ("text", "language", "uris"),
    [
        ("data", "en", ["a3", "a4", "a1"]),
        ("DATA anal", "en", ["a1"]),
        ("analys", "en", ["a2", "a1"]),
        ("analyse data", "en", ["a1"]),
        ("data mining", "en", ["a3"]),
        ("database", "en", ["a4"]),
        ("donnees", "fr", ["a4", "a3", "a1"]),
        ("GÉRER", "fr", ["a4"]),
        ("oeuvre preter", "fr", ["a2"]),
        ("œuvre", "fr", ["a2"]),
        ("بيانات", "ar", ["a1"]),
        ("عمل", "ar", ["a2"]),
        ("اجراء", "ar", ["a1"]),
        ("données", "en", []),
        ("tapes", "en", []),
        ("%", "en", []),
        ("_ata", "en", []),
        ("...", "en", []),
    ],
)
async def test_a_search_finds_beginnings_of_words_without_case_and_accents_the_likeliest_first(
    stocked: Skills, text: str, language: str, uris: list[str]
) -> None:
    assert await found(stocked, text, language) == uris


async def test_without_a_language_all_are_searched_and_each_skill_is_found_once(stocked: Skills) -> None:
    assert await found(stocked, "analys", None) == ["a2", "a1"]
    assert await found(stocked, "donnees", None) == ["a4", "a3", "a1"]
    assert await found(stocked, "data", None, limit=2) == ["a3", "a4"]


async def test_what_is_found_has_its_names_in_every_language(stocked: Skills) -> None:
    (one,) = await stocked.search(["effectuer"], "fr", 10)
    assert one.names == {
        "ar": "إجراء تحليل البيانات",
        "en": "perform data analysis",
        "fr": "effectuer une analyse de données",
    }
    assert (one.found_in, one.kind) == ("fr", "skill/competence")
    (english,) = await stocked.search(["perform"], None, 10)
    assert english.description == "Collect data."


async def test_names_are_known_of_skills_that_are_here_and_of_withdrawn_ones(stocked: Skills) -> None:
    names = await stocked.names([f"{ESCO}a5", f"{ESCO}a3", f"{ESCO}zz"])
    assert names == {
        f"{ESCO}a5": {"en": "use old data tapes"},
        f"{ESCO}a3": {"en": "data mining", "fr": "exploration de données"},
    }
    assert await stocked.names([]) == {}


async def test_importing_again_changes_nothing(stocked: Skills) -> None:
    before = [await found(stocked, text, None) for text in ("data", "donnees", "a")]
    again = await ImportSkills(stocked, FakeClock())("en", "1.2.0", read_skills(file_of(*ENGLISH)))
    assert (again.skills, again.faulty, again.withdrawn) == (5, 0, 0)
    assert [await found(stocked, text, None) for text in ("data", "donnees", "a")] == before
    assert await stocked.files() == [
        SkillFile("ar", "1.2.0", 2),
        SkillFile("en", "1.2.0", 5),
        SkillFile("fr", "1.2.0", 4),
    ]


async def test_a_newer_version_renames_and_withdraws(stocked: Skills) -> None:
    newer = (
        *ENGLISH[:2],
        f"{ESCO}a3,knowledge,dig in data,,released,",
        f"{ESCO}a9,knowledge,data ethics,,released,",
    )
    done = await ImportSkills(stocked, FakeClock())("en", "1.3.0", read_skills(file_of(*newer)))
    assert done.withdrawn == 1
    assert await found(stocked, "data", "en") == ["a9", "a3", "a1"]
    assert await found(stocked, "mining", "en") == []
    assert await found(stocked, "gerer", "fr") == []
    assert await stocked.names([f"{ESCO}a4"]) == {
        f"{ESCO}a4": {"en": "manage data", "fr": "gérer des données"}
    }


async def test_a_skill_that_comes_back_is_found_again(stocked: Skills) -> None:
    take = ImportSkills(stocked, FakeClock())
    await take("en", "1.3.0", read_skills(file_of(*ENGLISH[:3])))
    assert await found(stocked, "manage", "en") == []
    await take("en", "1.4.0", read_skills(file_of(*ENGLISH[:4])))
    assert await found(stocked, "manage", "en") == ["a4"]


async def test_a_file_cut_off_or_with_faults_withdraws_nothing(stocked: Skills) -> None:
    take = ImportSkills(stocked, FakeClock())
    cut = await take("en", "1.3.0", read_skills(file_of(*ENGLISH[:2])))
    faulty = await take("en", "1.3.0", read_skills(file_of(*ENGLISH[:4], "nonsense,,x,,,")))
    assert (cut.withdrawn, faulty.withdrawn, faulty.faulty) == (None, None, 1)
    assert await found(stocked, "exploration", "fr") == ["a3"]


async def test_the_index_finds_what_reading_every_name_finds_in_the_same_order(skills: Skills) -> None:
    memory, chance = MemorySkills(), random.Random(3)  # noqa: S311 - no secret
    for each in (skills, memory):
        take, chance = ImportSkills(each, FakeClock()), random.Random(3)  # noqa: S311 - no secret
        for language in ("en", "fr"):
            lines = [
                f'{ESCO}{number},knowledge,{_name(chance)},"{_name(chance)}",{_status(number)},{language}'
                for number in range(300)
            ]
            await take(language, "1.2.0", read_skills(file_of(*lines)))
    asked = [" ".join(word[: chance.randint(1, 4)] for word in _name(chance).split()) for _ in range(60)]
    for words in map(words_of, (*WORDS, *asked)):
        for searched in ("en", None):
            assert await skills.search(words, searched, 7) == await memory.search(words, searched, 7), words


async def test_words_in_very_many_names_are_found_too(
    stocked: Skills, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_skills, "MANY", 1)
    assert await found(stocked, "data anal", "en") == ["a1"]
    assert await found(stocked, "donnees", None) == ["a4", "a3", "a1"]


async def test_skills_imported_before_there_was_an_index_are_found(database_url: str) -> None:
    many = range(issuer0014.AT_ONCE + 1)

    def as_before(config: Config) -> None:
        command.upgrade(config, "issuer0013")
        kept: Connection = config.attributes["connection"]
        kept.execute(
            text("insert into skill (uri, kind, version) values (:uri, 'knowledge', '1.1')"),
            [{"uri": f"{ESCO}{number}"} for number in many],
        )
        kept.execute(
            text(
                "insert into skill_label (uri, language, name, name_key, words, description) "
                "values (:uri, 'en', :name, :name, :words, '')"
            ),
            [
                {
                    "uri": f"{ESCO}{number}",
                    "name": f"skill {number}",
                    "words": f" skill {number} other{number}",
                }
                for number in many
            ],
        )

    await with_alembic(database_url, MIGRATIONS, as_before)
    async with migrated(database_url, MIGRATIONS) as db:
        skills = SqlSkills(db)
        assert [await found(skills, f"other{number}", "en", 1) for number in (0, many[-1])] == [
            ["0"],
            [str(many[-1])],
        ]


def _name(chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randint(1, 3)))


def _status(number: int) -> str:
    return "obsolete" if number % 10 == 0 else "released"
