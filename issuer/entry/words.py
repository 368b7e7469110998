"""The words of the claim pages, by language; English where a language is not here yet."""

from typing import Final

WORDS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "waits": "An award waits for you",
        "from": "From",
        "explain": "You need a wallet app to keep it. Nothing happens until you go on.",
        "code": "One-time code",
        "go_on": "Go on to my wallet",
        "open": "Open with my wallet",
        "scan": "Or scan this code with your wallet.",
        "single": "This invitation works once. If it fails, open your claim link again.",
        "invitation": "An invitation for your wallet",
        "claimed": "This award is no longer waiting here.",
        "ask": "If you did not receive it, ask the organisation that sent you the link.",
        "not_possible": "That did not work",
    },
    "fr": {
        "waits": "Une attestation vous attend",
        "from": "De la part de",
        "explain": "Il vous faut une application portefeuille pour la garder. Rien ne se passe avant que vous continuiez.",
        "code": "Code à usage unique",
        "go_on": "Continuer vers mon portefeuille",
        "open": "Ouvrir avec mon portefeuille",
        "scan": "Ou scannez ce code avec votre portefeuille.",
        "single": "Cette invitation ne sert qu'une fois. Si elle échoue, rouvrez votre lien.",
        "invitation": "Une invitation pour votre portefeuille",
        "claimed": "Cette attestation n'attend plus ici.",
        "ask": "Si vous ne l'avez pas reçue, demandez à l'organisme qui vous a envoyé le lien.",
        "not_possible": "Cela n'a pas fonctionné",
    },
    "sw": {
        "waits": "Tuzo linakusubiri",
        "from": "Kutoka kwa",
        "explain": "Unahitaji programu ya pochi ili kulihifadhi. Hakuna kinachotokea hadi uendelee.",
        "code": "Nambari ya kutumika mara moja",
        "go_on": "Endelea kwenye pochi yangu",
        "open": "Fungua kwa pochi yangu",
        "scan": "Au changanua msimbo huu kwa pochi yako.",
        "single": "Mwaliko huu hutumika mara moja. Ukishindwa, fungua kiungo chako tena.",
        "invitation": "Mwaliko wa pochi yako",
        "claimed": "Tuzo hili halisubiri hapa tena.",
        "ask": "Ikiwa hukulipokea, uliza shirika lililokutumia kiungo.",
        "not_possible": "Haikufaulu",
    },
    "ar": {
        "waits": "شهادة في انتظارك",
        "from": "من",
        "explain": "تحتاج إلى تطبيق محفظة للاحتفاظ بها. لن يحدث شيء حتى تتابع.",
        "code": "رمز لمرة واحدة",
        "go_on": "المتابعة إلى محفظتي",
        "open": "افتح بمحفظتي",
        "scan": "أو امسح هذا الرمز بمحفظتك.",
        "single": "تعمل هذه الدعوة مرة واحدة. إذا لم تنجح فافتح رابطك من جديد.",
        "invitation": "دعوة لمحفظتك",
        "claimed": "لم تعد هذه الشهادة في الانتظار هنا.",
        "ask": "إذا لم تستلمها فاسأل الجهة التي أرسلت إليك الرابط.",
        "not_possible": "لم ينجح ذلك",
    },
    "pt": {
        "waits": "Um certificado espera por si",
        "from": "De",
        "explain": "Precisa de uma aplicação de carteira para o guardar. Nada acontece até continuar.",
        "code": "Código de uso único",
        "go_on": "Continuar para a minha carteira",
        "open": "Abrir com a minha carteira",
        "scan": "Ou leia este código com a sua carteira.",
        "single": "Este convite funciona uma vez. Se falhar, abra de novo a sua ligação.",
        "invitation": "Um convite para a sua carteira",
        "claimed": "Este certificado já não espera aqui.",
        "ask": "Se não o recebeu, pergunte à organização que lhe enviou a ligação.",
        "not_possible": "Não funcionou",
    },
}


def language_of(wanted: str) -> str:
    """Return the language pages can be shown in that is nearest to the one wanted."""
    base = wanted.partition("-")[0].lower()
    return base if base in WORDS else "en"
