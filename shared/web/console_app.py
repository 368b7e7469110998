"""A service's console put together: sign-in, members, start page and frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from shared.ports.clock import Clock, NewId
from shared.ports.members import (
    AskProvider,
    CheckPasskeys,
    EmailTaken,
    IdentityTaken,
    KeepMembers,
    LastAdmin,
    LastWayIn,
    LinkSpent,
    MemberUnknown,
    NotAMember,
    Roles,
    SignInRefused,
    Suspended,
)
from shared.web.console import Area, Console
from shared.web.error_pages import prefers_page
from shared.web.languages import Words
from shared.web.manage_members import ManageMembers
from shared.web.members import members_api, members_pages
from shared.web.pages import Pages
from shared.web.problems import ProblemMap, problem_response
from shared.web.sessions import Admit, Sessions, SignInFirst, console_url, sign_in_path
from shared.web.sign_in import SignIn, console_routers

PROBLEMS: Final[ProblemMap] = {
    SignInRefused: 401,
    LinkSpent: 403,
    Suspended: 403,
    MemberUnknown: 404,
    EmailTaken: 409,
    IdentityTaken: 409,
    LastAdmin: 409,
    LastWayIn: 409,
    NotAMember: 422,
}


@dataclass(frozen=True, kw_only=True)
class ConsoleApp:
    """What a web app needs to have a console; `frame` shows a service's own pages in it."""

    sign_in: SignIn
    frame: Console
    manage: ManageMembers

    @property
    def sessions(self) -> Sessions:
        """Who is signed in."""
        return self.sign_in.sessions

    def routers(self) -> Sequence[APIRouter]:
        """Every route but the service's own."""
        return [
            *console_routers(self.sign_in, self.frame),
            *members_pages(self.manage, self.frame),
            members_api(self.manage),
        ]

    def install(self, app: FastAPI) -> None:
        """Let the app know who is signed in, and lead whoever is not to the sign-in page and back."""
        app.state.sessions = self.sessions
        for router in self.routers():
            app.include_router(router)

        async def sign_in_first(request: Request, error: Exception) -> Response:
            assert isinstance(error, SignInFirst)  # noqa: S101 - registered for this class only
            if not prefers_page(request.headers.get("accept", "")):
                return problem_response(error)
            if request.method == "GET":
                return RedirectResponse(sign_in_path(error.back), 303)
            return self.frame.show(request, "console/signed_out.html", status=error.problem.status)

        app.add_exception_handler(SignInFirst, sign_in_first)


def make_console(
    *,
    service: str,
    base_url: str,
    organisation: str,
    members: KeepMembers,
    passkeys: CheckPasskeys,
    provider: AskProvider | None,
    roles: Roles,
    areas: Sequence[Area],
    words: Words,
    pages: Pages,
    new_id: NewId,
    clock: Clock,
    admit: Admit | None = None,
) -> ConsoleApp:
    """Put a console together; `service` is a short word that tells its cookies from those of others on one host.

    `organisation` is named in the frame; with `admit`, a member's own is.
    """
    url = console_url(base_url)
    sessions = Sessions(service=service, url=url, members=members, roles=roles, clock=clock, admit=admit)
    return ConsoleApp(
        sign_in=SignIn(sessions=sessions, passkeys=passkeys, provider=provider),
        frame=Console(pages, sessions, organisation=organisation, areas=areas, words=words),
        manage=ManageMembers(members=members, roles=roles, url=url, new_id=new_id, clock=clock),
    )
