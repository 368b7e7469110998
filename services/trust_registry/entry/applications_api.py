"""Applications under /v1/applications: anybody asks to be listed, follows that by a token, and reviewers decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.trust_registry.domain.application import Application, StateName
from services.trust_registry.domain.evidence import EXTENSIONS
from services.trust_registry.entry.api import Reader, Writer
from services.trust_registry.entry.application_shapes import (
    ApplicationBody,
    ApplicationShown,
    ApprovalBody,
    EntryShown,
    ProofBody,
    RefusalBody,
    SubmittedShown,
    TextBody,
    WholeApplicationShown,
)
from services.trust_registry.errors import ApplicationUnknown
from services.trust_registry.ports import KeepApplications
from services.trust_registry.use_cases.approve_application import ApproveApplication
from services.trust_registry.use_cases.follow_application import FollowApplication
from services.trust_registry.use_cases.review_application import ReviewApplication
from services.trust_registry.use_cases.submit_application import SubmitApplication
from shared.web.pagination import Page, PageQuery, page_of

LINK = HTTPBearer(
    auto_error=False,
    scheme_name="ApplicationToken",
    description="The token of an application, told once when it is made.",
)


@dataclass(frozen=True, kw_only=True)
class ApplicationUseCases:
    """What the routes and pages call. `base_url` is where people reach this service."""

    applications: KeepApplications
    submit: SubmitApplication
    follow: FollowApplication
    review: ReviewApplication
    approve: ApproveApplication
    base_url: str

    def link(self, token: str) -> str:
        """The page behind which an applicant follows her application."""
        return f"{self.base_url}/applications/{token}"

    async def whole(self, application: Application) -> WholeApplicationShown:
        """With its history."""
        entries = await self.applications.entries(application.id)
        return WholeApplicationShown(
            **ApplicationShown.of(application).model_dump(),
            history=[EntryShown.of(entry) for entry in entries],
        )


async def _token(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(LINK)]) -> str:
    if credentials is None:
        raise ApplicationUnknown(
            "expected the application's token as Authorization: Bearer, as it was told when the application was made"
        )
    return credentials.credentials


Token = Annotated[str, Depends(_token)]


def applications_routers(use: ApplicationUseCases) -> Sequence[APIRouter]:
    """Whoever applies, then whoever reviews."""
    return [_applicants(use), _reviewers(use), _deciders(use)]


def _applicants(use: ApplicationUseCases) -> APIRouter:
    router = APIRouter(prefix="/v1/applications", tags=["applications"])

    @router.post("", status_code=201)
    async def apply(body: ApplicationBody) -> SubmittedShown:
        """Ask to be listed. Needs no API key; the token is told here and never again."""
        application, token = await use.submit(body.submitted())
        return SubmittedShown(application=ApplicationShown.of(application), token=token, link=use.link(token))

    @router.get("/mine")
    async def mine(token: Token) -> WholeApplicationShown:
        """How it stands."""
        return await use.whole(await use.follow.find(token))

    @router.post("/mine/challenge")
    async def challenge(token: Token) -> ApplicationShown:
        """Draw a new challenge; the one before counts no more."""
        return ApplicationShown.of(await use.follow.challenge(token))

    @router.post("/mine/proof")
    async def prove(body: ProofBody, token: Token) -> ApplicationShown:
        """Prove that the DID is hers."""
        return ApplicationShown.of(await use.follow.prove(token, body.proof))

    @router.post("/mine/answer")
    async def answer(body: TextBody, token: Token) -> ApplicationShown:
        """Answer what the authority asked."""
        return ApplicationShown.of(await use.follow.answer(token, body.text))

    @router.post("/mine/withdraw")
    async def withdraw(token: Token) -> ApplicationShown:
        """Take it back."""
        return ApplicationShown.of(await use.follow.withdraw(token))

    return router


def _reviewers(use: ApplicationUseCases) -> APIRouter:
    router = APIRouter(prefix="/v1/applications", tags=["applications"])

    @router.get("")
    async def list_applications(
        page: PageQuery, _: Reader, state: Annotated[StateName | None, Query()] = None
    ) -> Page[ApplicationShown]:
        """Applications, oldest first."""
        rows = await use.applications.applications(after=page.after, limit=page.limit + 1, state=state)
        return page_of(rows, page, key=lambda each: each.id, show=ApplicationShown.of)

    @router.get("/{application_id}")
    async def read_application(application_id: str, _: Reader) -> WholeApplicationShown:
        """One application with its history."""
        return await use.whole(await use.applications.application(application_id))

    @router.get("/{application_id}/file", response_class=Response)
    async def read_file(application_id: str, _: Reader) -> Response:
        """The file its applicant brought, to be saved and never shown in place."""
        return await evidence_file(use, application_id)

    return router


def _deciders(use: ApplicationUseCases) -> APIRouter:
    router = APIRouter(prefix="/v1/applications", tags=["applications"])
    review = use.review

    @router.post("/{application_id}/check")
    async def check(application_id: str, caller: Writer) -> ApplicationShown:
        """Fetch and verify the DID's log again."""
        return ApplicationShown.of(await review.check(application_id, actor=caller.who))

    @router.post("/{application_id}/review")
    async def take_up(application_id: str, caller: Writer) -> ApplicationShown:
        """Take it into review."""
        return ApplicationShown.of(await review.take_up(application_id, actor=caller.who))

    @router.post("/{application_id}/ask")
    async def ask(application_id: str, body: TextBody, caller: Writer) -> ApplicationShown:
        """Ask the applicant something."""
        asked = await review.ask(application_id, actor=caller.who, question=body.text)
        return ApplicationShown.of(asked)

    @router.post("/{application_id}/refuse")
    async def refuse(application_id: str, body: RefusalBody, caller: Writer) -> ApplicationShown:
        """Refuse it."""
        refused = await review.refuse(application_id, actor=caller.who, reason=body.reason)
        return ApplicationShown.of(refused)

    @router.post("/{application_id}/approve")
    async def approve(application_id: str, body: ApprovalBody, caller: Writer) -> ApplicationShown:
        """List it within these limits: at once where one person is enough, else as a proposal."""
        approved = await use.approve(
            application_id, body.authorization.grant(), actor=caller.who, reason=body.reason
        )
        return ApplicationShown.of(approved)

    return router


async def evidence_file(use: ApplicationUseCases, application_id: str) -> Response:
    """The file as something to save. Raises ApplicationUnknown."""
    application = await use.applications.application(application_id)
    content, facts = await use.applications.file(application_id), application.evidence.file
    if facts is None:
        raise ApplicationUnknown("there is no file of this application here")
    name = f"evidence-{application.id}.{EXTENSIONS[facts.media_type]}"
    return Response(
        content,
        media_type=facts.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )
