"""What a verdict says, in words: its results, its steps and the reason of every step, in English, French and Arabic.

The keys are the codes in verdicts and receipts. No sentence holds anything that was shown: values stand beside it.
"""

from collections.abc import Mapping
from typing import Final

LANGUAGES: Final = ("en", "fr", "ar")

RESULTS: Final[Mapping[str, tuple[str, str, str]]] = {
    "accepted": ("Accepted: every step passed.", "Acceptée\u00a0: toutes les étapes sont franchies.", "مقبول: اجتيزت كل الخطوات."),
    "rejected": ("Rejected: a step failed.", "Refusée\u00a0: une étape a échoué.", "مرفوض: فشلت إحدى الخطوات."),
    "undecided": ("Undecided: something could not be checked.", "Indécise\u00a0: quelque chose n'a pas pu être vérifié.", "غير محسوم: تعذّر التحقق من أمر ما."),
}  # fmt: skip

OUTCOMES: Final[Mapping[str, tuple[str, str, str]]] = {
    "passed": ("passed", "franchie", "اجتيزت"),
    "failed": ("failed", "échec", "فشلت"),
    "unchecked": ("could not be checked", "n'a pas pu être vérifiée", "تعذّر التحقق"),
}

STEPS: Final[Mapping[int, tuple[str, str, str]]] = {
    1: ("It answers this request", "Elle répond à cette demande", "يجيب عن هذا الطلب"),
    2: ("The issuer's published objects", "Les objets publiés par l'émetteur", "ما نشرته جهة الإصدار"),
    3: ("The proof", "La preuve", "الإثبات"),
    4: ("Everything asked is shown", "Tout ce qui est demandé est montré", "كل المطلوب ظاهر"),
    5: ("The status list", "La liste d'état", "قائمة الحالة"),
    6: ("Trust in the issuer", "La confiance dans l'émetteur", "الثقة بجهة الإصدار"),
    7: ("The requirement", "Ce qui est exigé", "المتطلبات"),
}

