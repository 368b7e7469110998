"""A learner's wish that what she showed be deleted, and what the verifier answers: texts any wallet or verifier can send and read.

Each travels as the content of a DIDComm basic message 1.0 over the connection the answer went over: one of these sentences as
its first line, and below a refusal the verifier's own words. See docs/decisions/0016.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.contracts.question_words import without_controls

MOST_REASON: Final = 500
"""Characters of a verifier's reason."""

WISHES: Final[Mapping[str, str]] = {
    "en": "Please delete what I showed you.",
    "fr": "Merci de supprimer ce que je vous ai montré.",
    "pt": "Por favor, apaguem o que vos mostrei.",
    "sw": "Tafadhali futeni nilichowaonyesha.",
    "ar": "يُرجى حذف ما أريتكم إياه.",
}
DELETED: Final[Mapping[str, str]] = {
    "en": "What you showed us is deleted.",
    "fr": "Ce que vous nous avez montré est supprimé.",
    "pt": "O que nos mostrou foi apagado.",
    "sw": "Ulichotuonyesha kimefutwa.",
    "ar": "تم حذف ما أريتنا إياه.",
}
REFUSED: Final[Mapping[str, str]] = {
    "en": "We keep what you showed us, for this reason.",
    "fr": "Nous gardons ce que vous nous avez montré, pour cette raison.",
    "pt": "Guardamos o que nos mostrou, por esta razão.",
    "sw": "Tunahifadhi ulichotuonyesha, kwa sababu hii.",
    "ar": "نحتفظ بما أريتنا إياه لهذا السبب.",
}


@dataclass(frozen=True, slots=True)
class DeletionAnswer:
    """What a verifier answered. `because`: why not, in its own words; empty where it deleted."""

    deleted: bool
    because: str = ""


def wish_in(content: str) -> str | None:
    """The language in which a message asks for deletion; None for any other message."""
    first, _ = _taken_apart(content)
    return next((language for language, wish in WISHES.items() if wish == first), None)


def answer_content(answer: DeletionAnswer, language: str) -> str:
    """The answer's content; `language` is one of `WISHES`."""
    return DELETED[language] if answer.deleted else f"{REFUSED[language]}\n\n{answer.because}"


def answer_in(content: str) -> DeletionAnswer | None:
    """What a message answers to the wish; None for any other message."""
    first, rest = _taken_apart(content)
    if first in DELETED.values():
        return DeletionAnswer(deleted=True)
    return DeletionAnswer(deleted=False, because=rest[:MOST_REASON]) if first in REFUSED.values() else None


def _taken_apart(content: str) -> tuple[str, str]:
    first, _, rest = without_controls(content).strip().partition("\n")
    return first.strip(), rest.strip()
