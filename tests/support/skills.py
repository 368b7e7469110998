"""Skills in memory, and ESCO's files as tests need them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from issuer.domain.skill import FoundSkill, SkillFile, SkillRow, key_of, words_of

ESCO = "http://data.europa.eu/esco/skill/"


class MemorySkills:
    """Does what `Skills` promises, for one test."""

    def __init__(self) -> None:
        self._files: dict[str, SkillFile] = {}
        self._rows: dict[tuple[str, str], SkillRow] = {}
        self._skills: dict[str, tuple[str, str | None]] = {}

    async def files(self) -> Sequence[SkillFile]:
        return [self._files[language] for language in sorted(self._files)]

    async def put(self, language: str, version: str, rows: Sequence[SkillRow]) -> None:
        for row in rows:
            self._rows[row.uri, language] = row
            self._skills[row.uri] = (version, version if row.obsolete else None)

    async def read(self, file: SkillFile, now: datetime, *, whole: bool) -> int:
        del now
        self._files[file.language] = file
        gone = [uri for uri, (seen, out) in self._skills.items() if seen != file.version and out is None]
        if not whole:
            return 0
        for uri in gone:
            self._skills[uri] = (self._skills[uri][0], file.version)
        return len(gone)

    async def names(self, uris: Collection[str]) -> Mapping[str, Mapping[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for (uri, language), row in sorted(self._rows.items(), key=lambda each: each[0]):
            if uri in uris:
                found.setdefault(uri, {})[language] = row.label.name
        return found

    async def search(self, words: Sequence[str], language: str | None, limit: int) -> Sequence[FoundSkill]:
        ranked = []
        for (uri, spoken), row in self._rows.items():
            if self._skills[uri][1] is not None or language not in {None, spoken} or not words:
                continue
            key, name, query = key_of(row.label.name), words_of(row.label.name), " ".join(words)
            every = words_of(" ".join((row.label.name, *row.label.also)))
            if not all(any(word.startswith(wanted) for word in every) for wanted in words):
                continue
            in_name = all(any(word.startswith(wanted) for word in name) for wanted in words)
            rank = 0 if key == query else 1 if key.startswith(query) else 2 if in_name else 3
            ranked.append((rank, len(key), key, uri, spoken, row))
        names, found = await self.names([each[3] for each in ranked]), dict[str, FoundSkill]()
        for *_, uri, spoken, row in sorted(ranked, key=lambda each: each[:4]):
            found.setdefault(uri, FoundSkill(uri, row.kind, names[uri], spoken, row.label.description))
        return list(found.values())[:limit]


def file_of(
    *rows: str, header: str = "conceptUri,skillType,preferredLabel,altLabels,status,description"
) -> list[str]:
    """The lines of a CSV file."""
    return [f"{line}\n" for row in (header, *rows) for line in row.split("\n")]
