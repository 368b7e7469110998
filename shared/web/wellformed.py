"""Refuses text that JSON and addresses can carry but databases, signatures and answers cannot."""

import json
from typing import NoReturn

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.problems import ProblemError, problem_response

DEEPEST = 60
"""Levels of nesting in a JSON body."""


class IllFormed(ProblemError):
    """422."""

    def __init__(self, found: str) -> None:
        """`found` says what is wrong."""
        super().__init__(
            422, f"Expected plain text and numbers, found {found}. Remove it and send the request again."
        )


class WellFormed:
    """ASGI layer: no NUL in the address; no NUL, half surrogate pair, NaN, infinity or bottomless nesting in a JSON body.

    What is no JSON at all is passed on: the route says so in its own words.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the app."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 422."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            _check_address(scope)
            if "json" in Headers(scope=scope).get("content-type", "").lower():
                receive = await _checked(receive)
        except IllFormed as error:
            await problem_response(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _check_address(scope: Scope) -> None:
    if "\0" in scope["path"] or b"%00" in scope.get("query_string", b""):
        raise IllFormed("a NUL character in the address")


async def _checked(receive: Receive) -> Receive:
    """Read the whole body and return what gives it out again. Raises IllFormed."""
    messages: list[Message] = []
    while not messages or messages[-1].get("more_body", False):
        messages.append(await receive())
    _check_body(b"".join(message.get("body", b"") for message in messages))
    waiting = iter(messages)

    async def again() -> Message:
        return next(waiting, None) or await receive()

    return again


def _check_body(body: bytes) -> None:
    try:
        value = json.loads(body, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise IllFormed(f"JSON nested more than {DEEPEST} levels deep") from error
    except ValueError:
        return
    _check(value, 0)


def _check(value: object, depth: int) -> None:
    if depth > DEEPEST:
        raise IllFormed(f"JSON nested more than {DEEPEST} levels deep")
    match value:
        case str():
            _check_text(value)
        case dict():
            for name, inner in value.items():
                _check_text(name)
                _check(inner, depth + 1)
        case list():
            for inner in value:
                _check(inner, depth + 1)
        case _:
            return


def _check_text(text: str) -> None:
    if "\0" in text:
        raise IllFormed("a NUL character (\\u0000) in a text")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise IllFormed("half a surrogate pair in a text") from error


def _refuse_constant(constant: str) -> NoReturn:
    raise IllFormed(f"{constant}, which is no JSON number")
