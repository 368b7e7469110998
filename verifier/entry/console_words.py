"""The words of the verifier's console, in the languages of consoles."""

from typing import Final

from shared.web.languages import Words
from verifier.entry.console_request_words import WORDS as REQUESTS
from verifier.entry.console_template_words import WORDS as TEMPLATES
from verifier.entry.console_trust_words import WORDS as TRUST

_OWN: Final[Words] = {
    "en": {
        "console_name": "Verifier",
        "role_reader": "Reader",
        "role_reader_more": "Reads requests and verdicts.",
        "role_requester": "Requester",
        "role_requester_more": "Asks learners for proofs, takes requests back, and reads requests and verdicts.",
        "role_template_editor": "Template editor",
        "role_template_editor_more": "Writes and publishes requirement templates, and reads requests and verdicts.",
        "role_developer": "Developer",
        "role_developer_more": "Connects the job platform's software: does what a requester does, and looks after webhooks.",
        "role_trust_officer": "Trust officer",
        "role_trust_officer_more": "Decides which lists of trusted organisations count, and reads requests and verdicts.",
        "role_admin": "Administrator",
        "role_admin_more": "Manages members and keys, and may do everything else.",
    },
    "fr": {
        "console_name": "Vérificateur",
        "role_reader": "Lecture",
        "role_reader_more": "Lit les demandes et les verdicts.",
        "role_requester": "Demandes",
        "role_requester_more": "Demande des preuves aux apprenants, retire des demandes, et lit les demandes et les verdicts.",
        "role_template_editor": "Modèles",
        "role_template_editor_more": "Écrit et publie des modèles de demande, et lit les demandes et les verdicts.",
        "role_developer": "Développement",
        "role_developer_more": "Relie le logiciel de la plateforme d'emploi\N{NO-BREAK SPACE}: fait tout ce que permet «\N{NO-BREAK SPACE}Demandes\N{NO-BREAK SPACE}», et gère les webhooks.",
        "role_trust_officer": "Confiance",
        "role_trust_officer_more": "Décide quelles listes d'organismes de confiance comptent, et lit les demandes et les verdicts.",
        "role_admin": "Administration",
        "role_admin_more": "Gère les membres et les clés, et peut faire tout le reste.",
    },
    "ar": {
        "console_name": "المتحقِّق",
        "role_reader": "قارئ",
        "role_reader_more": "يقرأ الطلبات والنتائج.",
        "role_requester": "مقدّم طلبات",
        "role_requester_more": "يطلب الإثباتات من المتعلمين ويسحب الطلبات ويقرأ الطلبات والنتائج.",
        "role_template_editor": "محرّر القوالب",
        "role_template_editor_more": "يكتب قوالب الطلبات وينشرها، ويقرأ الطلبات والنتائج.",
        "role_developer": "مطوّر",
        "role_developer_more": "يربط برنامج منصة التوظيف: يفعل ما يفعله مقدّم الطلبات، ويدير إشعارات الويب.",
        "role_trust_officer": "مسؤول الثقة",
        "role_trust_officer_more": "يقرر أي قوائم الجهات الموثوقة تُعتمد، ويقرأ الطلبات والنتائج.",
        "role_admin": "مدير",
        "role_admin_more": "يدير الأعضاء والمفاتيح، ويمكنه فعل كل ما سوى ذلك.",
    },
}

WORDS: Final[Words] = {
    language: {**REQUESTS[language], **TEMPLATES[language], **TRUST[language], **own}
    for language, own in _OWN.items()
}
