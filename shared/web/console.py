"""The frame of a service's console: navigation by roles, who is signed in, the language, and one message after a change.

A page of a console is one template that extends `console/frame.html` and fills its blocks `title` and `page`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from shared.ports.api_keys import ADMIN, Caller
from shared.ports.members import SignedIn
from shared.web.console_words import WORDS
from shared.web.languages import CHOICE, Words, day_in_words, language_for, moment_in_words
from shared.web.pages import Pages
from shared.web.sessions import Sessions, Shown, same_place

LANGUAGE_COOKIE: Final = "ujuzi-language"
LANGUAGE_SECONDS: Final = 365 * 24 * 3600
SAID_SECONDS: Final = 60
SAID: Final = "said_"
"""Keys of messages begin so; no other text is shown on a cookie's word."""
SAME_ORIGIN: Final = {"Referrer-Policy": "same-origin"}
"""With no-referrer, browsers hide where a form comes from."""


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the console, for those who may `scope`.

    The service's words have its name as `key` and what is done there as `key_more`.
    """

    path: str
    scope: str
    key: str


MEMBERS: Final = Area("/console/members", ADMIN, "members")


class Console:
    """A service's console.

    `words` are the service's own texts in the languages of consoles (English, French, Arabic), among them
    `console_name`, `role_X` and `role_X_more` for each role X, and the texts of each area.
    """

    def __init__(
        self, pages: Pages, sessions: Sessions, *, organisation: str, areas: Sequence[Area], words: Words
    ) -> None:
        """`areas` in the order of the navigation; members come last by themselves."""
        both = {language: {**WORDS[language], **words[language]} for language in WORDS}
        self.sessions = sessions
        self._pages = pages.speaking(both).dressed("console.css")
        self._organisation = organisation
        self._areas = (*areas, MEMBERS)

    def language(self, request: Request) -> str:
        """The language this reader is shown."""
        remembered = request.cookies.get(LANGUAGE_COOKIE, "")
        return language_for(request, remembered=remembered, among=self._pages.words)

    def words(self, request: Request) -> Mapping[str, str]:
        """The console's texts in this reader's language."""
        return self._pages.words[self.language(request)]

    def show(
        self,
        request: Request,
        template: str,
        caller: Caller | None = None,
        *,
        status: int = 200,
        scripts: Sequence[str] = (),
        wrong: str | None = None,
        **facts: object,
    ) -> Response:
        """Render a page; without a caller, one for somebody who is not signed in.

        `wrong` is a sentence on what was refused, shown above the page. Templates also find `csrf` (for forms),
        `areas` (those the caller may use), `caller`, `organisation`, `here`, and `day` and `moment`, which put a time in words.
        """
        if (elsewhere := same_place(request, self.sessions.url)) and request.method == "GET":
            return RedirectResponse(elsewhere, 302)
        language = self.language(request)
        shown: Shown = getattr(request.state, "shown", Shown(self._organisation))
        answer = self._pages.show(
            request,
            template,
            status=status,
            lang=language,
            scripts=scripts,
            modules=(),
            headers=SAME_ORIGIN,
            caching=None,
            style="",
            caller=caller,
            member=caller.member if isinstance(caller, SignedIn) else None,
            csrf=self.sessions.csrf(request),
            areas=[area for area in self._areas if caller and caller.may(area.scope)],
            organisation=shown.name,
            logo=shown.logo,
            here=request.url.path,
            said=self._said(request),
            wrong=wrong,
            day=lambda at: day_in_words(_day_of(at), language),
            moment=lambda at: moment_in_words(at, language),
            **facts,
        )
        if self._said_cookie in request.cookies:
            answer.delete_cookie(self._said_cookie)
        if request.query_params.get(CHOICE) == language:
            answer.set_cookie(
                LANGUAGE_COOKIE,
                language,
                max_age=LANGUAGE_SECONDS,
                samesite="lax",
                httponly=True,
                secure=self.sessions.secure,
            )
        return answer

    def back(self, path: str, said: str | None = None) -> RedirectResponse:
        """Go on to a page after a change; it shows the text `said_…` of this name once."""
        answer = RedirectResponse(path, 303)
        if said:
            answer.set_cookie(
                self._said_cookie,
                SAID + said,
                max_age=SAID_SECONDS,
                samesite="lax",
                httponly=True,
                secure=self.sessions.secure,
            )
        return answer

    @property
    def _said_cookie(self) -> str:
        return f"{self.sessions.cookie}-said"

    def _said(self, request: Request) -> str | None:
        key = request.cookies.get(self._said_cookie, "")
        return self.words(request).get(key) if key.startswith(SAID) else None


def _day_of(at: date) -> date:
    return at.astimezone(UTC).date() if isinstance(at, datetime) else at
