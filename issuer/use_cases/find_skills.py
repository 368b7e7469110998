"""Find skills of ESCO by the beginnings of words, in the languages that were imported."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from issuer.domain.skill import MOST_WORDS, FoundSkill, SkillFile, words_of
from issuer.ports import Skills


@dataclass(frozen=True)
class FindSkills:
    """The search behind the editor."""

    skills: Skills

    async def __call__(
        self, text: str, *, language: str | None, limit: int
    ) -> tuple[Sequence[FoundSkill], Sequence[SkillFile]]:
        """Return what was found in this language, or in any, and what is here to be searched."""
        found = await self.skills.search(words_of(text)[:MOST_WORDS], language, limit)
        return found, await self.skills.files()

    async def names(self, uris: Collection[str]) -> Mapping[str, Mapping[str, str]]:
        """Return names by skill and language, of those known."""
        return await self.skills.names(uris) if uris else {}
