"""How fast 14,000 skills in two languages are taken over and searched, on SQLite and PostgreSQL; `-s` prints it.

What is asserted is what must be found; how long it takes depends on the machine and is only printed.
"""

import random
import statistics
import time
from collections.abc import Iterator

import pytest

from issuer.adapters.sql_skills import SqlSkills
from issuer.domain.esco_csv import read_skills
from issuer.main import MIGRATIONS
from issuer.use_cases.find_skills import FindSkills
from issuer.use_cases.import_skills import ImportSkills
from shared.adapters.clock import utc_now
from tests.support.databases import migrated
from tests.support.postgres import fresh_database
from tests.support.skills import ESCO

SKILLS = 14_000
VERBS = (
    "manage",
    "assess",
    "repair",
    "design",
    "teach",
    "négocier",
    "monitor",
    "prepare",
    "install",
    "analyse",
)
THINGS = (
    "data",
    "teams",
    "engines",
    "patients",
    "budgets",
    "équipes",
    "crops",
    "contracts",
    "networks",
    "food",
)


def rows() -> Iterator[str]:
    """ESCO's shape: short names, half a dozen other names, a paragraph of description."""
    chance = random.Random(14)  # noqa: S311 - no secret
    yield "conceptUri,skillType,preferredLabel,altLabels,status,description\n"
    for number in range(SKILLS):
        names = [
            f"{chance.choice(VERBS)} {chance.choice(THINGS)} {chance.choice(THINGS)} {n}" for n in range(7)
        ]
        yield f'{ESCO}{number},knowledge,{names[0]} {number},"{" · ".join(names[1:])}",released,{"words " * 40}\n'


@pytest.fixture(params=["sqlite", "postgresql"])
async def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('skills')}/issuer.db"
    return await fresh_database(request.getfixturevalue("postgres_cluster"))


async def test_fourteen_thousand_skills_are_taken_over_and_searched(url: str) -> None:
    async with migrated(url, MIGRATIONS) as db:
        skills = SqlSkills(db)
        take, find = ImportSkills(skills, utc_now), FindSkills(skills)
        began = time.perf_counter()
        for language in ("en", "fr"):
            done = await take(language, "1.2.0", read_skills(rows()))
            assert (done.skills, done.faulty) == (SKILLS, 0)
        print(f"\n{db.engine.dialect.name}: twice {SKILLS} skills in {time.perf_counter() - began:.1f} s")  # noqa: T201 - what it is for
        took = []
        for text in ("da", "manage data", "negocier equipes", "a", "engines repair", "13999", "nothing") * 5:
            began = time.perf_counter()
            found, _ = await find(text, language="fr", limit=20)
            took.append((time.perf_counter() - began) * 1000)
            assert bool(found) is (text != "nothing")
        print(f"search: median {statistics.median(took):.0f} ms, slowest {max(took):.0f} ms")  # noqa: T201 - what it is for
