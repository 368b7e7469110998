"""What each event tells, and what none holds, in the console's languages."""

from typing import Final

from shared.web.languages import Words

WORDS: Final[Words] = {
    "en": {
        "webhooks_about": "An address of your software is told what happens, signed, at least once. No message holds a name or an address.",
        "event_batch_prepared": "The good rows of a cohort's list are awards now.",
        "event_award_delivered": "An award's claim link left for the graduate, or was printed or handed over.",
        "event_award_issued": "The credential is in the learner's wallet.",
        "event_award_declined": "The learner said no to the offer; she may still change her mind.",
        "event_award_suspended": "The award does not count for a while.",
        "event_award_reinstated": "A suspended award counts again.",
        "event_award_revoked": "The award was taken back.",
        "event_award_superseded": "The award was replaced by a corrected one.",
        "event_award_reissued": "The award was replaced by one that says the same, because the learner lost it.",
        "event_message_bounced": "A graduate's address does not take messages.",
    },
    "fr": {
        "webhooks_about": "Une adresse de votre logiciel apprend ce qui se passe, par des messages signés, au moins une fois. Aucun message ne contient de nom ni d'adresse.",
        "event_batch_prepared": "Les lignes correctes d'une liste de cohorte sont devenues des attestations.",
        "event_award_delivered": "Le lien d'une attestation est parti, ou a été imprimé ou remis.",
        "event_award_issued": "L'attestation est dans le portefeuille de l'apprenante.",
        "event_award_declined": "L'apprenante a refusé l'offre\N{NO-BREAK SPACE}; elle peut encore changer d'avis.",
        "event_award_suspended": "L'attestation ne compte pas pour le moment.",
        "event_award_reinstated": "Une attestation suspendue compte de nouveau.",
        "event_award_revoked": "L'attestation a été retirée.",
        "event_award_superseded": "L'attestation a été remplacée par une version corrigée.",
        "event_award_reissued": "L'attestation a été remplacée par une identique, parce que l'apprenante l'a perdue.",
        "event_message_bounced": "L'adresse d'une personne diplômée n'accepte pas de messages.",
    },
    "ar": {
        "webhooks_about": "يُبلَّغ عنوان من برنامجك بما يحدث برسائل موقّعة، مرة على الأقل. ليس في أي رسالة اسم ولا عنوان.",
        "event_batch_prepared": "صارت الصفوف السليمة من قائمة الدفعة شهادات.",
        "event_award_delivered": "أُرسل رابط الشهادة إلى الخريج، أو طُبع أو سُلّم باليد.",
        "event_award_issued": "الشهادة في محفظة المتعلم.",
        "event_award_declined": "رفض المتعلم العرض، ويمكنه أن يغيّر رأيه.",
        "event_award_suspended": "الشهادة لا تُحتسب في الوقت الحالي.",
        "event_award_reinstated": "شهادة معلّقة عادت تُحتسب.",
        "event_award_revoked": "أُلغيت الشهادة.",
        "event_award_superseded": "حلّت محل الشهادة شهادة مصححة.",
        "event_award_reissued": "حلّت محل الشهادة شهادة مماثلة لأن المتعلم فقدها.",
        "event_message_bounced": "عنوان أحد الخريجين لا يستقبل الرسائل.",
    },
}
