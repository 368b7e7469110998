"""Every text of the learner's pages, by language; one part for each area of the wallet."""

from typing import Final

from shared.web.languages import LANGUAGES, Words
from wallet.entry.credential_words import WORDS as CREDENTIALS
from wallet.entry.frame_words import WORDS as FRAME
from wallet.entry.home_words import WORDS as HOME
from wallet.entry.keys_words import WORDS as KEYS
from wallet.entry.leaving_words import WORDS as LEAVING
from wallet.entry.offer_words import WORDS as OFFERS
from wallet.entry.own_words import WORDS as OWN
from wallet.entry.phone_words import WORDS as PHONE
from wallet.entry.sharing_words import WORDS as SHARING
from wallet.entry.statement_words import WORDS as STATEMENT

_PARTS: Final[tuple[Words, ...]] = (
    OWN,
    FRAME,
    HOME,
    OFFERS,
    CREDENTIALS,
    KEYS,
    PHONE,
    LEAVING,
    STATEMENT,
    SHARING,
)

WORDS: Final[Words] = {
    language: {key: text for part in _PARTS for key, text in part[language].items()} for language in LANGUAGES
}
