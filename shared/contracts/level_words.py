"""What a level of the European Qualifications Framework means, a sentence for learners in each language.

Own words, after the descriptors of Council Recommendation 2017/C 189/03, Annex II.
"""

from collections.abc import Mapping
from typing import Final

EQF_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": (
        "You know the basics and do simple tasks with somebody guiding you.",
        "You know basic facts of your field and solve everyday problems with simple rules and tools, under supervision.",
        "You know facts, principles and processes of your field, choose how to do a task, and answer for finishing it.",
        "You know your field broadly, solve specific problems, manage your own work, and oversee routine work of others.",
        "You know your field in depth and its limits, find creative solutions, and lead others where things change.",
        "You understand your field critically, solve complex problems, and decide and answer for work in changing conditions.",
        "You know a speciality at the forefront of your field, solve problems by research, and transform how work is done.",
        "You work at the very frontier of knowledge, extend it by research of your own, and lead with authority.",
    ),
    "fr": (
        "Vous connaissez les bases et réalisez des tâches simples en étant guidé.",
        "Vous connaissez les faits de base de votre domaine et réglez des problèmes courants avec des règles et outils simples, sous supervision.",
        "Vous connaissez les faits, principes et processus de votre domaine, choisissez comment faire une tâche et répondez de son achèvement.",
        "Vous connaissez largement votre domaine, réglez des problèmes précis, gérez votre travail et supervisez le travail courant d'autres personnes.",
        "Vous connaissez votre domaine en profondeur ainsi que ses limites, trouvez des solutions créatives et dirigez d'autres personnes quand les choses changent.",
        "Vous comprenez votre domaine de façon critique, réglez des problèmes complexes, décidez et répondez du travail dans des conditions changeantes.",
        "Vous maîtrisez une spécialité à la pointe de votre domaine, réglez des problèmes par la recherche et transformez la manière de travailler.",
        "Vous travaillez à la frontière du savoir, la repoussez par vos propres recherches et dirigez avec autorité.",
    ),
    "pt": (
        "Conhece o essencial e faz tarefas simples com a orientação de alguém.",
        "Conhece os factos básicos da sua área e resolve problemas do dia a dia com regras e ferramentas simples, sob supervisão.",
        "Conhece factos, princípios e processos da sua área, escolhe como fazer uma tarefa e responde por a terminar.",
        "Conhece a sua área de forma ampla, resolve problemas específicos, gere o seu trabalho e supervisiona o trabalho de rotina de outros.",
        "Conhece a sua área em profundidade e os seus limites, encontra soluções criativas e dirige outros quando as coisas mudam.",
        "Compreende a sua área de forma crítica, resolve problemas complexos, decide e responde pelo trabalho em condições que mudam.",
        "Domina uma especialidade na vanguarda da sua área, resolve problemas pela investigação e transforma a forma de trabalhar.",
        "Trabalha na fronteira do conhecimento, alarga-a com investigação própria e lidera com autoridade.",
    ),
    "sw": (
        "Unajua mambo ya msingi na unafanya kazi rahisi ukiongozwa na mtu.",
        "Unajua mambo ya msingi ya fani yako na unatatua matatizo ya kila siku kwa kanuni na zana rahisi, chini ya usimamizi.",
        "Unajua ukweli, kanuni na taratibu za fani yako, unachagua jinsi ya kufanya kazi na unawajibika kuimaliza.",
        "Unaijua fani yako kwa upana, unatatua matatizo mahususi, unasimamia kazi yako na kazi za kawaida za wengine.",
        "Unaijua fani yako kwa kina na mipaka yake, unapata suluhisho bunifu na unaongoza wengine mambo yanapobadilika.",
        "Unaielewa fani yako kwa uhakiki, unatatua matatizo magumu, unaamua na kuwajibika kwa kazi katika hali zinazobadilika.",
        "Una utaalamu ulio mstari wa mbele wa fani yako, unatatua matatizo kwa utafiti na unabadilisha namna kazi inavyofanywa.",
        "Unafanya kazi kwenye mpaka wa maarifa, unaupanua kwa utafiti wako mwenyewe na unaongoza kwa mamlaka.",
    ),
    "ar": (
        "تعرف الأساسيات وتنجز مهامّ بسيطة بتوجيه من شخص آخر.",
        "تعرف الحقائق الأساسية في مجالك وتحلّ مشكلات يومية بقواعد وأدوات بسيطة تحت الإشراف.",
        "تعرف حقائق مجالك ومبادئه وعملياته، وتختار كيف تنجز المهمة وتتحمّل مسؤولية إتمامها.",
        "تعرف مجالك معرفة واسعة، وتحلّ مشكلات محدّدة، وتدير عملك وتشرف على العمل المعتاد للآخرين.",
        "تعرف مجالك بعمق وتعرف حدوده، وتجد حلولًا مبتكرة، وتقود الآخرين حين تتغيّر الظروف.",
        "تفهم مجالك فهمًا نقديًّا، وتحلّ مشكلات معقّدة، وتقرّر وتتحمّل مسؤولية العمل في ظروف متغيّرة.",
        "تتقن تخصّصًا في طليعة مجالك، وتحلّ المشكلات بالبحث، وتطوّر طريقة العمل.",
        "تعمل عند حدود المعرفة، وتوسّعها ببحثك الخاص، وتقود عن جدارة.",
    ),
}
"""Language → sentences of levels 1 to 8."""


def level_words(framework: str, level: int) -> Mapping[str, str]:
    """What a level means, by language; empty for a framework whose levels have no words here."""
    if framework != "eqf" or not 1 <= level <= len(EQF_WORDS["en"]):
        return {}
    return {language: sentences[level - 1] for language, sentences in EQF_WORDS.items()}
