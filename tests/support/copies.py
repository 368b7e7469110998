"""Copies of what issuers publish, in memory."""

from shared.adapters.webvh_resolver import Copy


class MemoryCopies:
    """KeepCopies in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Copy] = {}
        self.kinds: dict[str, str] = {}
        self.used_keys: set[str] = set()

    async def keep(self, key: str, kind: str, copy: Copy) -> None:
        """Keep it."""
        self.kept[key], self.kinds[key] = copy, kind

    async def find(self, key: str) -> Copy | None:
        """The newest."""
        return self.kept.get(key)

    async def used(self, key: str) -> None:
        """Note it."""
        self.used_keys.add(key)
