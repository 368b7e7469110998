"""What may be chosen for the elements of a programme, in words: one source for the API, the editor and the wallet.

Each value says what Annex I of Council Recommendation 2022/C 243/02 calls its element, and which concept of the
European Learning Model it is, where that is known. Labels are in every language learners are shown; help is for officers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

LABELS_IN: Final = ("en", "fr", "pt", "sw", "ar")
HELP_IN: Final = ("en", "fr", "ar")
_SNB: Final = "http://data.europa.eu/snb/"


@dataclass(frozen=True, slots=True)
class Term:
    """A value as a template has it; `concept` is the European Learning Model's."""

    value: str | int
    concept: str | None
    labels: Mapping[str, str]
    help: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The values of one element; `element` is Annex I's name of it."""

    element: str
    terms: tuple[Term, ...]


def _term(value: str | int, concept: str | None, labels: str, help_: str) -> Term:
    """Labels and help are given in the order of LABELS_IN and HELP_IN, parted by bars."""
    return Term(
        value,
        concept and _SNB + concept,
        dict(zip(LABELS_IN, labels.split(" | "), strict=True)),
        dict(zip(HELP_IN, help_.split(" | "), strict=True)),
    )


VOCABULARIES: Final[Mapping[str, Vocabulary]] = {
    "assessment": Vocabulary(
        "type of assessment",
        (
            _term(
                "written",
                "assessment/6e6cb2cc78",
                "Written examination | Examen écrit | Exame escrito | Mtihani wa maandishi | امتحان كتابي",
                "On paper or screen, marked. | Sur papier ou écran, noté. | على ورق أو شاشة، مع تصحيح.",
            ),
            _term(
                "oral",
                "assessment/d30284d7df",
                "Oral examination | Examen oral | Exame oral | Mtihani wa mdomo | امتحان شفهي",
                "Questions answered in conversation. | Réponses au cours d'un entretien. | أسئلة يُجاب عنها في محادثة.",
            ),
            _term(
                "portfolio",
                "assessment/4f03b91c0e",
                "Portfolio | Portfolio | Portefólio | Mkusanyiko wa kazi | ملف أعمال",
                "A collection of the learner's work. | Un recueil de travaux. | مجموعة من أعمال المتعلّم.",
            ),
            _term(
                "project",
                "assessment/795dac4096",
                "Project work | Projet | Projeto | Kazi ya mradi | مشروع",
                "A task of some length with a result. | Un travail de longue haleine avec un résultat. | عمل ممتدّ له نتيجة.",
            ),
            _term(
                "practical",
                "assessment/6a4db9f11d",
                "Practical assessment | Épreuve pratique | Prova prática | Tathmini ya vitendo | تقييم عملي",
                "The skill is shown by doing it. | La compétence est montrée en pratique. | تُظهَر المهارة بممارستها.",
            ),
        ),
    ),
    "participation": Vocabulary(
        "form of participation",
        (
            _term(
                "online",
                "learning-assessment/920fbb3cbe",
                "Online | En ligne | Em linha | Mtandaoni | عبر الإنترنت",
                "All of it over a network. | Entièrement à distance. | كله عبر الشبكة.",
            ),
            _term(
                "presential",
                "learning-assessment/9191af2ed9",
                "On site | En présentiel | Presencial | Ana kwa ana | حضوري",
                "Everybody in one place. | Tous au même endroit. | الجميع في مكان واحد.",
            ),
            _term(
                "blended",
                "learning-assessment/e92d221e4d",
                "Blended | Hybride | Misto | Mchanganyiko | مدمج",
                "Partly online, partly on site. | En partie en ligne, en partie sur place. | بعضه عبر الإنترنت وبعضه حضوري.",
            ),
            _term(
                "work-based",
                "learning-assessment/729f3bed4b",
                "At work | En situation de travail | Em contexto de trabalho | Kazini | في مكان العمل",
                "Learning while working. | Apprendre en travaillant. | التعلّم أثناء العمل.",
            ),
        ),
    ),
    "supervision": Vocabulary(
        "supervision and identity verification during assessment",
        (
            _term(
                0,
                "supervision-verification/c598449d64",
                "Not supervised | Sans surveillance | Sem supervisão | Bila usimamizi | بلا إشراف",
                "Nobody watches, nobody checks who it is. | Ni surveillance ni contrôle d'identité. | لا إشراف ولا تحقق من الهوية.",
            ),
            _term(
                1,
                None,
                "Supervised, identity not checked | Avec surveillance, identité non contrôlée | Com supervisão, sem verificação de identidade | Kwa usimamizi, bila kuthibitisha utambulisho | بإشراف دون تحقق من الهوية",
                "Somebody watches. | Quelqu'un surveille. | هناك من يراقب.",
            ),
            _term(
                2,
                None,
                "Supervised online, identity checked | Surveillance en ligne, identité contrôlée | Supervisão em linha, identidade verificada | Usimamizi mtandaoni, utambulisho umethibitishwa | إشراف عبر الإنترنت مع تحقق من الهوية",
                "A document is shown to the camera. | Une pièce d'identité est montrée à la caméra. | تُعرض وثيقة أمام الكاميرا.",
            ),
            _term(
                3,
                None,
                "Supervised on site, identity checked | Surveillance sur place, identité contrôlée | Supervisão presencial, identidade verificada | Usimamizi mahali pa mtihani, utambulisho umethibitishwa | إشراف حضوري مع تحقق من الهوية",
                "A document is shown in the room. | Une pièce d'identité est montrée dans la salle. | تُعرض وثيقة في القاعة.",
            ),
        ),
    ),
    "quality_assurance": Vocabulary(
        "type of quality assurance",
        (
            _term(
                "institutional",
                "accreditation/bb4618238e",
                "Of the institution | De l'établissement | Da instituição | Ya taasisi | للمؤسسة",
                "Whoever teaches was reviewed as a whole. | L'établissement a été évalué dans son ensemble. | قُيّمت المؤسسة كلها.",
            ),
            _term(
                "programme",
                "accreditation/820101cba6",
                "Of the programme | Du programme | Do programa | Ya programu | للبرنامج",
                "This programme itself was reviewed. | Ce programme lui-même a été évalué. | قُيّم هذا البرنامج نفسه.",
            ),
        ),
    ),
    "verification_level": Vocabulary(
        "further information",
        (
            _term(
                "self",
                None,
                "Stated by the learner | Déclaré par l'apprenant | Declarado pelo formando | Imeelezwa na mwanafunzi | بتصريح المتعلّم",
                "Nobody else confirms it. | Personne d'autre ne le confirme. | لا يؤكّده أحد غيره.",
            ),
            _term(
                "peer",
                None,
                "Confirmed by peers | Confirmé par des pairs | Confirmado por pares | Imethibitishwa na wenzake | بتأكيد الأقران",
                "Fellow learners or colleagues confirm it. | Des pairs ou collègues le confirment. | يؤكّده زملاء.",
            ),
            _term(
                "independent",
                None,
                "Assessed independently | Évalué de façon indépendante | Avaliado de forma independente | Imetathminiwa kwa uhuru | بتقييم مستقل",
                "Somebody qualified assessed it. | Une personne qualifiée l'a évalué. | قيّمه شخص مؤهّل.",
            ),
        ),
    ),
    "learning_route": Vocabulary(
        "further information",
        (
            _term(
                "formal",
                None,
                "Formal learning | Apprentissage formel | Aprendizagem formal | Elimu rasmi | تعلّم نظامي",
                "In the education system, towards a qualification. | Dans le système éducatif. | ضمن نظام التعليم.",
            ),
            _term(
                "non-formal",
                None,
                "Non-formal learning | Apprentissage non formel | Aprendizagem não formal | Elimu isiyo rasmi | تعلّم غير نظامي",
                "Organised outside the education system. | Organisé hors du système éducatif. | منظّم خارج نظام التعليم.",
            ),
            _term(
                "informal",
                None,
                "Informal learning | Apprentissage informel | Aprendizagem informal | Kujifunza kwa uzoefu | تعلّم غير رسمي",
                "From work and life. | Par le travail et la vie. | من العمل والحياة.",
            ),
            _term(
                "recognition of prior learning",
                None,
                "Recognition of prior learning | Reconnaissance des acquis | Reconhecimento de aprendizagens | Utambuzi wa ujuzi wa awali | الاعتراف بالتعلّم السابق",
                "What was learned before was assessed. | Les acquis antérieurs ont été évalués. | قُيّم ما تُعلّم من قبل.",
            ),
        ),
    ),
}
"""By the template's field."""
