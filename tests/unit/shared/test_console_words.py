"""What people read at consoles: whole in every language of consoles, and a word for each role and area."""

import re
from pathlib import Path
from string import Formatter

import pytest

import shared.web
from services.trust_registry.entry.console import AREAS as REGISTRY_AREAS
from services.trust_registry.entry.console import ROLES as REGISTRY_ROLES
from services.trust_registry.entry.console_words import WORDS as REGISTRY
from shared.web.console_words import WORDS
from shared.web.languages import Words
from verifier.entry.console import AREAS as VERIFIER_AREAS
from verifier.entry.console import ROLES as VERIFIER_ROLES
from verifier.entry.console_words import WORDS as VERIFIER

LANGUAGES = {"en", "fr", "ar"}
SERVICES = {
    "registry": (REGISTRY, REGISTRY_ROLES, REGISTRY_AREAS),
    "verifier": (VERIFIER, VERIFIER_ROLES, VERIFIER_AREAS),
}
CATALOGUES = {"shared": WORDS, "registry": REGISTRY, "verifier": VERIFIER}


@pytest.mark.parametrize("name", CATALOGUES)
def test_every_language_has_every_text_with_the_same_facts(name: str) -> None:
    words: Words = CATALOGUES[name]
    assert words.keys() == LANGUAGES
    for texts in words.values():
        assert {key: blanks(text) for key, text in texts.items()} == {
            key: blanks(text) for key, text in words["en"].items()
        }
        assert all(text.strip() for text in texts.values())


@pytest.mark.parametrize("name", SERVICES)
def test_each_role_and_area_has_its_words(name: str) -> None:
    words, roles, areas = SERVICES[name]
    wanted = {f"role_{role}" for role in roles} | {area.key for area in areas} | {"console_name"}
    wanted |= {f"{key}_more" for key in wanted - {"console_name"}}
    assert wanted - words["en"].keys() - WORDS["en"].keys() == set()


def test_templates_use_only_texts_that_exist() -> None:
    folder = Path(str(shared.web.__file__)).parent / "templates" / "console"
    used = {
        word
        for file in folder.glob("*.html")
        for word in re.findall(r"words\.([a-z_]+)", file.read_text("utf-8"))
    }
    assert used - WORDS["en"].keys() == {"console_name"}


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
