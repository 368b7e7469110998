"""The example programmes as templates."""

import json
from pathlib import Path
from typing import Any

from shared.vc.achievement import AchievementTemplate, Grading, QualityAssurance

_FILE = Path(__file__).parents[1] / "data" / "programmes.json"


def programmes() -> dict[str, AchievementTemplate]:
    """Return the templates of tests/data/programmes.json by their key."""
    return {raw["key"]: template_of(raw) for raw in json.loads(_FILE.read_text("utf-8"))}


def template_of(raw: dict[str, Any]) -> AchievementTemplate:
    """Map the example's field names to the template's."""
    return AchievementTemplate(
        titles=raw["title"],
        language=raw["language"],
        country=raw["country"],
        awarding_body=raw["awarding_body"],
        outcomes=tuple(raw["learning_outcomes"]),
        skills=tuple(raw["skills"]),
        workload_hours=raw["workload_hours"],
        credits=raw["credits"],
        credit_framework=raw["credit_framework"],
        levels=raw["levels"],
        assessment=raw["assessment"],
        participation=raw["participation"],
        supervision=raw["supervision"],
        quality_assurance=QualityAssurance(**raw["quality_assurance"]),
        verification_level=raw["verification"],
        learning_route=raw["learning"],
        grading=Grading(raw["grading"]["scale"], raw["grading"].get("pass")),
        valid_for_months=raw["valid_for_months"],
        stackable=raw["stackable"],
    )
