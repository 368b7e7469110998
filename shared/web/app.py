"""What every web API of the exchange starts from."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.middleware import Middleware

from shared.ports.api_keys import FindApiKey
from shared.ports.audit import AuditLog
from shared.ports.idempotency import IdempotentAnswers
from shared.web.api_keys import PROBLEMS as KEY_PROBLEMS
from shared.web.audit import NoteDeeds, audit_router
from shared.web.console_app import PROBLEMS as CONSOLE_PROBLEMS
from shared.web.console_app import ConsoleApp
from shared.web.error_pages import ErrorPages
from shared.web.idempotency import AnswerOnce
from shared.web.limits import LimitBody, SecurityHeaders
from shared.web.metrics import CountRequests, ServeMetrics, told
from shared.web.problems import PROBLEM_RESPONSES, CatchUnhandled, ProblemMap, install
from shared.web.rate_limits import LimitRate, RateLimit
from shared.web.readiness import Check, Checks
from shared.web.start import OnceStarted, Start
from shared.web.tracing import TraceRequests
from shared.web.webhooks import PROBLEMS as WEBHOOK_PROBLEMS
from shared.web.wellformed import WellFormed

DEFAULT_BODY = 1024 * 1024
READY, NOT_READY = 200, 503


class Health(BaseModel):
    """The process lives."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """Each dependency by name: `ok`, or what is wrong with it."""

    status: Literal["ready", "not ready"]
    checks: dict[str, str]


def create_app(
    title: str,
    *,
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]],
    routers: Sequence[APIRouter],
    ready_checks: Mapping[str, Check],
    find_api_key: FindApiKey | None = None,
    idempotent_answers: IdempotentAnswers | None = None,
    problems: ProblemMap | None = None,
    version: str = "0.1.0",
    https: bool = False,
    max_body: int = DEFAULT_BODY,
    max_body_by_path: Mapping[str, int] | None = None,
    rate_limits: Sequence[RateLimit] = (),
    trusted_proxies: Sequence[str] = (),
    audit: AuditLog | None = None,
    console: ConsoleApp | None = None,
    metrics: ServeMetrics | None = None,
    trace_partners: Sequence[str] = (),
) -> FastAPI:
    """An app with problem details (as pages for browsers), security headers, size limits, /health, /ready and /openapi.json.

    `ready_checks` raise when their dependency cannot do its work (`db.check`, `bus.check`, `agent.check`).
    A `lifespan` that waits for a part that is away lets the app serve meanwhile: /health is up, /ready and all else
    answer 503. `https` says that people reach it over https. Sizes are in bytes. `metrics` are told also while it starts.
    With `trace_partners` envelopes that come with a trace go on in it.
    """
    start = Start(lifespan)
    checks = Checks(ready_checks, start)
    layers: list[Middleware] = [
        Middleware(CountRequests),
        Middleware(TraceRequests, partners=bool(trace_partners)),
        Middleware(SecurityHeaders, https=https),
        Middleware(ErrorPages),
        Middleware(CatchUnhandled),
        Middleware(OnceStarted, start=start),
        Middleware(LimitRate, limits=rate_limits, trusted_proxies=trusted_proxies),
        Middleware(LimitBody, default=max_body, by_path=dict(max_body_by_path or {})),
        Middleware(WellFormed),
    ]
    if idempotent_answers is not None:
        layers.append(Middleware(AnswerOnce, answers=idempotent_answers))
    if audit is not None:
        layers.append(Middleware(NoteDeeds, audit=audit))
    app = FastAPI(
        title=title,
        version=version,
        lifespan=start if metrics is None else told(start, metrics.also(checks=checks.measure)),
        middleware=layers,
        docs_url=None,  # its pages load scripts from elsewhere
        redoc_url=None,
        responses=PROBLEM_RESPONSES,
    )
    app.state.find_api_key = find_api_key
    app.state.sessions = None
    install(app, {**CONSOLE_PROBLEMS, **KEY_PROBLEMS, **WEBHOOK_PROBLEMS, **(problems or {})})

    @app.get("/health", tags=["operation"])
    async def health() -> Health:
        """Say that the process lives."""
        return Health()

    @app.get("/ready", tags=["operation"], response_model=Readiness)
    async def ready() -> Any:  # noqa: ANN401 - the model with its status
        """Say of each dependency whether it can do its work; 503 unless all can."""
        outcomes = await checks.outcomes()
        all_ok = all(outcome == "ok" for outcome in outcomes.values())
        return JSONResponse(
            Readiness(status="ready" if all_ok else "not ready", checks=outcomes).model_dump(),
            READY if all_ok else NOT_READY,
        )

    if audit is not None:
        app.include_router(audit_router(audit))
    if console is not None:
        console.install(app)
    for router in routers:
        app.include_router(router)
    return app
