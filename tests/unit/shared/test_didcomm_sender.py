import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from nats.aio.client import Client

from shared.adapters.didcomm_sender import AT_ONCE, GIVE_UP, LONGEST_WAIT, DidcommSender
from shared.adapters.guarded_http import Fetched, FetchFailed, FetchRefused
from shared.adapters.jetstream import Later, Message, Poison
from shared.contracts.streams import CONTENT_TYPE, ENDPOINT, outbound_subject


@dataclass
class Post:
    """Answers every envelope alike."""

    status: int = 202
    headers: dict[str, str] = field(default_factory=dict)
    error: Exception | None = None
    posted: list[tuple[str, bytes, str]] = field(default_factory=list)

    async def post(self, url: str, content: bytes, headers: Mapping[str, str]) -> Fetched:
        self.posted.append((url, content, headers["content-type"]))
        await asyncio.sleep(0)  # others post meanwhile
        if self.error is not None:
            raise self.error
        return Fetched(self.status, self.headers, b"")


def sender(post: Post) -> DidcommSender:
    return DidcommSender(Client().jetstream(), post)


def message(endpoint: str | None = "https://a.example/didcomm", *, age: timedelta = timedelta(0)) -> Message:
    headers = {CONTENT_TYPE: "application/ssi-agent-wire"} | ({ENDPOINT: endpoint} if endpoint else {})
    subject = outbound_subject(endpoint or "https://a.example")
    return Message(subject, b"envelope", headers, 1, 1, datetime.now(UTC) - age)


async def test_an_envelope_is_posted_as_it_is_to_its_endpoint() -> None:
    post = Post()
    await sender(post).deliver(message())
    assert post.posted == [("https://a.example/didcomm", b"envelope", "application/ssi-agent-wire")]


@pytest.mark.parametrize("status", [400, 401, 404, 410, 413, 415])
async def test_a_refusal_is_final(status: int) -> None:
    with pytest.raises(Poison, match=f"refused the envelope with status {status}"):
        await sender(Post(status)).deliver(message())


@pytest.mark.parametrize("status", [301, 408, 425, 429, 500, 502, 503, 504])
async def test_any_other_answer_is_worth_another_try(status: int) -> None:
    with pytest.raises(Later, match=f"answered {status}"):
        await sender(Post(status)).deliver(message())


@pytest.mark.parametrize(
    ("age", "retry_after", "shortest", "longest"),
    [
        (0, None, 1, 1.2),
        (60, None, 30, 36.5),
        (60, "120", 120, 144),
        (60, "Wed, 21 Oct 2026 07:28:00 GMT", 30, 36.5),
        (40_000, None, LONGEST_WAIT, LONGEST_WAIT * 1.2),
        (0, "999999", LONGEST_WAIT, LONGEST_WAIT * 1.2),
    ],
)
async def test_the_wait_grows_with_the_age_and_heeds_retry_after(
    age: float, retry_after: str | None, shortest: float, longest: float
) -> None:
    post = Post(503, {"retry-after": retry_after} if retry_after else {})
    with pytest.raises(Later) as later:
        await sender(post).deliver(message(age=timedelta(seconds=age)))
    assert shortest <= later.value.seconds <= longest


@pytest.mark.parametrize("post", [Post(503), Post(error=FetchFailed("nothing answers"))])
async def test_an_envelope_is_given_up_before_the_stream_forgets_it(post: Post) -> None:
    with pytest.raises(Poison, match=r"not delivered within 71\.5 hours: the destination"):
        await sender(post).deliver(message(age=GIVE_UP))


async def test_a_destination_that_cannot_be_reached_pauses_for_all_its_envelopes() -> None:
    post = Post(error=FetchFailed("nothing answers"))
    sending = sender(post)
    for _ in range(3):
        with pytest.raises(Later, match="cannot be reached"):
            await sending.deliver(message())
    assert len(post.posted) == 1
    with pytest.raises(Later):
        await sending.deliver(message("https://b.example/didcomm"))
    assert len(post.posted) == 2


async def test_envelopes_that_find_nobody_at_once_make_one_short_pause() -> None:
    post = Post(error=FetchFailed("nothing answers"))
    sending = sender(post)
    found = await asyncio.gather(
        *(sending.deliver(message()) for _ in range(2 * AT_ONCE)), return_exceptions=True
    )
    assert all(isinstance(one, Later) and one.seconds <= 1.5 for one in found)
    assert len(post.posted) <= AT_ONCE


async def test_an_address_that_may_not_be_dialled_is_final() -> None:
    with pytest.raises(Poison, match="not a public address"):
        await sender(Post(error=FetchRefused("it is not a public address"))).deliver(message())


async def test_a_message_without_endpoint_is_final() -> None:
    with pytest.raises(Poison, match="no header Ujuzi-Endpoint"):
        await sender(Post()).deliver(message(None))


def test_endpoints_of_one_origin_share_a_subject() -> None:
    assert outbound_subject("https://A.example/x") == outbound_subject("https://a.example/y")
    assert outbound_subject("https://a.example/x") != outbound_subject("https://a.example:8443/x")
    assert AT_ONCE > 0
