"""What a credential is asked to be, and what is only proven of it, in the languages learners are shown.

ASKED_WORDS are the parts of a requirement, read on the verifier's page and in the wallet; COMPARED_WORDS are the comparisons of a
proof request as they arrive, whoever wrote them. `{level}`, `{framework}`, `{hours}`, `{day}`, `{what}` and `{value}` are filled in.
"""

from collections.abc import Mapping
from typing import Final

ASKED_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "skill": "It teaches this skill:",
        "level": "Level {level} or higher ({framework})",
        "hours": "{hours} hours of learning or more",
        "awarded_after": "Awarded on or after {day}",
        "not_expired": "Still valid",
    },
    "fr": {
        "skill": "Elle porte sur cette compétence\N{NO-BREAK SPACE}:",
        "level": "Niveau {level} ou plus ({framework})",
        "hours": "{hours} heures de formation ou plus",
        "awarded_after": "Attribuée le {day} ou après",
        "not_expired": "Encore valable",
    },
    "pt": {
        "skill": "Ensina esta competência:",
        "level": "Nível {level} ou superior ({framework})",
        "hours": "{hours} horas de formação ou mais",
        "awarded_after": "Atribuído em {day} ou depois",
        "not_expired": "Ainda válido",
    },
    "sw": {
        "skill": "Kinafundisha ujuzi huu:",
        "level": "Kiwango cha {level} au zaidi ({framework})",
        "hours": "Saa {hours} za mafunzo au zaidi",
        "awarded_after": "Kilitolewa tarehe {day} au baadaye",
        "not_expired": "Bado ni halali",
    },
    "ar": {
        "skill": "تعلّم هذه المهارة:",
        "level": "المستوى {level} أو أعلى ({framework})",
        "hours": "ساعات التعلّم: {hours} أو أكثر",
        "awarded_after": "مُنحت في {day} أو بعده",
        "not_expired": "ما زالت صالحة",
    },
}
"""Language → part → its words; the same parts in every language."""

COMPARED_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        ">=": "{what}: {value} or more",
        ">": "{what}: more than {value}",
        "<=": "{what}: {value} or less",
        "<": "{what}: less than {value}",
        "day>=": "{what}: {value} or later",
        "day>": "{what}: after {value}",
        "day<=": "{what}: {value} or earlier",
        "day<": "{what}: before {value}",
        "valid_on": "Still valid on {value}",
        "valid_after": "Still valid after {value}",
        "endless": "It does not expire",
    },
    "fr": {
        ">=": "{what}\N{NO-BREAK SPACE}: {value} ou plus",
        ">": "{what}\N{NO-BREAK SPACE}: plus de {value}",
        "<=": "{what}\N{NO-BREAK SPACE}: {value} ou moins",
        "<": "{what}\N{NO-BREAK SPACE}: moins de {value}",
        "day>=": "{what}\N{NO-BREAK SPACE}: {value} ou plus tard",
        "day>": "{what}\N{NO-BREAK SPACE}: après le {value}",
        "day<=": "{what}\N{NO-BREAK SPACE}: {value} ou plus tôt",
        "day<": "{what}\N{NO-BREAK SPACE}: avant le {value}",
        "valid_on": "Encore valable le {value}",
        "valid_after": "Encore valable après le {value}",
        "endless": "Sans date de fin",
    },
    "pt": {
        ">=": "{what}: {value} ou mais",
        ">": "{what}: mais de {value}",
        "<=": "{what}: {value} ou menos",
        "<": "{what}: menos de {value}",
        "day>=": "{what}: {value} ou depois",
        "day>": "{what}: depois de {value}",
        "day<=": "{what}: {value} ou antes",
        "day<": "{what}: antes de {value}",
        "valid_on": "Ainda válido em {value}",
        "valid_after": "Ainda válido depois de {value}",
        "endless": "Não tem data de fim",
    },
    "sw": {
        ">=": "{what}: {value} au zaidi",
        ">": "{what}: zaidi ya {value}",
        "<=": "{what}: {value} au chini",
        "<": "{what}: chini ya {value}",
        "day>=": "{what}: {value} au baadaye",
        "day>": "{what}: baada ya {value}",
        "day<=": "{what}: {value} au mapema",
        "day<": "{what}: kabla ya {value}",
        "valid_on": "Bado ni halali tarehe {value}",
        "valid_after": "Bado ni halali baada ya {value}",
        "endless": "Hakina tarehe ya mwisho",
    },
    "ar": {
        ">=": "{what}: {value} أو أكثر",
        ">": "{what}: أكثر من {value}",
        "<=": "{what}: {value} أو أقل",
        "<": "{what}: أقل من {value}",
        "day>=": "{what}: {value} أو بعده",
        "day>": "{what}: بعد {value}",
        "day<=": "{what}: {value} أو قبله",
        "day<": "{what}: قبل {value}",
        "valid_on": "ما زالت صالحة في {value}",
        "valid_after": "ما زالت صالحة بعد {value}",
        "endless": "لا تنتهي صلاحيتها",
    },
}
"""Language → comparison (`day…` of days) → its words; the same comparisons in every language."""
