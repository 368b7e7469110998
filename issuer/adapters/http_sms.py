"""Text messages through the HTTP gateway an operator names: any that takes one POST for one message."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, Literal
from urllib.parse import urlencode

from pydantic import JsonValue

from issuer.domain.bounce import without_addresses
from issuer.domain.message import Message
from issuer.domain.sms import sms_size
from issuer.errors import ChannelAway, MessageRefused, NotNow
from issuer.ports import Letter
from shared.adapters.guarded_http import Fetched, FetchError, FetchRefused, GuardedClient
from shared.adapters.outage import Outage

PLACES: Final = ("{to}", "{text}", "{id}", "{sender}")
"""Of telephone number, text, message id (the same in every copy) and organisation in the body's values."""
_PLACE: Final = re.compile("|".join(map(re.escape, PLACES)))
_NOT_LET_IN: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.PAYMENT_REQUIRED})
_LATER: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


@dataclass(frozen=True)
class SmsGateway:
    """`body` is a JSON object whose strings hold PLACES; as a form its values are strings.

    `success` is what an answer must say beside a status from 200 to 299, as `JSON-POINTER=VALUE` (RFC 6901).
    """

    url: str
    body: Mapping[str, JsonValue]
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    format: Literal["json", "form"] = "json"
    success: str | None = None


class HttpSms:
    """The port Carrier. The log says once when the gateway goes and once when it is back."""

    def __init__(self, gateway: SmsGateway, web: GuardedClient) -> None:
        self._gateway = gateway
        self._web = web
        self._outage = Outage("the SMS gateway")

    async def send(self, message: Message, *, to: str, sender: str, letter: Letter) -> int:
        """Hand it to the gateway; returns its segments. Raises ChannelAway, NotNow or MessageRefused."""
        places = {"{to}": to, "{text}": letter.short, "{id}": str(message.id), "{sender}": sender}
        body = _filled(self._gateway.body, places)
        if self._gateway.format == "json":
            content, kind = json.dumps(body).encode(), "application/json"
        else:
            assert isinstance(body, dict)  # noqa: S101 - as given
            content, kind = urlencode(body).encode(), "application/x-www-form-urlencoded"
        headers = {
            **{name.lower(): value for name, value in self._gateway.headers.items()},
            "content-type": kind,
        }
        try:
            answer = await self._web.post(self._gateway.url, content, headers)
            self._let_in(answer)
        except FetchRefused as error:
            self._outage.away("its address is none that may be called")
            raise ChannelAway("The SMS gateway's address is none that may be called.") from error
        except (
            FetchError
        ) as error:  # it may have been taken all the same: counted as a try, so that copies stay few
            self._outage.away("it does not answer")
            raise NotNow("The SMS gateway did not answer.") from error
        except (ChannelAway, NotNow):
            self._outage.away(f"it answers with status {answer.status}")
            raise
        self._outage.back()
        self._judge(answer, to)
        return sms_size(letter.short).segments

    async def rest(self) -> None:
        """Idle connections close by themselves."""

    def _let_in(self, answer: Fetched) -> None:
        if answer.status in _NOT_LET_IN:
            raise ChannelAway(f"The SMS gateway does not let us in (status {answer.status}).")
        if answer.status in _LATER or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise NotNow(f"The SMS gateway answered with status {answer.status}.")

    def _judge(self, answer: Fetched, to: str) -> None:
        if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            said = without_addresses(answer.body[:500].decode("utf-8", "replace"), to, to.lstrip("+"))
            raise MessageRefused(f"The SMS gateway answered with status {answer.status}: {said}")
        if self._gateway.success is None:
            return
        pointer, _, expected = self._gateway.success.partition("=")
        found = _at(pointer, answer.body)
        if found != expected:
            said = "nothing" if found is None else without_addresses(found, to, to.lstrip("+"))
            raise MessageRefused(f"The SMS gateway was to say {expected!r} at {pointer}, it said {said!r}.")


def _filled(template: JsonValue | Mapping[str, JsonValue], places: Mapping[str, str]) -> JsonValue:
    """Put values in place inside strings: a text cannot become anything but text."""
    match template:
        case str():
            return _PLACE.sub(lambda found: places[found.group()], template)
        case Mapping():
            return {name: _filled(value, places) for name, value in template.items()}
        case list():
            return [_filled(value, places) for value in template]
        case _:
            return template


def _at(pointer: str, body: bytes) -> str | None:
    """The value there as text, None if there is none (RFC 6901, without escapes)."""
    try:
        value = json.loads(body)
        for step in pointer.strip("/").split("/"):
            value = value[int(step)] if isinstance(value, list) else value[step]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return None
    return value if isinstance(value, str) else json.dumps(value)
