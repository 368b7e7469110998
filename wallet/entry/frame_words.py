"""The words around every page of the learner's wallet, by language."""

from typing import Final

from shared.web.languages import Words

WORDS: Final[Words] = {
    "en": {
        "frame_skip": "Skip to the page",
        "frame_around": "Around your wallet",
        "frame_home": "Home",
        "frame_add": "Add",
        "frame_history": "History",
        "frame_mine": "Settings",
        "frame_lock": "Lock",
        "said_locked": "Your wallet is locked. Nobody can read it now.",
    },
    "fr": {
        "frame_skip": "Aller à la page",
        "frame_around": "Dans votre portefeuille",
        "frame_home": "Accueil",
        "frame_add": "Ajouter",
        "frame_history": "Historique",
        "frame_mine": "Réglages",
        "frame_lock": "Verrouiller",
        "said_locked": "Votre portefeuille est verrouillé. Personne ne peut le lire maintenant.",
    },
    "pt": {
        "frame_skip": "Ir para a página",
        "frame_around": "Na sua carteira",
        "frame_home": "Início",
        "frame_add": "Juntar",
        "frame_history": "Histórico",
        "frame_mine": "Definições",
        "frame_lock": "Bloquear",
        "said_locked": "A sua carteira está bloqueada. Agora ninguém a pode ler.",
    },
    "sw": {
        "frame_skip": "Nenda kwenye ukurasa",
        "frame_around": "Ndani ya pochi yako",
        "frame_home": "Mwanzo",
        "frame_add": "Ongeza",
        "frame_history": "Historia",
        "frame_mine": "Mipangilio",
        "frame_lock": "Funga",
        "said_locked": "Pochi yako imefungwa. Sasa hakuna anayeweza kuisoma.",
    },
    "ar": {
        "frame_skip": "انتقل إلى الصفحة",
        "frame_around": "في محفظتك",
        "frame_home": "الرئيسية",
        "frame_add": "إضافة",
        "frame_history": "السجل",
        "frame_mine": "الإعدادات",
        "frame_lock": "قفل",
        "said_locked": "محفظتك مقفلة. لا أحد يستطيع قراءتها الآن.",
    },
}
