"""Where a page of a list goes on."""

from uuid import UUID

from shared.web.problems import ProblemError


def id_after(cursor: str | None) -> UUID | None:
    """The id to go on behind; None at the beginning. Raises ProblemError (400) for what no page said."""
    if cursor is None:
        return None
    try:
        return UUID(cursor)
    except ValueError as error:
        raise ProblemError(400, "Expected `after` to be the `next` of an earlier page.") from error
