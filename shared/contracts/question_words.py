"""What a learner says is wrong with a credential, or asks of whoever gave it: a text that any wallet can send and any issuer can read.

It travels as the content of a DIDComm basic message 1.0: a first line that names the matter, one of `WORDS`, and her own
words below it. Whoever writes in another wallet leaves the first line out; then the matter is `other`. See
docs/decisions/0016.
"""

import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

MOST_TEXT: Final = 1000
"""Characters of a message."""
_MOST_TAKEN: Final = 4000
"""Of what another program sent; the rest is cut off."""
_LINES: Final = frozenset("\n")


class Matter(StrEnum):
    """What is wrong, or asked for."""

    NAME = "name"
    VALUES = "values"
    NOT_MINE = "not_mine"
    OTHER_WALLET = "other_wallet"
    """Nothing is wrong: she asks for it anew, in a wallet of her own choice."""
    OTHER = "other"


WORDS: Final[Mapping[str, Mapping[Matter, str]]] = {
    "en": {
        Matter.NAME: "My name is wrong",
        Matter.VALUES: "The hours, the grade or a date is wrong",
        Matter.NOT_MINE: "This is not mine",
        Matter.OTHER_WALLET: "I want this in another wallet",
        Matter.OTHER: "Something else",
    },
    "fr": {
        Matter.NAME: "Mon nom est faux",
        Matter.VALUES: "Les heures, la note ou une date sont fausses",
        Matter.NOT_MINE: "Ce n'est pas à moi",
        Matter.OTHER_WALLET: "Je veux ceci dans un autre portefeuille",
        Matter.OTHER: "Autre chose",
    },
    "pt": {
        Matter.NAME: "O meu nome está errado",
        Matter.VALUES: "As horas, a nota ou uma data estão erradas",
        Matter.NOT_MINE: "Isto não é meu",
        Matter.OTHER_WALLET: "Quero isto noutra carteira",
        Matter.OTHER: "Outra coisa",
    },
    "sw": {
        Matter.NAME: "Jina langu si sahihi",
        Matter.VALUES: "Saa, alama au tarehe si sahihi",
        Matter.NOT_MINE: "Hiki si changu",
        Matter.OTHER_WALLET: "Nataka hiki kwenye pochi nyingine",
        Matter.OTHER: "Jambo lingine",
    },
    "ar": {
        Matter.NAME: "اسمي غير صحيح",
        Matter.VALUES: "الساعات أو الدرجة أو التاريخ غير صحيح",
        Matter.NOT_MINE: "هذا ليس لي",
        Matter.OTHER_WALLET: "أريد هذا في محفظة أخرى",
        Matter.OTHER: "شيء آخر",
    },
}
_MATTERS: Final = {text: matter for texts in WORDS.values() for matter, text in texts.items()}


def content_of(matter: Matter, text: str, language: str) -> str:
    """The message's content; `language` is one of `WORDS`."""
    return f"{WORDS[language][matter]}\n\n{text}"


def read_content(content: str) -> tuple[Matter | None, str]:
    """What a message is about, and its text. None where it does not say, as from another wallet.

    Characters that a page cannot show are left out, and what is longer than anybody writes is cut off.
    """
    text = without_controls(content)[:_MOST_TAKEN].strip()
    first, _, rest = text.partition("\n")
    matter = _MATTERS.get(first.strip())
    return (matter, rest.strip()) if matter is not None else (None, text)


def without_controls(text: str) -> str:
    """The text with line feeds as its line ends, and no other control character or half a surrogate pair."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(each for each in lines if each in _LINES or unicodedata.category(each) not in {"Cc", "Cs"})


def is_plain(text: str) -> bool:
    """Whether `without_controls` would take nothing away but the line ends of forms."""
    return without_controls(text) == text.replace("\r\n", "\n").replace("\r", "\n")
