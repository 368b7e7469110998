"""Who asks or offers, how that organisation is listed and what to ask about, in every language learners are shown.

`{name}`, `{list}`, `{authority}`, `{since}`, `{until}` and `{what}` are filled in; whoever reads has heard of no key and no signature.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from shared.contracts.attribute_words import ATTRIBUTE_WORDS
from shared.web.languages import LANGUAGES, Words, day_in_words
from wallet.domain.listing import Listing
from wallet.domain.requester import Proven, Requester
from wallet.domain.trust import Standing, Trust
from wallet.domain.warning import Warned, WarningCode
from wallet.domain.words import label

PROOF: Final[Words] = {
    "en": {
        "proven": "The organisation has signed this very request and the link you used.",
        "unproven": "Nobody proved who asks.",
        "unsigned": "The request is not signed.",
        "signer-not-reached": "The site of the organisation it names does not answer now. It may be genuine: try again later.",
        "not-its-signature": "The signature is not by the organisation it names.",
        "damaged": "The signature is incomplete.",
        "other-sender": "It is signed by another organisation than the one it names.",
        "other-request": "The signature is for another request than this one.",
        "other-invitation": "The signature is for another link than the one you used: somebody may be passing the request on to you.",
        "from-the-future": "It says that it was signed later than now.",
    },
    "fr": {
        "proven": "L'organisation a signé cette demande précise et le lien que vous avez utilisé.",
        "unproven": "Personne n'a prouvé qui demande.",
        "unsigned": "La demande n'est pas signée.",
        "signer-not-reached": "Le site de l'organisation nommée ne répond pas en ce moment. La demande est peut-être authentique\N{NO-BREAK SPACE}: réessayez plus tard.",
        "not-its-signature": "La signature n'est pas celle de l'organisation nommée.",
        "damaged": "La signature est incomplète.",
        "other-sender": "Elle est signée par une autre organisation que celle qu'elle nomme.",
        "other-request": "La signature est celle d'une autre demande.",
        "other-invitation": "La signature est celle d'un autre lien que le vôtre\N{NO-BREAK SPACE}: quelqu'un vous transmet peut-être la demande.",
        "from-the-future": "Elle dit avoir été signée plus tard que maintenant.",
    },
    "pt": {
        "proven": "A organização assinou este mesmo pedido e a ligação que utilizou.",
        "unproven": "Ninguém provou quem pede.",
        "unsigned": "O pedido não está assinado.",
        "signer-not-reached": "O sítio da organização indicada não responde neste momento. O pedido pode ser genuíno: tente mais tarde.",
        "not-its-signature": "A assinatura não é da organização indicada.",
        "damaged": "A assinatura está incompleta.",
        "other-sender": "Está assinado por outra organização que não a indicada.",
        "other-request": "A assinatura é de outro pedido.",
        "other-invitation": "A assinatura é de outra ligação que não a sua: alguém pode estar a reencaminhar-lhe o pedido.",
        "from-the-future": "Diz ter sido assinado mais tarde do que agora.",
    },
    "sw": {
        "proven": "Shirika limetia sahihi ombi hili hasa na kiungo ulichotumia.",
        "unproven": "Hakuna aliyethibitisha ni nani anayeomba.",
        "unsigned": "Ombi halina sahihi.",
        "signer-not-reached": "Tovuti ya shirika linalotajwa haijibu sasa. Huenda ombi ni la kweli: jaribu tena baadaye.",
        "not-its-signature": "Sahihi si ya shirika linalotajwa.",
        "damaged": "Sahihi haijakamilika.",
        "other-sender": "Limetiwa sahihi na shirika tofauti na linalotajwa.",
        "other-request": "Sahihi ni ya ombi jingine.",
        "other-invitation": "Sahihi ni ya kiungo tofauti na ulichotumia: huenda mtu anakupitishia ombi la mwingine.",
        "from-the-future": "Linasema lilitiwa sahihi baada ya sasa.",
    },
    "ar": {
        "proven": "وقّعت المؤسسة هذا الطلب نفسه والرابط الذي استخدمته.",
        "unproven": "لم يثبت أحد من الذي يطلب.",
        "unsigned": "الطلب غير موقّع.",
        "signer-not-reached": "موقع المؤسسة المذكورة لا يجيب الآن. قد يكون الطلب صحيحًا: حاول لاحقًا.",
        "not-its-signature": "التوقيع ليس للمؤسسة المذكورة.",
        "damaged": "التوقيع ناقص.",
        "other-sender": "وقّعته مؤسسة غير المؤسسة المذكورة فيه.",
        "other-request": "التوقيع يخص طلبًا آخر.",
        "other-invitation": "التوقيع يخص رابطًا غير الذي استخدمته: ربما يمرّر إليك أحدهم طلب غيره.",
        "from-the-future": "يقول إنه وُقّع في وقت لم يأتِ بعد.",
    },
}

STANDS: Final[Words] = {
    "en": {
        "listed": "{name} is on the list “{list}” of {authority}, and may ask for proofs since {since}.",
        "not-listed": "This organisation is on no list that this wallet uses.",
        "not-for-this": "{name} is on the list “{list}” of {authority}, but not to ask for proofs.",
        "not-yet": "{name} is on the list “{list}” of {authority}, but may ask for proofs only from {since} on.",
        "suspended": "{authority} has stopped {name} from asking for proofs since {since}, until it decides.",
        "lapsed": "What {authority} allowed {name} ended on {since}.",
        "withdrawn": "{authority} took back on {since} what it had allowed {name}.",
        "compromised": "{authority} says that the key of {name} was stolen, reported on {since}. Whoever asks may be somebody else.",
        "no-list": "This wallet uses no list of trusted organisations, so nobody vouches for anybody.",
        "list-stale": "The list “{list}” of {authority} is out of date since {until}. It cannot be told whether this organisation is on it.",
        "list-not-checked": "A list could not be read, so it cannot be told whether this organisation is on it.",
        "may-award": "{name} is on the list “{list}” and may award this.",
        "not-for-award": "{name} is on the list “{list}”, but not for this programme, level or day.",
    },
    "fr": {
        "listed": "{name} est sur la liste «\N{NO-BREAK SPACE}{list}\N{NO-BREAK SPACE}» de {authority} et peut demander des preuves depuis le {since}.",
        "not-listed": "Cette organisation n'est sur aucune liste que ce portefeuille utilise.",
        "not-for-this": "{name} est sur la liste «\N{NO-BREAK SPACE}{list}\N{NO-BREAK SPACE}» de {authority}, mais pas pour demander des preuves.",
        "not-yet": "{name} est sur la liste «\N{NO-BREAK SPACE}{list}\N{NO-BREAK SPACE}» de {authority}, mais ne peut demander des preuves qu'à partir du {since}.",
        "suspended": "{authority} ne laisse plus {name} demander de preuves depuis le {since}, jusqu'à sa décision.",
        "lapsed": "Ce que {authority} permettait à {name} a pris fin le {since}.",
        "withdrawn": "{authority} a retiré le {since} ce qui était permis à {name}.",
        "compromised": "{authority} dit que la clé de {name} a été volée, signalé le {since}. Celui qui demande est peut-être quelqu'un d'autre.",
        "no-list": "Ce portefeuille n'utilise aucune liste d'organisations de confiance\N{NO-BREAK SPACE}: personne ne se porte garant de personne.",
        "list-stale": "La liste «\N{NO-BREAK SPACE}{list}\N{NO-BREAK SPACE}» de {authority} n'est plus à jour depuis le {until}. On ne peut dire si cette organisation y figure.",
        "list-not-checked": "Une liste n'a pas pu être lue\N{NO-BREAK SPACE}: on ne peut dire si cette organisation y figure.",
        "may-award": "{name} est sur la liste «\N{NO-BREAK SPACE}{list}\N{NO-BREAK SPACE}» et peut délivrer ceci.",
        "not-for-award": "{name} est sur la liste «\N{NO-BREAK SPACE}{list}\N{NO-BREAK SPACE}», mais pas pour cette formation, ce niveau ou ce jour.",
    },
    "pt": {
        "listed": "{name} está na lista “{list}” de {authority} e pode pedir provas desde {since}.",
        "not-listed": "Esta organização não está em nenhuma lista que esta carteira utilize.",
        "not-for-this": "{name} está na lista “{list}” de {authority}, mas não para pedir provas.",
        "not-yet": "{name} está na lista “{list}” de {authority}, mas só pode pedir provas a partir de {since}.",
        "suspended": "{authority} não deixa {name} pedir provas desde {since}, até decidir.",
        "lapsed": "O que {authority} permitia a {name} terminou em {since}.",
        "withdrawn": "{authority} retirou em {since} o que tinha permitido a {name}.",
        "compromised": "{authority} diz que a chave de {name} foi roubada, comunicado em {since}. Quem pede pode ser outra pessoa.",
        "no-list": "Esta carteira não utiliza nenhuma lista de organizações de confiança, por isso ninguém responde por ninguém.",
        "list-stale": "A lista “{list}” de {authority} está desatualizada desde {until}. Não se pode dizer se esta organização consta dela.",
        "list-not-checked": "Uma lista não pôde ser lida, por isso não se pode dizer se esta organização consta dela.",
        "may-award": "{name} está na lista “{list}” e pode atribuir isto.",
        "not-for-award": "{name} está na lista “{list}”, mas não para este programa, nível ou dia.",
    },
    "sw": {
        "listed": "{name} imo kwenye orodha “{list}” ya {authority}, na inaweza kuomba uthibitisho tangu {since}.",
        "not-listed": "Shirika hili halimo kwenye orodha yoyote ambayo pochi hii inatumia.",
        "not-for-this": "{name} imo kwenye orodha “{list}” ya {authority}, lakini si kwa kuomba uthibitisho.",
        "not-yet": "{name} imo kwenye orodha “{list}” ya {authority}, lakini inaweza kuomba uthibitisho kuanzia {since} tu.",
        "suspended": "{authority} imeizuia {name} kuomba uthibitisho tangu {since}, hadi iamue.",
        "lapsed": "Ruhusa ambayo {authority} iliipa {name} iliisha {since}.",
        "withdrawn": "{authority} iliondoa {since} ruhusa iliyoipa {name}.",
        "compromised": "{authority} inasema ufunguo wa {name} umeibwa, iliripotiwa {since}. Huenda anayeomba ni mwingine.",
        "no-list": "Pochi hii haitumii orodha yoyote ya mashirika yanayoaminika, kwa hiyo hakuna anayemdhamini yeyote.",
        "list-stale": "Orodha “{list}” ya {authority} imepitwa na wakati tangu {until}. Haiwezekani kujua kama shirika hili limo.",
        "list-not-checked": "Orodha moja haikuweza kusomwa, kwa hiyo haiwezekani kujua kama shirika hili limo.",
        "may-award": "{name} imo kwenye orodha “{list}” na inaweza kutoa hiki.",
        "not-for-award": "{name} imo kwenye orodha “{list}”, lakini si kwa programu, kiwango au siku hii.",
    },
    "ar": {
        "listed": "{name} مدرجة في القائمة «{list}» التابعة لـ{authority}، ولها أن تطلب إثباتات منذ {since}.",
        "not-listed": "هذه المؤسسة ليست في أي قائمة تستخدمها هذه المحفظة.",
        "not-for-this": "{name} مدرجة في القائمة «{list}» التابعة لـ{authority}، ولكن ليس لطلب الإثباتات.",
        "not-yet": "{name} مدرجة في القائمة «{list}» التابعة لـ{authority}، ولكن لا يحق لها طلب الإثباتات إلا ابتداءً من {since}.",
        "suspended": "أوقفت {authority} حق {name} في طلب الإثباتات منذ {since} إلى أن تقرر.",
        "lapsed": "انتهى في {since} ما سمحت به {authority} لـ{name}.",
        "withdrawn": "سحبت {authority} في {since} ما كانت سمحت به لـ{name}.",
        "compromised": "تقول {authority} إن مفتاح {name} قد سُرق، وأُبلغ عن ذلك في {since}. قد يكون من يطلب شخصًا آخر.",
        "no-list": "لا تستخدم هذه المحفظة أي قائمة لمؤسسات موثوقة، فلا أحد يضمن أحدًا.",
        "list-stale": "القائمة «{list}» التابعة لـ{authority} قديمة منذ {until}. لا يمكن معرفة ما إذا كانت هذه المؤسسة فيها.",
        "list-not-checked": "تعذّرت قراءة إحدى القوائم، فلا يمكن معرفة ما إذا كانت هذه المؤسسة فيها.",
        "may-award": "{name} مدرجة في القائمة «{list}» ولها أن تمنح هذا.",
        "not-for-award": "{name} مدرجة في القائمة «{list}»، ولكن ليس لهذا البرنامج أو المستوى أو اليوم.",
    },
}

WARNINGS: Final[Words] = {
    "en": {
        "unreadable": "This wallet cannot explain what is asked, so it cannot be answered.",
        "expired": "The time to answer is over. Ask for a new link.",
        "disowned-elsewhere": "Another list that this wallet uses says not to rely on this organisation.",
        "list-refused": "What came last from a list that this wallet uses was not genuine, or was older than before. The last good copy is used.",
        "more-attributes": "It asks to see more than it is allowed to: {what}.",
        "other-kind": "It is not allowed to ask about credentials of this kind.",
        "other-country": "It is not allowed to ask about credentials from this country.",
        "above-level": "It is not allowed to ask about credentials of so high a level.",
        "limits-not-compared": "Whether it is allowed to ask about this credential could not be checked.",
        "few-people": "Your name is not shown, but this answer fits fewer than twenty people, by the figures of whoever gave you this. Somebody who knows them could guess that it is you.",
        "yours-alone": "It asks for a value that is yours alone. Organisations could recognise you by it and compare notes about you.",
    },
    "fr": {
        "unreadable": "Ce portefeuille ne peut pas expliquer ce qui est demandé\N{NO-BREAK SPACE}: on ne peut donc pas y répondre.",
        "expired": "Le temps pour répondre est écoulé. Demandez un nouveau lien.",
        "disowned-elsewhere": "Une autre liste que ce portefeuille utilise dit de ne pas se fier à cette organisation.",
        "list-refused": "Le dernier envoi d'une liste que ce portefeuille utilise n'était pas authentique, ou plus ancien qu'avant. La dernière bonne copie sert encore.",
        "more-attributes": "Elle demande à voir plus que ce qui lui est permis\N{NO-BREAK SPACE}: {what}.",
        "other-kind": "Elle n'a pas le droit de demander ce genre d'attestation.",
        "other-country": "Elle n'a pas le droit de demander des attestations de ce pays.",
        "above-level": "Elle n'a pas le droit de demander des attestations d'un niveau aussi élevé.",
        "limits-not-compared": "On n'a pas pu vérifier si elle a le droit de demander cette attestation.",
        "few-people": "Votre nom n'est pas montré, mais cette réponse correspond à moins de vingt personnes, selon les chiffres de l'organisme qui vous l'a délivrée. Qui les connaît peut deviner que c'est vous.",
        "yours-alone": "Elle demande une valeur qui n'appartient qu'à vous. Des organisations pourraient vous reconnaître et comparer ce qu'elles savent de vous.",
    },
    "pt": {
        "unreadable": "Esta carteira não consegue explicar o que é pedido, por isso não se pode responder.",
        "expired": "O tempo para responder terminou. Peça uma nova ligação.",
        "disowned-elsewhere": "Outra lista que esta carteira utiliza diz para não confiar nesta organização.",
        "list-refused": "O que chegou por último de uma lista que esta carteira utiliza não era autêntico, ou era mais antigo. Usa-se a última cópia boa.",
        "more-attributes": "Pede para ver mais do que lhe é permitido: {what}.",
        "other-kind": "Não lhe é permitido perguntar por credenciais deste tipo.",
        "other-country": "Não lhe é permitido perguntar por credenciais deste país.",
        "above-level": "Não lhe é permitido perguntar por credenciais de um nível tão alto.",
        "limits-not-compared": "Não se pôde verificar se lhe é permitido perguntar por esta credencial.",
        "few-people": "O seu nome não é mostrado, mas esta resposta serve a menos de vinte pessoas, segundo os números de quem lhe deu isto. Quem as conhece pode adivinhar que é você.",
        "yours-alone": "Pede um valor que é só seu. As organizações poderiam saber por ele que se trata de si e comparar o que sabem.",
    },
    "sw": {
        "unreadable": "Pochi hii haiwezi kueleza kinachoombwa, kwa hiyo hakiwezi kujibiwa.",
        "expired": "Muda wa kujibu umeisha. Omba kiungo kipya.",
        "disowned-elsewhere": "Orodha nyingine ambayo pochi hii inatumia inasema usitegemee shirika hili.",
        "list-refused": "Kilichofika mwisho kutoka orodha ambayo pochi hii inatumia hakikuwa cha kweli, au kilikuwa cha zamani. Nakala nzuri ya mwisho inatumika.",
        "more-attributes": "Linaomba kuona zaidi ya linavyoruhusiwa: {what}.",
        "other-kind": "Haliruhusiwi kuuliza kuhusu vyeti vya aina hii.",
        "other-country": "Haliruhusiwi kuuliza kuhusu vyeti vya nchi hii.",
        "above-level": "Haliruhusiwi kuuliza kuhusu vyeti vya kiwango cha juu hivi.",
        "limits-not-compared": "Haikuweza kukaguliwa kama linaruhusiwa kuuliza kuhusu cheti hiki.",
        "few-people": "Jina lako halionyeshwi, lakini jibu hili linawafaa watu chini ya ishirini, kwa takwimu za aliyekupa hiki. Anayewajua anaweza kukisia kuwa ni wewe.",
        "yours-alone": "Linaomba thamani ambayo ni yako pekee. Mashirika yanaweza kukutambua nayo na kulinganisha wanayojua juu yako.",
    },
    "ar": {
        "unreadable": "لا تستطيع هذه المحفظة شرح المطلوب، فلا يمكن الرد عليه.",
        "expired": "انتهى وقت الرد. اطلب رابطًا جديدًا.",
        "disowned-elsewhere": "تقول قائمة أخرى تستخدمها هذه المحفظة ألا تعتمد على هذه المؤسسة.",
        "list-refused": "آخر ما وصل من قائمة تستخدمها هذه المحفظة لم يكن صحيحًا أو كان أقدم من قبل. تُستخدم آخر نسخة سليمة.",
        "more-attributes": "تطلب أن ترى أكثر مما يُسمح لها به: {what}.",
        "other-kind": "لا يُسمح لها بأن تسأل عن شهادات من هذا النوع.",
        "other-country": "لا يُسمح لها بأن تسأل عن شهادات من هذا البلد.",
        "above-level": "لا يُسمح لها بأن تسأل عن شهادات بهذا المستوى العالي.",
        "limits-not-compared": "تعذّر التحقق مما إذا كان يُسمح لها بأن تسأل عن هذه الشهادة.",
        "few-people": "لا يظهر اسمك، لكن هذا الرد ينطبق على أقل من عشرين شخصًا بحسب أرقام من منحك إياه. قد يخمّن من يعرفهم أنه أنت.",
        "yours-alone": "تطلب قيمة تخصك وحدك. قد تتعرف عليك المؤسسات بها وتقارن ما تعرفه عنك.",
    },
}

_COMMA: Final = {"ar": "، "}
ENGLISH: Final = "en"
_STANDINGS: Final = {
    Trust.TRUSTED: "may-award",
    Trust.NOT_TRUSTED: "not-for-award",
    Trust.NOT_LISTED: "not-listed",
    Trust.UNKNOWN: "list-not-checked",
}

type Said = dict[str, str]
"""Language → sentence."""


def proof_said(who: Requester) -> Said:
    """How it is known who asks, or why it is not."""
    if isinstance(who, Proven):
        return {tag: PROOF[tag]["proven"] for tag in LANGUAGES}
    return {tag: f"{PROOF[tag]['unproven']} {PROOF[tag][who.doubt]}" for tag in LANGUAGES}


def listing_said(listing: Listing) -> Said:
    """How an organisation is listed."""
    key = "listed" if listing.code == "trusted" else listing.code
    return {tag: STANDS[tag][key].format(**_facts(listing, tag)) for tag in LANGUAGES}


def standing_said(standing: Standing) -> Said:
    """Whether a list lets whoever issues award this."""
    key = _STANDINGS[standing.outcome]
    if standing.outcome is Trust.NOT_LISTED and standing.did is not None and standing.list_name is None:
        key = "no-list"
    filled = {"name": apart(standing.name or ""), "list": apart(standing.list_name or "")}
    return {tag: STANDS[tag][key].format(**filled) for tag in LANGUAGES}


def warning_said(warned: Warned, listing: Listing | None = None) -> Said:
    """What to ask about; `listing` fills in who and since when, where it is known."""
    code = warned.code
    if code is WarningCode.UNPROVEN:
        return {tag: " ".join(PROOF[tag][key] for key in ("unproven", *warned.about)) for tag in LANGUAGES}
    if listing is not None and code == listing.code:
        return listing_said(listing)
    return {tag: WARNINGS[tag][code].format(what=several(warned.about, tag)) for tag in LANGUAGES}


def named(names: Mapping[str, str], tag: str) -> str | None:
    """A name in a language, else in English, else in whatever language there is."""
    return names.get(tag) or names.get(ENGLISH) or next(iter(names.values()), None)


def _facts(listing: Listing, tag: str) -> dict[str, str]:
    by = listing.by
    return {
        "name": apart(named(listing.names, tag) or ""),
        "list": apart(by.name if by else ""),
        "authority": apart((named(by.authority, tag) if by else None) or ""),
        "since": day_in_words(listing.since, tag) if listing.since else "",
        "until": day_in_words(by.next_update.date(), tag) if by else "",
    }


def several(attributes: Sequence[str], tag: str) -> str:
    """Attributes by name, in the words of the language where there are any."""
    return _COMMA.get(tag, ", ").join(
        ATTRIBUTE_WORDS[tag].get(name) or apart(label(name)) for name in attributes
    )


def apart(name: str) -> str:
    """A name within a sentence, whichever way it is written."""
    return f"\N{FIRST STRONG ISOLATE}{name}\N{POP DIRECTIONAL ISOLATE}"
