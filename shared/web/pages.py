"""Server-rendered pages: one base template, one small style sheet inside it, nothing fetched from elsewhere.

A page works without scripts. Those it names are small files beside the shared templates or the service's own, put inside the page and allowed by
their digests; `modules` are addresses of larger ones that a browser keeps, from this very service.
"""

import base64
import gzip
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from shared.web.languages import CHOICE, ENGLISH, LANGUAGES, Words, direction_of
from shared.web.words import WORDS

SHARED_TEMPLATES: Final = Path(__file__).with_name("templates")
VARY: Final = "Accept-Encoding, Accept-Language"
NOT_MODIFIED: Final = 304


class Pages:
    """A service's pages, in Jinja2 with every value escaped."""

    def __init__(
        self, templates: Path, *, product: str, words: Words = WORDS, styles: Sequence[str] = ("style.css",)
    ) -> None:
        """`templates` is the service's folder; `product` stands in every page's title."""
        self._templates = templates
        self._jinja = Environment(
            loader=ChoiceLoader([FileSystemLoader(templates), FileSystemLoader(SHARED_TEMPLATES)]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._product = product
        self._words = words
        self._styles = styles
        self._style = "".join(map(self._text, styles))

    def speaking(self, words: Words) -> "Pages":
        """Return the same pages with a service's own words beside the shared ones, in the languages of `words`."""
        both = {language: {**self._words[language], **texts} for language, texts in words.items()}
        return Pages(self._templates, product=self._product, words=both, styles=self._styles)

    def dressed(self, style: str) -> "Pages":
        """Return the same pages with one more style sheet, the service's own or a shared one."""
        return Pages(self._templates, product=self._product, words=self._words, styles=[*self._styles, style])

    @property
    def words(self) -> Words:
        """Every text by language."""
        return self._words

    def show(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        lang: str | None = None,
        scripts: Sequence[str] = (),
        modules: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
        caching: str | None = None,
        style: str = "",
        **facts: object,
    ) -> HTMLResponse:
        """Render a template that extends `base.html` and fills its blocks `title` and `main`.

        With `lang` the template finds its texts in `words` and the reader may choose another language; a page
        without is in English only. With `caching`, a Cache-Control, the page is the same for everybody: it has an ETag, and
        whoever has it already gets 304. `style` adds rules of this page's own, never what somebody wrote.
        """
        language = lang or ENGLISH
        code = [self._text(script) for script in scripts]
        html = self._jinja.get_template(template).render(
            **facts,
            request=request,
            product=self._product,
            words=self._words[language],
            lang=language,
            direction=direction_of(language),
            languages=self._choices(request) if lang and request.method == "GET" else (),
            style=Markup(self._style + style),  # noqa: S704 - our own file and rules
            scripts=[Markup(each) for each in code],  # noqa: S704 - our own files
            modules=modules,
        )
        sent = {
            "Content-Security-Policy": self._policy(code, self._style + style, own=bool(modules)),
            "Cache-Control": caching or "no-store",
            **(headers or {}),
        }
        if caching:
            sent["ETag"] = f'W/"{hashlib.sha256(html.encode()).hexdigest()[:32]}"'
            if sent["ETag"] in request.headers.get("if-none-match", ""):
                return HTMLResponse(status_code=NOT_MODIFIED, headers={**sent, "Vary": VARY})
        return compressed(request, HTMLResponse(html, status, headers=sent))

    def _text(self, name: str) -> str:
        own = self._templates / name
        return (own if own.exists() else SHARED_TEMPLATES / name).read_text("utf-8")

    def _choices(self, request: Request) -> list[tuple[str, str, str]]:
        """Each language's tag, name and address of this page in it."""
        return [
            (tag, name, f"?{request.url.include_query_params(**{CHOICE: tag}).query}")
            for tag, name in LANGUAGES.items()
            if tag in self._words
        ]

    def _policy(self, scripts: Sequence[str], style: str, *, own: bool) -> str:
        sources = [*map(_digest, scripts), *(["'self'"] if own else [])]
        allowed = f"; script-src {' '.join(sources)}; connect-src 'self'" if sources else ""
        installed = "; manifest-src 'self'; worker-src 'self'" if own else ""
        return (
            f"default-src 'none'; style-src {_digest(style)}; img-src 'self' data:; form-action 'self'; "
            f"frame-ancestors 'none'; base-uri 'none'{allowed}{installed}"
        )


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def compressed[Answer: Response](request: Request, answer: Answer) -> Answer:
    """Return the answer, made small where the browser can unpack it."""
    answer.headers["Vary"] = VARY
    if "gzip" in request.headers.get("accept-encoding", ""):
        answer.body = gzip.compress(bytes(answer.body))
        answer.headers["Content-Encoding"] = "gzip"
        answer.headers["Content-Length"] = str(len(answer.body))
    return answer
