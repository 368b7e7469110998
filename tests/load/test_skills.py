"""How fast ESCO's 14,000 skills in five languages are taken over and searched, on SQLite and PostgreSQL; `-s` prints it.

What is asserted is what must be found; how long it takes depends on the machine and is only printed. The CPU time is this
process's, in which SQLite works; of PostgreSQL's own, EXPLAIN ANALYZE tells.
"""

import os
import random
import statistics
import time
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

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

SKILLS: Final = 14_000
LANGUAGES: Final = ("ar", "en", "es", "fr", "pt")
SMALL: Final = ("de", "la", "of", "l'", "the", "a", "to", "données")
"""Words that are in most names, as a few are in every language."""
SEARCHES: Final = {
    "a letter": "d",
    "two letters": "ma",
    "a word being typed": "manag",
    "two words": "manage da",
    "with an accent": "données de",
    "the end of a name": "13999",
    "two small words": "de la",
    "two letters apart": "d l",
    "nothing": "zzz",
}
SYLLABLES: Final = (
    "ma",
    "na",
    "ge",
    "da",
    "ta",
    "re",
    "pai",
    "pro",
    "me",
    "lo",
    "sé",
    "ti",
    "con",
    "do",
    "ri",
)
TIMES: Final = 5


def vocabulary(chance: random.Random) -> list[str]:
    """Words in the order of how often they are used."""
    made = {"".join(chance.choices(SYLLABLES, k=chance.randint(2, 5))): None for _ in range(9_000)}
    return [*SMALL, "manage", "data", *made]


def rows(language: str) -> Iterator[str]:
    """ESCO's shape: names of some four words, half a dozen other names, a paragraph of description; Zipf's law of words."""
    chance = random.Random(language)  # noqa: S311 - no secret
    words = vocabulary(chance)
    weights = list(accumulate(1 / (place + 3) for place in range(len(words))))
    yield "conceptUri,skillType,preferredLabel,altLabels,status,description\n"
    for number in range(SKILLS):
        names = [
            " ".join(chance.choices(words, cum_weights=weights, k=chance.randint(2, 5))) for _ in range(7)
        ]
        yield f'{ESCO}{number},knowledge,{names[0]} {number},"{" · ".join(names[1:])}",released,{"words " * 40}\n'


@pytest.fixture(params=["sqlite", "postgresql"])
async def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('skills')}/issuer.db"
    return await fresh_database(request.getfixturevalue("postgres_cluster"))


async def test_fourteen_thousand_skills_in_five_languages_are_taken_over_and_searched(url: str) -> None:
    async with migrated(url, MIGRATIONS) as db:
        skills = SqlSkills(db)
        take, find = ImportSkills(skills, utc_now), FindSkills(skills)
        began = time.perf_counter()
        for language in LANGUAGES:
            done = await take(language, "1.2.0", read_skills(rows(language)))
            assert (done.skills, done.faulty) == (SKILLS, 0)
        spent = time.perf_counter() - began
        print(  # noqa: T201 - what it is for
            f"\n{db.engine.dialect.name}: {len(LANGUAGES)} x {SKILLS} skills in {spent:.0f} s, "
            f"load {os.getloadavg()[0]:.1f}"
        )
        for searched in ("fr", None):
            for what, text in SEARCHES.items():
                took, burnt = list[float](), list[float]()
                for _ in range(TIMES):
                    began, cpu = time.perf_counter(), time.process_time()
                    found, _ = await find(text, language=searched, limit=20)
                    took.append((time.perf_counter() - began) * 1000)
                    burnt.append((time.process_time() - cpu) * 1000)
                    assert bool(found) is (what != "nothing")
                print(  # noqa: T201
                    f"{searched or 'all'}, {what} ({text}): median {statistics.median(took):.0f} ms, "
                    f"slowest {max(took):.0f} ms; CPU here {statistics.median(burnt):.0f} ms"
                )
