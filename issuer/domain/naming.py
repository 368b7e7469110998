"""Names for the skills of a programme."""

from collections.abc import Mapping
from dataclasses import replace

from shared.vc.achievement import AchievementTemplate


def with_names(
    description: AchievementTemplate, known: Mapping[str, Mapping[str, str]]
) -> AchievementTemplate:
    """Return the description with these names: what a register calls its skill goes before what anybody else does."""
    names = {
        skill: dict(known.get(skill) or description.skill_names[skill])
        for skill in description.skills
        if skill in known or skill in description.skill_names
    }
    return replace(description, skill_names=names)
