"""Scripts and pictures that pages load from their own service, under an address that changes with any of them.

`/static/<digest of all>/<name>`: a browser keeps each for a year and never mixes two versions; modules import one another by
relative addresses.
"""

import hashlib
from pathlib import Path
from types import MappingProxyType
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from shared.web.pages import compressed
from shared.web.problems import ProblemError

KINDS: Final = MappingProxyType(
    {
        ".js": "text/javascript; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".svg": "image/svg+xml",
        ".png": "image/png",
        ".webp": "image/webp",
    }
)
_DIGITS: Final = 12


class StaticFiles:
    """The files of one folder, read once."""

    def __init__(self, folder: Path) -> None:
        """Read them. Other kinds than `KINDS` are left alone."""
        self._files = {
            path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in KINDS
        }
        each = (f"{name} {hashlib.sha256(content).hexdigest()}" for name, content in self._files.items())
        self.version = hashlib.sha256("\n".join(each).encode()).hexdigest()[:_DIGITS]

    @property
    def names(self) -> tuple[str, ...]:
        """What there is."""
        return tuple(self._files)

    def path(self, name: str) -> str:
        """Where a file is. Raises KeyError for one that is not there: a fault of the page that names it."""
        if name not in self._files:
            raise KeyError(name)
        return f"/static/{self.version}/{name}"

    def router(self) -> APIRouter:
        """Serves them to anybody."""
        router = APIRouter(tags=["pages"], include_in_schema=False)

        @router.get("/static/{version}/{name}")
        async def file(request: Request, version: str, name: str) -> Response:
            """A file; one of another version is gone."""
            content = self._files.get(name)
            if content is None or version != self.version:
                raise ProblemError(404, "There is no such file, or not any more. Load the page anew.")
            headers = {
                "Content-Type": KINDS[Path(name).suffix],
                "Cache-Control": "public, max-age=31536000, immutable",
            }
            return compressed(request, Response(content, headers=headers))

        return router
