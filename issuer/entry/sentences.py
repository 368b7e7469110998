"""Sentences that the API says in English, in the other languages of consoles."""

import re
from collections.abc import Mapping
from typing import Final

_COLUMN: Final = {"fr": 0, "ar": 1}
_GAP: Final = "{}"


class Sentences:
    """Each English sentence once, with `{}` for what differs, and its French and Arabic with the gaps in the same order.

    A translation may leave out the last gaps.
    """

    def __init__(self, words: Mapping[str, tuple[str, str]]) -> None:
        self._patterns = tuple(
            (re.compile("(.*)".join(map(re.escape, english.split(_GAP))), re.DOTALL), told)
            for english, told in words.items()
        )

    def __call__(self, sentence: str, language: str) -> str:
        """Return the sentence in this language; in English where nobody translated it."""
        column = _COLUMN.get(language)
        if column is None:
            return sentence
        for pattern, words in self._patterns:
            if found := pattern.fullmatch(sentence):
                first, *others = words[column].split(_GAP)
                return first + "".join(
                    f"{gap}{part}" for gap, part in zip(found.groups(), others, strict=False)
                )
        return sentence
