"""Compile a requirement with what is known of the issuers, looking again when nobody known could meet it."""

from collections.abc import Sequence
from datetime import datetime

from shared.vc.trust_decision import Snapshot
from verifier.domain.question import Question, compile_question
from verifier.domain.requirement import Requirement
from verifier.ports import KnowIssuers


async def compile_requirement(
    requirement: Requirement, issuers: KnowIssuers, lists: Sequence[Snapshot], *, now: datetime
) -> Question:
    """Return the question. What would meet it may have been published a moment ago: a question with warnings is compiled anew."""
    question = compile_question(requirement, await issuers.of(lists), lists, now=now)
    if question.warnings and lists:
        return compile_question(requirement, await issuers.of(lists, fresh=True), lists, now=now)
    return question
