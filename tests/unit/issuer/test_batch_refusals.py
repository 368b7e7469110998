"""Why a batch refuses is said in each language of the console, cause by cause."""

from issuer.entry.batch_words import WORDS
from issuer.errors import BatchCause


def test_each_cause_has_words_of_its_own() -> None:
    for words in WORDS.values():
        told = [words[f"batch_wrong_{cause}"] for cause in BatchCause]
        assert len(set(told)) == len(BatchCause)
