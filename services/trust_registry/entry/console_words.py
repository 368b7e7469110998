"""The words of the trust registry's console, in the languages of consoles."""

from typing import Final

from services.trust_registry.entry.application_words import REVIEW
from services.trust_registry.entry.import_words import WORDS as IMPORT
from services.trust_registry.entry.public_words import WORDS as PUBLIC
from services.trust_registry.entry.register_words import WORDS as REGISTER
from shared.web.languages import Words

_OWN: Final[Words] = {
    "en": {
        "console_name": "Trust registry",
        "role_reader": "Reader",
        "role_reader_more": "Reads the register and its history.",
        "role_editor": "Editor",
        "role_editor_more": "Enters and proposes organisations and what they may do.",
        "role_approver": "Approver",
        "role_approver_more": "Approves what others propose, and issues the signed list.",
        "role_admin": "Administrator",
        "role_admin_more": "Manages members and keys, and may do everything else.",
    },
    "fr": {
        "console_name": "Registre de confiance",
        "role_reader": "Lecture",
        "role_reader_more": "Lit le registre et son historique.",
        "role_editor": "Saisie",
        "role_editor_more": "Propose les organismes et ce qu'ils peuvent faire.",
        "role_approver": "Approbation",
        "role_approver_more": "Approuve ce que d'autres proposent et publie la liste signée.",
        "role_admin": "Administration",
        "role_admin_more": "Gère les membres et les clés, et peut faire tout le reste.",
    },
    "ar": {
        "console_name": "سجل الثقة",
        "role_reader": "قارئ",
        "role_reader_more": "يقرأ السجل وتاريخه.",
        "role_editor": "محرر",
        "role_editor_more": "يقترح الجهات وما يحق لها.",
        "role_approver": "معتمِد",
        "role_approver_more": "يعتمد ما يقترحه غيره ويصدر القائمة الموقّعة.",
        "role_admin": "مدير",
        "role_admin_more": "يدير الأعضاء والمفاتيح، ويمكنه فعل كل ما سوى ذلك.",
    },
}

WORDS: Final[Words] = {
    language: {**PUBLIC[language], **REVIEW[language], **REGISTER[language], **IMPORT[language], **own}
    for language, own in _OWN.items()
}
