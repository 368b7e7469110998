"""The words of the issuer's console, in the languages of consoles."""

from typing import Final

from issuer.entry.awards_words import WORDS as AWARDS
from issuer.entry.batch_words import WORDS as BATCHES
from issuer.entry.figures_words import WORDS as FIGURES
from issuer.entry.organisation_words import WORDS as ORGANISATIONS
from issuer.entry.privacy_words import WORDS as PRIVACY
from issuer.entry.programme_words import WORDS as PROGRAMMES
from issuer.entry.question_words import WORDS as QUESTIONS
from issuer.entry.queue_words import WORDS as QUEUE
from issuer.entry.sending_words import WORDS as SENDING
from issuer.entry.suspension_words import WORDS as SUSPENSION
from issuer.entry.together_words import WORDS as TOGETHER
from issuer.entry.webhook_words import WORDS as WEBHOOKS
from shared.web.languages import Words
from shared.web.program_words import WORDS as PROGRAMS

_OWN: Final[Words] = {
    "en": {
        "console_name": "Issuer",
        "role_officer": "Officer",
        "role_officer_more": "Describes programmes, awards cohorts, and corrects, revokes and re-issues awards.",
        "role_approver": "Approver",
        "role_approver_more": "Reads programmes and awards, publishes programmes that others describe, and approves batches that others upload.",
        "role_admin": "Administrator",
        "role_admin_more": "Manages members and keys of the organisation, and may do everything else in it.",
        "role_operator": "Operator",
        "role_operator_more": "Takes up organisations and suspends them. Sees no award.",
        "record": "Record",
        "record_more": "Who did what, and what became of it.",
        "record_none": "Nothing was done yet.",
        "record_service": "The service itself",
        "record_anybody": "A learner, or anybody with a link",
        "record_changed": "done",
        "record_done": "done",
        "record_refused": "refused",
        "record_failed": "failed",
        "newer": "Later entries",
    },
    "fr": {
        "console_name": "Émetteur",
        "role_officer": "Gestion",
        "role_officer_more": "Décrit les programmes, attribue aux cohortes, corrige, révoque et redonne des attestations.",
        "role_approver": "Approbation",
        "role_approver_more": "Lit les programmes et les attestations, publie les programmes que d'autres décrivent et approuve les lots que d'autres déposent.",
        "role_admin": "Administration",
        "role_admin_more": "Gère les membres et les clés de l'organisme, et peut y faire tout le reste.",
        "role_operator": "Exploitation",
        "role_operator_more": "Accueille des organismes et les suspend. Ne voit aucune attestation.",
        "record": "Journal",
        "record_more": "Qui a fait quoi, et ce qu'il en est advenu.",
        "record_none": "Rien n'a encore été fait.",
        "record_service": "Le service lui-même",
        "record_anybody": "Une apprenante, ou quiconque a un lien",
        "record_changed": "fait",
        "record_done": "fait",
        "record_refused": "refusé",
        "record_failed": "échoué",
        "newer": "Entrées suivantes",
    },
    "ar": {
        "console_name": "الجهة المُصدِرة",
        "role_officer": "موظف البرامج",
        "role_officer_more": "يصف البرامج ويمنح الدفعات، ويصحح الشهادات ويلغيها ويعيد إصدارها.",
        "role_approver": "معتمِد",
        "role_approver_more": "يقرأ البرامج والشهادات، وينشر البرامج التي يصفها غيره، ويعتمد الدفعات التي يرفعها غيره.",
        "role_admin": "مدير",
        "role_admin_more": "يدير أعضاء الجهة ومفاتيحها، ويمكنه فعل كل ما سوى ذلك فيها.",
        "role_operator": "مشغّل الخدمة",
        "role_operator_more": "يضيف الجهات ويوقفها. لا يرى أي شهادة.",
        "record": "السجل",
        "record_more": "من فعل ماذا، وما نتج عنه.",
        "record_none": "لم يحدث شيء بعد.",
        "record_service": "الخدمة نفسها",
        "record_anybody": "متعلم، أو أي شخص لديه رابط",
        "record_changed": "تم",
        "record_done": "تم",
        "record_refused": "مرفوض",
        "record_failed": "فشل",
        "newer": "قيود لاحقة",
    },
}

_PARTS: Final[tuple[Words, ...]] = (
    PROGRAMS,
    PROGRAMMES,
    BATCHES,
    SENDING,
    AWARDS,
    QUESTIONS,
    TOGETHER,
    FIGURES,
    QUEUE,
    PRIVACY,
    ORGANISATIONS,
    SUSPENSION,
    WEBHOOKS,
    _OWN,
)
"""One catalogue for each part of the console."""

WORDS: Final[Words] = {
    language: {key: text for part in _PARTS for key, text in part[language].items()} for language in _OWN
}
