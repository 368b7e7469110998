"""How many people could have given an answer, said in a learner's languages; that they are few is said by the warning."""

from typing import Final

from shared.web.languages import LANGUAGES, Words
from wallet.domain.crowd import Known, People
from wallet.entry.warning_words import several

PEOPLE: Final[Words] = {
    "en": {
        "enough": "Your name is not shown. At least {number} people could have given this answer.",
        "no-figures": "Your name is not shown. How many people could have given this answer is not known.",
        "narrowed": "Your name is not shown. How many people could have given this answer is not known: it also tells {what}.",
        "together": "Your name is not shown. How many people hold all that is asked for together is not known.",
    },
    "fr": {
        "enough": "Votre nom n'est pas montré. Au moins {number} personnes auraient pu donner cette réponse.",
        "no-figures": "Votre nom n'est pas montré. On ne sait pas combien de personnes auraient pu donner cette réponse.",
        "narrowed": "Votre nom n'est pas montré. On ne sait pas combien de personnes auraient pu donner cette réponse\N{NO-BREAK SPACE}: elle dit aussi {what}.",
        "together": "Votre nom n'est pas montré. On ne sait pas combien de personnes ont à la fois tout ce qui est demandé.",
    },
    "pt": {
        "enough": "O seu nome não é mostrado. Pelo menos {number} pessoas poderiam ter dado esta resposta.",
        "no-figures": "O seu nome não é mostrado. Não se sabe quantas pessoas poderiam ter dado esta resposta.",
        "narrowed": "O seu nome não é mostrado. Não se sabe quantas pessoas poderiam ter dado esta resposta: ela também diz {what}.",
        "together": "O seu nome não é mostrado. Não se sabe quantas pessoas têm ao mesmo tempo tudo o que é pedido.",
    },
    "sw": {
        "enough": "Jina lako halionyeshwi. Angalau watu {number} wangeweza kutoa jibu hili.",
        "no-figures": "Jina lako halionyeshwi. Haijulikani ni watu wangapi wangeweza kutoa jibu hili.",
        "narrowed": "Jina lako halionyeshwi. Haijulikani ni watu wangapi wangeweza kutoa jibu hili: linaeleza pia {what}.",
        "together": "Jina lako halionyeshwi. Haijulikani ni watu wangapi wana vyote vinavyoombwa kwa pamoja.",
    },
    "ar": {
        "enough": "لا يظهر اسمك. كان بإمكان {number} شخصًا على الأقل تقديم هذا الرد.",
        "no-figures": "لا يظهر اسمك. لا يُعرف كم شخصًا كان بإمكانه تقديم هذا الرد.",
        "narrowed": "لا يظهر اسمك. لا يُعرف كم شخصًا كان بإمكانه تقديم هذا الرد، فهو يذكر أيضًا: {what}.",
        "together": "لا يظهر اسمك. لا يُعرف كم شخصًا لديه كل ما يُطلب معًا.",
    },
}


def people_said(people: People) -> dict[str, str]:
    """By language; nothing where they are few, because the warning says so."""
    if people.known is Known.FEW:
        return {}
    key = "enough" if people.why is None else people.why.value
    return {
        tag: PEOPLE[tag][key].format(number=people.at_least, what=several(people.about, tag))
        for tag in LANGUAGES
    }