REASONS: Final[Mapping[str, tuple[str, str, str]]] = {
    "nothing-to-look-at": ("There was nothing to look at.", "Il n'y avait rien à examiner.", "لم يكن هناك ما يُفحص."),
    "unreadable": ("What arrived cannot be read.", "Ce qui est arrivé est illisible.", "تعذّرت قراءة ما وصل."),
    # 1
    "other-exchange": ("It came in the exchange of another request.", "Elle est arrivée dans l'échange d'une autre demande.", "وصل ضمن تبادل يخص طلبًا آخر."),
    "other-connection": ("It came over another connection than the one asked.", "Elle est arrivée par une autre connexion que celle interrogée.", "وصل عبر اتصال غير الذي وُجّه إليه الطلب."),
    "other-request": ("It answers another proof request than the one sent.", "Elle répond à une autre demande de preuve que celle envoyée.", "يجيب عن طلب إثبات غير الذي أُرسل."),
    "late": ("It came after the request had ended.", "Elle est arrivée après la fin de la demande.", "وصل بعد انتهاء الطلب."),
    "replayed": ("The same presentation was sent before, to another request.", "La même présentation a déjà servi pour une autre demande.", "أُرسل العرض نفسه من قبل لطلب آخر."),
    "other-session": ("Whoever answered came back to another session of the platform.", "La personne qui a répondu est revenue dans une autre session de la plateforme.", "عاد المجيب إلى جلسة أخرى في المنصة."),
    "answers": ("It answers this request, in time.", "Elle répond à cette demande, à temps.", "يجيب عن هذا الطلب في الوقت المحدد."),
    # 2
    "objects-verify": ("Every published object verifies and belongs to its issuer.", "Chaque objet publié est vérifié et appartient à son émetteur.", "كل ما نُشر سليم ويعود إلى جهة إصداره."),
    "other-schema": ("It names another schema than its credential definition.", "Elle nomme un autre schéma que sa définition d'attestation.", "يسمّي مخططًا غير مخطط تعريف الشهادة."),
    "foreign-schema": ("The schema belongs to somebody else.", "Le schéma appartient à quelqu'un d'autre.", "المخطط يعود إلى جهة أخرى."),
    "other-format": ("It is another kind of credential.", "C'est une autre sorte d'attestation.", "هذا نوع آخر من الشهادات."),
    "other-registry": ("The revocation registry is of another credential definition.", "Le registre de révocation est celui d'une autre définition.", "سجل الإلغاء يخص تعريفًا آخر."),
    "foreign-registry": ("The revocation registry belongs to somebody else.", "Le registre de révocation appartient à quelqu'un d'autre.", "سجل الإلغاء يعود إلى جهة أخرى."),
    "foreign-status-list": ("The status list belongs to somebody else.", "La liste d'état appartient à quelqu'un d'autre.", "قائمة الحالة تعود إلى جهة أخرى."),
    "other-status-time": ("The status list is of another time than stated.", "La liste d'état date d'un autre moment que celui indiqué.", "وقت قائمة الحالة غير الوقت المذكور."),
    "programme-not-shown": ("No programme is shown, so none can be looked at.", "Aucune formation n'est montrée\u00a0: aucune ne peut être examinée.", "لم يظهر أي برنامج ليُفحص."),
    "foreign-edition": ("The programme belongs to another organisation than the issuer.", "La formation appartient à une autre organisation que l'émetteur.", "البرنامج يعود إلى جهة غير جهة الإصدار."),
    "edition-names-another": ("The programme names another issuer than the one who published it.", "La formation nomme un autre émetteur que celui qui l'a publiée.", "يسمّي البرنامج جهة غير التي نشرته."),
    "not-as-edition": ("The credential contradicts the programme it names.", "L'attestation contredit la formation qu'elle nomme.", "الشهادة تناقض البرنامج الذي تسمّيه."),
    "other-body": ("The awarding body named is not the one that issued it.", "L'organisme nommé n'est pas celui qui l'a délivrée.", "الجهة المانحة المذكورة ليست التي أصدرتها."),
    "does-not-verify": ("A published object does not verify.", "Un objet publié n'est pas authentique.", "أحد ما نُشر غير سليم."),
    "not-fetched": ("A published object could not be fetched now.", "Un objet publié n'a pas pu être obtenu maintenant.", "تعذّر الآن جلب أحد ما نُشر."),
    "objects-verify-as-last-seen": ("Every published object verifies as it was last seen; the issuer's host does not answer now.", "Chaque objet publié est vérifié tel qu'il a été vu la dernière fois\u00a0; le serveur de l'émetteur ne répond pas maintenant.", "كل ما نُشر سليم كما شوهد آخر مرة؛ خادم جهة الإصدار لا يجيب الآن."),
    "last-seen-too-long-ago": ("It could not be checked: the issuer's host does not answer and was last heard too long ago.", "Vérification impossible\u00a0: le serveur de l'émetteur ne répond pas et n'a pas été joint depuis trop longtemps.", "تعذّر التحقق: خادم جهة الإصدار لا يجيب وقد مضى على آخر اتصال به وقت طويل."),
    # 3
    "no-presentation": ("What arrived is no presentation.", "Ce qui est arrivé n'est pas une présentation.", "ما وصل ليس عرضًا."),
    "proof-invalid": ("The proof does not hold: it was changed, revoked or suspended, or made for another request.", "La preuve ne tient pas\u00a0: modifiée, révoquée ou suspendue, ou faite pour une autre demande.", "الإثبات لا يصح: عُدّل أو أُلغي أو عُلّق أو صُنع لطلب آخر."),
    "proof-not-computed": ("The proof could not be computed.", "La preuve n'a pas pu être calculée.", "تعذّر حساب الإثبات."),
    "proof-holds": ("The proof holds.", "La preuve tient.", "الإثبات صحيح."),
    "text-not-signed": ("A text shown is not the one the issuer signed.", "Un texte montré n'est pas celui que l'émetteur a signé.", "نص معروض ليس ما وقّعته جهة الإصدار."),
    # 4
    "self-attested": ("Something is stated by the learner alone.", "Quelque chose n'est affirmé que par la personne elle-même.", "أمر لا يستند إلا إلى قول صاحبه."),
    "all-shown": ("Everything asked for is shown or proven, from one credential.", "Tout ce qui est demandé est montré ou prouvé, par une seule attestation.", "كل المطلوب ظاهر أو مثبت من شهادة واحدة."),
    "hidden": ("Something stays hidden that was to be shown.", "Quelque chose qui devait être montré reste caché.", "أمر كان ينبغي إظهاره بقي مخفيًا."),
    "nothing-shown": ("Nothing is shown of what was asked.", "Rien de ce qui est demandé n'est montré.", "لم يظهر شيء من المطلوب."),
    "not-revealed": ("Something asked for is left out.", "Quelque chose qui était demandé manque.", "أُغفل شيء مطلوب."),
    "unasked-shown": ("More is shown than was asked.", "Plus que ce qui est demandé est montré.", "ظهر أكثر من المطلوب."),
    "not-proven": ("Something that was to be proven is not.", "Quelque chose qui devait être prouvé ne l'est pas.", "أمر كان ينبغي إثباته لم يُثبت."),
    "less-proven": ("Less is proven than was asked.", "Moins que ce qui est demandé est prouvé.", "المثبت أقل من المطلوب."),
    "mixed": ("One need is answered from different credentials.", "Un même besoin est couvert par plusieurs attestations.", "أُجيب عن حاجة واحدة من شهادات مختلفة."),
    # 5
    "status-not-used": ("No status list was used, though the credential can be revoked.", "Aucune liste d'état n'a servi, alors que l'attestation est révocable.", "لم تُستعمل قائمة حالة مع أن الشهادة قابلة للإلغاء."),
    "status-unknown": ("The newest status list is unknown.", "La liste d'état la plus récente est inconnue.", "أحدث قائمة حالة غير معروفة."),
    "not-revocable": ("The credential cannot be revoked, which is not accepted here.", "L'attestation n'est pas révocable, ce qui n'est pas accepté ici.", "الشهادة لا تقبل الإلغاء، وهذا غير مقبول هنا."),
    "not-revocable-allowed": ("The credential cannot be revoked, which is accepted here.", "L'attestation n'est pas révocable, ce qui est accepté ici.", "الشهادة لا تقبل الإلغاء، وهذا مقبول هنا."),
    "status-never-published": ("The issuer never published the status list that was used.", "L'émetteur n'a jamais publié la liste d'état utilisée.", "لم تنشر جهة الإصدار قائمة الحالة المستعملة."),
    "status-replaced": ("The status list used had been replaced already.", "La liste d'état utilisée était déjà remplacée.", "قائمة الحالة المستعملة كانت قد استُبدلت."),
    "status-published-meanwhile": ("A newer status list was published meanwhile: ask again.", "Une liste d'état plus récente a été publiée entre-temps\u00a0: redemandez.", "نُشرت قائمة حالة أحدث في الأثناء: اطلب مجددًا."),
    "status-too-old": ("The newest status list is older than allowed.", "La liste d'état la plus récente est plus ancienne que permis.", "أحدث قائمة حالة أقدم من المسموح."),
    "status-newest": ("The status list is the newest.", "La liste d'état est la plus récente.", "قائمة الحالة هي الأحدث."),
    "status-last": ("The status list is the issuer's last one: it has closed.", "La liste d'état est la dernière de l'émetteur, qui a cessé d'exister.", "قائمة الحالة هي الأخيرة: أُغلقت جهة الإصدار."),
    "status-newest-known": ("The status list is the newest known; the issuer's host does not answer, so later revocations are not known.", "La liste d'état est la plus récente connue\u00a0; le serveur de l'émetteur ne répond pas, les révocations ultérieures ne sont pas connues.", "قائمة الحالة هي أحدث ما هو معروف؛ خادم جهة الإصدار لا يجيب، فلا تُعرف الإلغاءات اللاحقة."),
    "status-known-too-old": ("It could not be checked: the newest status list known is too old and the issuer's host does not answer.", "Vérification impossible\u00a0: la liste d'état la plus récente connue est trop ancienne et le serveur de l'émetteur ne répond pas.", "تعذّر التحقق: أحدث قائمة حالة معروفة قديمة جدًا وخادم جهة الإصدار لا يجيب."),
    "status-unseen": ("It could not be checked: the status list used is newer than any known and the issuer's host does not answer.", "Vérification impossible\u00a0: la liste d'état utilisée est plus récente que toutes celles connues et le serveur de l'émetteur ne répond pas.", "تعذّر التحقق: قائمة الحالة المستعملة أحدث من كل ما هو معروف وخادم جهة الإصدار لا يجيب."),
    # 6
    "issuer-unknown": ("Who issued the credential is unknown.", "L'émetteur de l'attestation est inconnu.", "جهة إصدار الشهادة غير معروفة."),
    "programme-unknown": ("Which programme it is for is unknown.", "La formation concernée est inconnue.", "البرنامج المعني غير معروف."),
    "no-list": ("It could not be checked: no trust list is pinned.", "Vérification impossible\u00a0: aucune liste de confiance n'est choisie.", "تعذّر التحقق: لم تُثبَّت أي قائمة ثقة."),
    "list-not-checked": ("It could not be checked: the trust list was never received.", "Vérification impossible\u00a0: la liste de confiance n'a jamais été reçue.", "تعذّر التحقق: لم تُستلم قائمة الثقة قط."),
    "list-stale": ("It could not be checked: the trust list is out of date.", "Vérification impossible\u00a0: la liste de confiance est périmée.", "تعذّر التحقق: قائمة الثقة قديمة."),
    "not-listed": ("The issuer is not on the trust list.", "L'émetteur n'est pas sur la liste de confiance.", "جهة الإصدار ليست في قائمة الثقة."),
    "not-this-action": ("The issuer is on the list, but not to issue.", "L'émetteur est sur la liste, mais pas pour délivrer.", "الجهة في القائمة ولكن ليس للإصدار."),
    "compromised": ("The issuer's key was stolen: nothing signed with it counts.", "La clé de l'émetteur a été volée\u00a0: rien de ce qu'elle signe ne compte.", "سُرق مفتاح جهة الإصدار: لا يُعتد بما وُقّع به."),
    "not-begun": ("The authorization has not begun.", "L'autorisation n'a pas commencé.", "لم يبدأ التفويض بعد."),
    "withdrawn": ("The authorization was withdrawn and earlier awards do not count.", "L'autorisation a été retirée et les attributions antérieures ne comptent pas.", "سُحب التفويض ولا يُعتد بما مُنح قبله."),
    "programme-hidden": ("It could not be checked: the programme stays hidden.", "Vérification impossible\u00a0: la formation reste cachée.", "تعذّر التحقق: البرنامج مخفي."),
    "other-kind": ("The issuer is not trusted for this kind of credential.", "L'émetteur n'est pas reconnu pour cette sorte d'attestation.", "الجهة غير موثوقة لهذا النوع من الشهادات."),
    "country-hidden": ("It could not be checked: the country stays hidden.", "Vérification impossible\u00a0: le pays reste caché.", "تعذّر التحقق: البلد مخفي."),
    "other-country": ("The issuer is not trusted for this country.", "L'émetteur n'est pas reconnu pour ce pays.", "الجهة غير موثوقة لهذا البلد."),
    "level-hidden": ("It could not be checked: the level stays hidden.", "Vérification impossible\u00a0: le niveau reste caché.", "تعذّر التحقق: المستوى مخفي."),
    "level-not-stated": ("The programme states no level in the framework of the issuer's limit.", "La formation n'indique pas de niveau dans le cadre qui limite l'émetteur.", "لا يذكر البرنامج مستوى في الإطار الذي يحدّ الجهة."),
    "above-level": ("The level is above the issuer's limit.", "Le niveau dépasse la limite de l'émetteur.", "المستوى أعلى من حدّ الجهة."),
    "other-attributes": ("Its listing does not reach what would be seen.", "Son inscription ne va pas jusqu'à ce qui serait vu.", "إدراجها لا يشمل ما سيُرى."),
    "not-granted": ("The authorization has ended.", "L'autorisation a pris fin.", "انتهى التفويض."),
    "not-yet-trusted": ("The issuer is not trusted yet.", "L'émetteur n'est pas encore reconnu.", "الجهة غير موثوقة بعد."),
    "no-longer-trusted": ("The issuer is no longer trusted.", "L'émetteur n'est plus reconnu.", "لم تعد الجهة موثوقة."),
    "trusted": ("A trust list vouches for the issuer on the day of the award.", "Une liste de confiance garantit l'émetteur au jour de l'attribution.", "قائمة ثقة تضمن جهة الإصدار في يوم المنح."),
    "not-trusted-when-issued": ("The issuer was not trusted on the day of the award.", "L'émetteur n'était pas reconnu le jour de l'attribution.", "لم تكن الجهة موثوقة في يوم المنح."),
    "trust-untellable": ("Whether the issuer was trusted on the day of the award cannot be told.", "On ne peut dire si l'émetteur était reconnu le jour de l'attribution.", "لا يمكن معرفة ما إذا كانت الجهة موثوقة في يوم المنح."),
    "suspended": ("The issuer is suspended until its authority decides.", "L'émetteur est suspendu jusqu'à la décision de son autorité.", "الجهة موقوفة إلى أن تقرر سلطتها."),
    # 7
    "not-a-way": ("What was asked is none of the ways to meet the requirement.", "Ce qui a été demandé n'est aucune des façons de remplir l'exigence.", "ما طُلب ليس من طرق استيفاء المتطلبات."),
    "nothing-to-judge": ("Nothing was shown to judge by.", "Rien n'a été montré pour juger.", "لم يظهر ما يُحكم به."),
    "proven-hidden": ("Level and hours are proven without showing the programme.", "Le niveau et les heures sont prouvés sans montrer la formation.", "المستوى والساعات مثبتة دون إظهار البرنامج."),
    "programme-fits": ("The programme is of the kind asked for.", "La formation est de la sorte demandée.", "البرنامج من النوع المطلوب."),
    "programme-unfit": ("The programme does not meet the requirement.", "La formation ne remplit pas l'exigence.", "البرنامج لا يستوفي المتطلبات."),
    "award-day-hidden": ("The day of the award is not shown.", "Le jour de l'attribution n'est pas montré.", "يوم المنح غير ظاهر."),
    "award-too-old": ("The award is older than asked.", "L'attribution est plus ancienne que demandé.", "المنح أقدم من المطلوب."),
    "may-have-expired": ("It may have expired: the day of the award is not shown.", "Elle a peut-être expiré\u00a0: le jour de l'attribution n'est pas montré.", "ربما انتهت صلاحيتها: يوم المنح غير ظاهر."),
    "expired": ("The credential has expired.", "L'attestation a expiré.", "انتهت صلاحية الشهادة."),
    "name-match": ("The name shown is the applicant's.", "Le nom montré est celui de la personne candidate.", "الاسم الظاهر هو اسم المتقدم."),
    "name-differs": ("The name shown is not the applicant's.", "Le nom montré n'est pas celui de la personne candidate.", "الاسم الظاهر ليس اسم المتقدم."),
    "name-cannot-tell": ("Whether the name shown is the applicant's cannot be told.", "On ne peut dire si le nom montré est celui de la personne candidate.", "لا يمكن معرفة ما إذا كان الاسم الظاهر اسم المتقدم."),
}  # fmt: skip


def said[K: (str, int)](words: Mapping[K, tuple[str, str, str]], key: K, language: str) -> str:
    """The words for this key in `language`, one of LANGUAGES; a key of a later version stands for itself."""
    return words[key][LANGUAGES.index(language)] if key in words else str(key)


def reasons_said(codes: tuple[str, ...], language: str) -> str:
    """Several reasons, one after the other."""
    return " ".join(said(REASONS, code, language) for code in codes)
