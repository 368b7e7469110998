"""The frame of the learner's pages: the way around, the language, the lock, and one message after a change.

A page is one template that extends `app.html` and fills its blocks `title` and `page`; its texts are in `wallet/entry/catalogue.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from shared.web.console import LANGUAGE_COOKIE, LANGUAGE_SECONDS, SAME_ORIGIN
from shared.web.error_pages import prefers_page
from shared.web.languages import CHOICE, day_in_words, language_for, moment_in_words
from shared.web.pages import Pages
from shared.web.problems import problem_response
from shared.web.sessions import same_place
from shared.web.static_files import StaticFiles
from wallet.entry.browser import Browsers, Visit, unlock_path
from wallet.entry.catalogue import WORDS
from wallet.entry.problems import problem_of
from wallet.errors import NotSignedIn, WalletLocked

SAID_COOKIE: Final = "ujuzi-wallet-said"
SAID_SECONDS: Final = 60
SAID: Final = "said_"
WRONG: Final = "wrong_"
"""Texts that are shown once after a change have keys that begin so: what was done, or why it was not."""


class Frame:
    """Shows the learner's pages; `files` are their scripts and pictures."""

    def __init__(self, pages: Pages, browsers: Browsers, files: StaticFiles) -> None:
        """`pages` know the wallet's templates."""
        self.browsers = browsers
        self.files = files
        self._pages = pages.speaking(WORDS).dressed("app.css")

    def language(self, request: Request) -> str:
        """The language this reader is shown."""
        return language_for(request, remembered=request.cookies.get(LANGUAGE_COOKIE, ""))

    def words(self, request: Request) -> Mapping[str, str]:
        """Every text in this reader's language."""
        return self._pages.words[self.language(request)]

    def show(
        self,
        request: Request,
        template: str,
        visit: Visit | None = None,
        *,
        status: int = 200,
        modules: Sequence[str] = (),
        wrong: str | None = None,
        **facts: object,
    ) -> Response:
        """Render a page; without a visit, one that shows nothing of anybody.

        `modules` are names of scripts; `app.js` comes with every page of an open wallet. `wrong` is a key of the words, shown
        above the page. Templates also find `csrf`, `here`, `file` (the address of a file), and `day` and `moment`, which put a time in words.
        """
        if (elsewhere := same_place(request, self.browsers.origin)) and request.method == "GET":
            return RedirectResponse(elsewhere, 302)
        language, words = self.language(request), self.words(request)
        said = request.cookies.get(SAID_COOKIE, "")
        named = (*(("app.js",) if visit else ("front.js",)), *modules)
        answer = self._pages.show(
            request,
            template,
            status=status,
            lang=language,
            scripts=(),
            modules=[self.files.path(name) for name in named],
            headers=SAME_ORIGIN,
            caching=None,
            style="",
            visit=visit,
            csrf=visit.csrf if visit else "",
            idle=int(visit.doors.idle.total_seconds()) if visit else 0,
            here=request.url.path,
            said=words.get(said) if said.startswith(SAID) else None,
            wrong=words[wrong] if wrong else words.get(said) if said.startswith(WRONG) else None,
            file=self.files.path,
            day=lambda at: day_in_words(at, language),
            moment=lambda at: moment_in_words(at, language),
            **facts,
        )
        if said:
            answer.delete_cookie(SAID_COOKIE)
        if request.query_params.get(CHOICE) == language:
            answer.set_cookie(
                LANGUAGE_COOKIE,
                language,
                max_age=LANGUAGE_SECONDS,
                samesite="lax",
                httponly=True,
                secure=self.browsers.secure,
            )
        return answer

    def back(self, path: str, said: str | None = None) -> RedirectResponse:
        """Go on to a page after a change; it shows the text of this key (`said_…` or `wrong_…`) once."""
        answer = RedirectResponse(path, 303)
        if said:
            assert said.startswith((SAID, WRONG)), said  # noqa: S101 - a key written in our code
            answer.set_cookie(
                SAID_COOKIE,
                said,
                max_age=SAID_SECONDS,
                samesite="lax",
                httponly=True,
                secure=self.browsers.secure,
            )
        return answer

    def install(self, app: FastAPI) -> None:
        """Lead whoever has no wallet open to where one is opened, and back; programs get their problem document as ever."""
        app.state.browsers = self.browsers

        async def unlock_first(request: Request, error: Exception) -> Response:
            if not prefers_page(request.headers.get("accept", "")):
                return problem_response(problem_of(error))
            query = f"?{request.url.query}" if request.url.query else ""
            back = f"{request.url.path}{query}" if request.method == "GET" else "/home"
            answer = RedirectResponse(unlock_path(back), 303)
            self.browsers.forget(answer)
            return answer

        for kind in (NotSignedIn, WalletLocked):
            app.add_exception_handler(kind, unlock_first)
