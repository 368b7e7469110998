"""`Idempotency-Key` on POST: the same request gets its first answer again, whatever became of the connection.

The stored answer is sealed under a key made from what the caller sent (its Idempotency-Key and its
Authorization, or the cookies of whoever is signed in) and kept nowhere here: the database shows neither what was asked nor what was answered.
"""

import hashlib
import json
from base64 import b64decode, b64encode
from collections import OrderedDict
from contextlib import suppress
from typing import Any

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.ports.errors import Unavailable
from shared.ports.idempotency import Answered, IdempotentAnswers, InProgress, OtherRequest
from shared.web.problems import ProblemError, problem_response, unavailable

HEADER = b"idempotency-key"
LONGEST_KEY = 200
SERVER_ERROR = 500
MOST_OWED = 1000
KEPT_HEADERS = {b"content-type", b"location", b"cache-control", b"link"}


class AnswerOnce:
    """ASGI layer; answers of 500 and above are not kept, so that the request may be tried again.

    What became of a request while the database was away is remembered here and stored when its key comes again.
    """

    def __init__(self, app: ASGIApp, *, answers: IdempotentAnswers) -> None:
        """Wrap the app."""
        self._app = app
        self._answers = answers
        self._owed: OrderedDict[str, bytes | None] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a repeated POST with its first answer; pass everything else on."""
        headers = dict(scope.get("headers", []))
        given = headers.get(HEADER)
        if scope["type"] != "http" or scope["method"] != "POST" or given is None:
            await self._app(scope, receive, send)
            return
        if not 1 <= len(given) <= LONGEST_KEY:
            problem = ProblemError(400, f"Expected an Idempotency-Key of 1 to {LONGEST_KEY} characters.")
            await problem_response(problem)(scope, receive, send)
            return
        try:
            asker = headers.get(b"authorization") or headers.get(b"cookie", b"")
            await self._once(given, asker, scope, receive, send)
        except Unavailable as error:
            await problem_response(unavailable(error))(scope, receive, send)

    async def _once(
        self, given: bytes, authorization: bytes, scope: Scope, receive: Receive, send: Send
    ) -> None:
        body = await _body(receive)
        if body is None:
            return
        key = _digest(b"key", given, authorization)
        where = (scope["path"].encode(), scope.get("query_string", b""))
        asked = _digest(b"request", given, authorization, *where, body)
        box = SecretBox(hashlib.sha256(b"ujuzi answer\0" + given + b"\0" + authorization).digest())
        if key in self._owed:
            await self._settle(key)
        match await self._answers.begin(key, asked):
            case OtherRequest():
                await _refuse(422, "This Idempotency-Key was used for another request: use a new one.")(
                    scope, receive, send
                )
            case InProgress():
                await _refuse(409, "The same request is being carried out now: ask again shortly.", "2")(
                    scope, receive, send
                )
            case Answered(sealed):
                await _replay(box, sealed, send)
            case _:
                await self._first(key, box, body, scope=scope, receive=receive, send=send)

    async def _first(
        self, key: str, box: SecretBox, body: bytes, *, scope: Scope, receive: Receive, send: Send
    ) -> None:
        given_out = False
        start: Message = {}
        chunks: list[bytes] = []

        async def read() -> Message:
            nonlocal given_out
            if given_out:
                return await receive()
            given_out = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def keep(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
            elif message["type"] == "http.response.body":
                chunks.append(message.get("body", b""))

        try:
            await self._app(scope, read, keep)
        except BaseException:
            await self._owe(key, None)
            raise
        answer = b"".join(chunks)
        done = start["status"] < SERVER_ERROR
        await self._owe(key, bytes(box.encrypt(_written(start, answer))) if done else None)
        await send(start)
        await send({"type": "http.response.body", "body": answer})

    async def _owe(self, key: str, sealed: bytes | None) -> None:
        """Store the answer, or that there is none; while that cannot be done, remember it: what was done is done."""
        self._owed[key] = sealed
        while len(self._owed) > MOST_OWED:
            self._owed.popitem(last=False)
        with suppress(Unavailable):
            await self._settle(key)

    async def _settle(self, key: str) -> None:
        sealed = self._owed[key]
        if sealed is None:
            await self._answers.forget(key)
        else:
            await self._answers.finish(key, sealed)
        self._owed.pop(key, None)


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None if the caller went away."""
    chunks = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)


def _refuse(status: int, detail: str, retry_after: str | None = None) -> ASGIApp:
    return problem_response(
        ProblemError(status, detail, headers={"Retry-After": retry_after} if retry_after else None)
    )


async def _replay(box: SecretBox, sealed: bytes, send: Send) -> None:
    try:
        kept: dict[str, Any] = json.loads(box.decrypt(sealed))
    except CryptoError as error:
        raise Unavailable("a kept answer could not be opened") from error
    body = b64decode(kept["body"])
    await send(
        {
            "type": "http.response.start",
            "status": kept["status"],
            "headers": [
                *((name.encode("latin-1"), value.encode("latin-1")) for name, value in kept["headers"]),
                (b"content-length", str(len(body)).encode()),
                (b"idempotency-replayed", b"true"),
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})


def _written(start: Message, body: bytes) -> bytes:
    return json.dumps(
        {
            "status": start["status"],
            "headers": [
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in start["headers"]
                if name.lower() in KEPT_HEADERS
            ],
            "body": b64encode(body).decode(),
        }
    ).encode()


def _digest(*parts: bytes) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8))
        whole.update(part)
    return whole.hexdigest()
