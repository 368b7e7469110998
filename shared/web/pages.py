"""Server-rendered pages: one base template, one small style sheet inside it, no scripts, nothing fetched from elsewhere."""

import base64
import hashlib
from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

SHARED_TEMPLATES = Path(__file__).with_name("templates")
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ps", "ur"})


class Pages:
    """A service's pages, in Jinja2 with every value escaped."""

    def __init__(self, templates: Path, *, product: str) -> None:
        """`templates` is the service's folder; `product` stands in every page's title."""
        self._jinja = Environment(
            loader=ChoiceLoader([FileSystemLoader(templates), FileSystemLoader(SHARED_TEMPLATES)]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._product = product
        style = (SHARED_TEMPLATES / "style.css").read_text("utf-8")
        self._style = style
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        self._policy = (
            f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self' data:; form-action 'self'; "
            "frame-ancestors 'none'; base-uri 'none'"
        )

    def show(
        self, request: Request, template: str, *, status: int = 200, lang: str = "en", **facts: object
    ) -> HTMLResponse:
        """Render a template that extends `base.html` and fills its blocks `title` and `main`."""
        html = self._jinja.get_template(template).render(
            **facts,
            request=request,
            product=self._product,
            lang=lang,
            direction="rtl" if lang.partition("-")[0] in RIGHT_TO_LEFT else "ltr",
            style=self._style,
        )
        return HTMLResponse(
            html, status, headers={"Content-Security-Policy": self._policy, "Cache-Control": "no-store"}
        )
