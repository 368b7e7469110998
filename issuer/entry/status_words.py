"""What a learner's wallet is told of a suspension and its end, for wallets that show it as the sentence it is."""

from datetime import datetime
from typing import Final

from issuer.domain.suspension import Status
from issuer.entry.message_text import language_of
from shared.web.languages import Words, day_in_words

WORDS: Final[Words] = {
    "en": {
        "suspended": "{organisation}: your award is suspended since {day} and does not count until it is reinstated. Reason: {reason}",
        "valid": "{organisation}: your award is valid again since {day}. Reason: {reason}",
    },
    "fr": {
        "suspended": "{organisation}\N{NO-BREAK SPACE}: votre attestation est suspendue depuis le {day} et ne compte pas tant qu'elle n'est pas rétablie. Raison\N{NO-BREAK SPACE}: {reason}",
        "valid": "{organisation}\N{NO-BREAK SPACE}: votre attestation est de nouveau valable depuis le {day}. Raison\N{NO-BREAK SPACE}: {reason}",
    },
    "pt": {
        "suspended": "{organisation}: o seu certificado está suspenso desde {day} e não conta até ser restabelecido. Motivo: {reason}",
        "valid": "{organisation}: o seu certificado é de novo válido desde {day}. Motivo: {reason}",
    },
    "sw": {
        "suspended": "{organisation}: tuzo lako limesimamishwa tangu {day} na halihesabiwi hadi lirejeshwe. Sababu: {reason}",
        "valid": "{organisation}: tuzo lako ni halali tena tangu {day}. Sababu: {reason}",
    },
    "ar": {
        "suspended": "{organisation}: شهادتك معلّقة منذ {day} ولا تُحتسب حتى تُعاد. السبب: {reason}",
        "valid": "{organisation}: شهادتك صالحة من جديد منذ {day}. السبب: {reason}",
    },
}


def say_status(status: Status, *, language: str, organisation: str, reason: str, at: datetime) -> str:
    """Return the sentence."""
    known = language_of(language)
    day = day_in_words(at.date(), known)
    return WORDS[known][status.value].format(organisation=organisation, day=day, reason=reason)
