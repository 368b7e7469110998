"""The databases of one exchange as SQLite files in its home."""


class SqliteFiles:
    """Needs nothing done: each program makes its own file."""

    place = "sqlite"

    async def prepare(self) -> None:
        """Do nothing."""
