"""Every sentence about a faulty cell is there in the languages of the console."""

import ast
import inspect
from collections.abc import Iterator

import pytest

from issuer.domain import graduate, spreadsheet
from issuer.entry.batch_words import WORDS as BATCHES
from issuer.entry.complaint_words import in_words, said
from issuer.entry.sending_words import WORDS as SENDING
from issuer.errors import Complaint


def sentences() -> Iterator[str]:
    """Every sentence the domain can say of a cell or a file, with a figure where something is put in."""
    for module in (graduate, spreadsheet):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in {
                "complain",
                "_unusable",
            }:
                continue
            for argument in node.args:
                text = spoken(argument)
                if text[:1].isupper() and text.endswith((".", "?")):
                    yield text


def spoken(argument: ast.expr) -> str:
    if isinstance(argument, ast.Constant):
        return str(argument.value)
    if isinstance(argument, ast.JoinedStr):
        parts = (str(part.value) if isinstance(part, ast.Constant) else "7" for part in argument.values)
        return "".join(parts)
    return ""


@pytest.mark.parametrize("sentence", sorted(set(sentences())))
def test_what_is_wrong_is_said_in_every_language(sentence: str) -> None:
    assert said(sentence, "en") == sentence
    translated = {said(sentence, language) for language in ("fr", "ar")}
    assert len(translated | {sentence}) == 3
    assert all("{" not in text for text in translated)


def test_what_was_found_stands_in_the_sentence() -> None:
    complaint = Complaint(3, "grade", "x", "The grade is longer than 40 characters.", "Write plain text.")
    assert in_words(complaint, "fr") == ("La mention dépasse 40 caractères.", "Écrivez du texte simple.")


def test_the_pages_speak_all_languages() -> None:
    for words in (BATCHES, SENDING):
        assert words["en"].keys() == words["fr"].keys() == words["ar"].keys()
