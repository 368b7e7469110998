"""What may be wrong with a programme's description though no rule forbids it."""

from shared.vc.achievement import AchievementTemplate
from shared.vc.frameworks import beyond, credits_doubtful


def doubts(description: AchievementTemplate) -> list[str]:
    """Return each doubt as a sentence that says what was expected and what to do."""
    found = []
    if doubt := credits_doubtful(
        description.workload_hours, description.credits, description.credit_framework
    ):
        found.append(str(doubt))
    for code, level in sorted(description.levels.items()):
        if known := beyond(code, level):
            found.append(
                f"{known.name} has levels {known.lowest} to {known.highest}; {code} {level} was found. Correct the level."
            )
    return found
