"""What a learner reads while others are before her, by language. No word is bent by a number: in Arabic several would be."""

from typing import Final

from issuer.domain.queue import Wait
from shared.web.languages import Words

_SECONDS: Final = 60

WORDS: Final[Words] = {
    "en": {
        "wait_people": "People before you: about {people}.",
        "wait_minutes": "Expected wait in minutes: {minutes}.",
        "wait_under_minute": "Expected wait: less than a minute.",
        "wait_kept": "Your place is kept. Open the invitation in your wallet once and leave it: the award comes by itself. Going on again puts you at the end.",
        "wait_look": "See how long it takes",
    },
    "fr": {
        "wait_people": "Personnes avant vous\N{NO-BREAK SPACE}: environ {people}.",
        "wait_minutes": "Attente prévue en minutes\N{NO-BREAK SPACE}: {minutes}.",
        "wait_under_minute": "Attente prévue\N{NO-BREAK SPACE}: moins d'une minute.",
        "wait_kept": "Votre place est gardée. Ouvrez l'invitation une fois dans votre portefeuille et laissez faire\N{NO-BREAK SPACE}: l'attestation vient d'elle-même. Continuer à nouveau vous met à la fin.",
        "wait_look": "Voir combien de temps cela prend",
    },
    "pt": {
        "wait_people": "Pessoas antes de si: cerca de {people}.",
        "wait_minutes": "Espera prevista em minutos: {minutes}.",
        "wait_under_minute": "Espera prevista: menos de um minuto.",
        "wait_kept": "O seu lugar está guardado. Abra o convite uma vez na sua carteira e deixe: o certificado vem sozinho. Continuar de novo põe-no no fim.",
        "wait_look": "Ver quanto tempo demora",
    },
    "sw": {
        "wait_people": "Watu walio mbele yako: takriban {people}.",
        "wait_minutes": "Muda wa kusubiri kwa dakika: {minutes}.",
        "wait_under_minute": "Muda wa kusubiri: chini ya dakika moja.",
        "wait_kept": "Nafasi yako imehifadhiwa. Fungua mwaliko mara moja katika pochi yako kisha subiri: tuzo litakuja lenyewe. Ukiendelea tena utarudi mwisho wa foleni.",
        "wait_look": "Angalia itachukua muda gani",
    },
    "ar": {
        "wait_people": "عدد من ينتظرون قبلك: {people} تقريبًا.",
        "wait_minutes": "مدة الانتظار المتوقعة بالدقائق: {minutes}.",
        "wait_under_minute": "مدة الانتظار المتوقعة: أقل من دقيقة.",
        "wait_kept": "مكانك محفوظ. افتح الدعوة مرة واحدة في محفظتك واتركها: تصل الشهادة من تلقاء نفسها. والمتابعة من جديد تضعك في آخر الصف.",
        "wait_look": "اعرف كم يستغرق ذلك",
    },
}


def wait_in_words(wait: Wait | None, language: str) -> str:
    """Return what to tell her; nothing where nobody to speak of is before her."""
    if wait is None:
        return ""
    words = WORDS[language]
    told = [words["wait_people"].format(people=wait.people)]
    if wait.seconds is not None:
        minutes = -(-wait.seconds // _SECONDS)
        told.append(words["wait_minutes" if minutes > 1 else "wait_under_minute"].format(minutes=minutes))
    return " ".join([*told, words["wait_kept"]])
