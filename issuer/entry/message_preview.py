"""How a message, a claim page and our own words look, with an invented graduate."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from issuer.domain.claim import ClaimLinks
from issuer.domain.message import Channel, Kind
from issuer.domain.organisation import Organisation
from issuer.domain.profile import Logo
from issuer.domain.sms import SmsSize, sms_size
from issuer.domain.wording import Wording
from issuer.entry.message_text import compose
from issuer.entry.message_words import WORDS
from issuer.ports import Facts, Letter
from shared.ports.clock import Clock

SAMPLE_NAME: Final[Mapping[str, tuple[str, str]]] = {
    "en": ("Amina Odhiambo", "Data Analytics"),
    "fr": ("Amina Odhiambo", "Analyse de données"),
    "pt": ("Amina Odhiambo", "Análise de dados"),
    "sw": ("Amina Odhiambo", "Uchambuzi wa data"),
    "ar": ("أمينة أوديامبو", "تحليل البيانات"),
}
"""By language, a graduate and a programme that there are not."""
_NO_AWARD: Final = UUID(int=0)
_CODE: Final = "ABCD2345"
_LINK_DAYS: Final = 180


@dataclass(frozen=True, slots=True)
class Preview:
    """A message as it would go out, and what its short form costs."""

    letter: Letter
    sms: SmsSize


@dataclass(frozen=True)
class PreviewMessages:
    """The links shown lead nowhere: no award is behind them."""

    base_url: str
    clock: Clock

    def __call__(
        self, organisation: Organisation, logo: Logo | None, kind: Kind, language: str, wording: Wording
    ) -> Preview:
        """The message in these words; those that are empty are ours."""
        name, programme = SAMPLE_NAME[language]
        links = ClaimLinks(self.base_url, b"preview")
        facts = Facts(
            kind=kind,
            language=language,
            organisation=organisation.name_in(language),
            programme=programme,
            given_name=name.partition(" ")[0],
            full_name=name,
            link=links.long(_NO_AWARD),
            short_link=links.short(_NO_AWARD),
            code=_CODE if kind is Kind.CODE else "",
            code_by=None if kind is Kind.CODE else Channel.SMS,
            needs_code=True,
            until=self.clock().date() + timedelta(days=_LINK_DAYS),
            own={(kind, language): wording},
            colour=organisation.profile.colour,
            logo=logo,
        )
        letter = compose(facts)
        return Preview(letter, sms_size(letter.short))


def ours(kind: Kind, language: str) -> Wording:
    """Our words for what an organisation may say in its own."""
    words = WORDS[language]
    if kind is Kind.CODE:
        lines = [words["hello"], words["code_is"], "{code}"]
    else:
        awarded = "awarded" if kind is Kind.CLAIM_LINK else "waits"
        lines = [words["hello"], words[awarded], words["keep"], words["open"], "{link}"]
    return Wording(subject=words[f"subject_{kind}"], text="\n\n".join(lines), short=words[f"sms_{kind}"])
