"""Problem details (RFC 9457): the one shape in which every HTTP API reports an error."""

from pydantic import BaseModel, ConfigDict, Field

MEDIA_TYPE = "application/problem+json"


class FieldError(BaseModel):
    """One thing wrong with one part of the input."""

    where: str = Field(description="Where the input is wrong, e.g. 'body.title' or 'row 7, awarded_date'.")
    what: str = Field(description="What was expected and what was found.")


class Problem(BaseModel):
    """A problem document; `type` is a stable name for machines, `detail` a sentence for people."""

    model_config = ConfigDict(extra="allow")

    type: str = "about:blank"
    title: str
    status: int
    detail: str | None = None
    instance: str | None = None
    errors: list[FieldError] | None = None
