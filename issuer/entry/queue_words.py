"""What officers read about claims that wait, by language."""

from typing import Final

from shared.web.languages import Words

WORDS: Final[Words] = {
    "en": {
        "queue_none": "Claims: nobody waits for this service now.",
        "queue_waiting": "Claims: {waiting} people wait for this service now, of all organisations together; {served} were served in the last minute.",
        "queue_minutes": "Expected wait in minutes: {minutes}.",
    },
    "fr": {
        "queue_none": "Retraits\N{NO-BREAK SPACE}: personne n'attend ce service en ce moment.",
        "queue_waiting": "Retraits\N{NO-BREAK SPACE}: {waiting} personnes attendent ce service en ce moment, tous organismes confondus\N{NO-BREAK SPACE}; {served} ont été servies dans la dernière minute.",
        "queue_minutes": "Attente prévue en minutes\N{NO-BREAK SPACE}: {minutes}.",
    },
    "ar": {
        "queue_none": "الاستلام: لا أحد ينتظر هذه الخدمة الآن.",
        "queue_waiting": "الاستلام: عدد من ينتظرون هذه الخدمة الآن من كل الجهات معًا: {waiting}. عدد من خُدموا في الدقيقة الأخيرة: {served}.",
        "queue_minutes": "مدة الانتظار المتوقعة بالدقائق: {minutes}.",
    },
}
