import asyncio
import gc
import ssl
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from httpcore._async.http11 import AsyncHTTP11Connection

from shared.adapters.guarded_http import (
    MOST_CONNECTIONS,
    FetchFailed,
    FetchRefused,
    FetchTooLarge,
    GuardedClient,
    NotFound,
)
from tests.support.http_server import Answer, http_server
from tests.support.wait import until

HOST = "issuer.ujuzi.test"
_SHORT = 0.05


async def test_a_mapped_host_is_fetched_from_its_base_and_called_by_its_own_name() -> None:
    async with http_server() as server, GuardedClient({HOST: server.url}) as client:
        server.serve("/orgs/x/did.jsonl?a=1", "hello")
        answer = await client.get(f"https://{HOST}/orgs/x/did.jsonl?a=1", accept="text/jsonl")
        assert (answer.status, answer.body, answer.headers["content-type"]) == (
            200,
            b"hello",
            "application/json",
        )
        method, _, headers, _ = server.requests[0]
        assert (method, headers["host"], headers["accept"]) == ("GET", HOST, "text/jsonl")
        assert "cache-control" not in headers
        await client.get(f"https://{HOST}/orgs/x/did.jsonl?a=1", fresh=True)
        assert server.requests[1][2]["cache-control"] == "no-cache"


async def test_the_map_opens_its_host_only_not_the_address_behind_it() -> None:
    async with http_server() as server, GuardedClient({HOST: server.url}) as client:
        for url in (server.url, f"https://127.0.0.1:{server.port}/", f"https://localhost:{server.port}/"):
            with pytest.raises((FetchRefused, FetchFailed)):
                await client.get(url)
        assert server.requests == []


async def test_loopback_is_opened_only_where_allowed() -> None:
    async with http_server() as server:
        server.serve("/", "x")
        async with GuardedClient({}, allow_loopback=True) as client:
            assert (await client.get(server.url)).body == b"x"
        async with GuardedClient({}) as client:
            with pytest.raises(FetchRefused, match="Only https"):
                await client.get(server.url)


async def test_a_foreign_name_that_resolves_to_loopback_is_refused_even_where_loopback_is_allowed() -> None:
    async def rebound(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async with GuardedClient({}, allow_loopback=True, resolve=rebound) as client:
        with pytest.raises(FetchRefused, match=r"evil\.example leads to 127\.0\.0\.1"):
            await client.get("https://evil.example/")


async def test_connections_are_kept_and_one_closed_meanwhile_is_replaced() -> None:
    async with http_server() as server, GuardedClient({HOST: server.url}) as client:
        server.serve("/a", "a")
        for _ in range(3):
            await client.get(f"https://{HOST}/a")
        assert server.connections == 1
        server.hang_up()
        assert (await client.get(f"https://{HOST}/a")).body == b"a"
        assert server.connections == 2


async def test_a_post_is_sent_once_and_its_answer_returned_whatever_it_says() -> None:
    async with http_server() as server, GuardedClient({HOST: server.url}) as client:
        server.answers["/didcomm"] = [
            Answer(status=202),
            Answer(status=500),
            Answer(status=302, headers={"Location": "/x"}),
        ]
        for status in (202, 500, 302):
            assert (
                await client.post(f"https://{HOST}/didcomm", b"abc", {"content-type": "a/b"})
            ).status == status
        method, _, headers, body = server.requests[0]
        assert (method, headers["content-type"], body) == ("POST", "a/b", b"abc")
        server.answers["/gone"] = Answer(hang_up=True)
        with pytest.raises(FetchFailed, match="could not be fetched"):
            await client.post(f"https://{HOST}/gone", b"abc", {})
        assert server.asked("/gone") == 1


@pytest.mark.parametrize("announced", [True, False])
async def test_an_answer_larger_than_allowed_is_cut_off(*, announced: bool) -> None:
    big = b"x" * 300_000
    chunked = b"".join(b"2710\r\n" + big[:10_000] + b"\r\n" for _ in range(30)) + b"0\r\n\r\n"
    async with http_server() as server, GuardedClient({HOST: server.url}, max_bytes=250_000) as client:
        server.answers["/big"] = (
            Answer(big)
            if announced
            else Answer(chunked, headers={"Content-Length": "", "Transfer-Encoding": "chunked"})
        )
        with pytest.raises(FetchTooLarge, match="larger than the 250000 bytes"):
            await client.get(f"https://{HOST}/big")
        assert (await client.get(f"https://{HOST}/big", max_bytes=300_000)).body == big


async def test_a_host_that_stalls_is_given_up_after_the_total_time() -> None:
    async with http_server() as server, GuardedClient({HOST: server.url}, timeout=0.3) as client:
        server.answers["/slow"] = Answer(stall=True)
        started = asyncio.get_running_loop().time()
        with pytest.raises(FetchFailed, match="try again later"):
            await client.get(f"https://{HOST}/slow")
        assert asyncio.get_running_loop().time() - started < 3


@pytest.mark.parametrize("step", ["handle_async_request", "_response_closed"])
@pytest.mark.parametrize("ended_by", ["the time", "the caller"])
async def test_a_fetch_that_ends_between_two_steps_keeps_no_connection_for_ever(
    step: str, ended_by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = getattr(AsyncHTTP11Connection, step)

    async def just_then(connection: AsyncHTTP11Connection, *given: object) -> object:
        if ended_by == "the time":
            time.sleep(_SHORT)  # noqa: ASYNC251  it is over now, and noticed
            await asyncio.sleep(0)  # as soon as the next step waits for anything
        else:
            fetching.cancel()
        return await original(connection, *given)

    async with http_server() as server, GuardedClient({HOST: server.url}, timeout=_SHORT) as client:
        server.answers["/"] = Answer(b"here", headers={"Connection": "close"})
        with monkeypatch.context() as patched:
            patched.setattr(AsyncHTTP11Connection, step, just_then)
            for _ in range(MOST_CONNECTIONS):
                fetching = asyncio.ensure_future(client.get(f"https://{HOST}/"))
                await asyncio.wait([fetching])

        async def fetched() -> bool:
            with suppress(FetchFailed):
                return (await client.get(f"https://{HOST}/")).body == b"here"
            return False

        await until(fetched, 30, "it fetches again")


async def test_a_fetch_its_caller_gave_up_tells_no_log_its_url(caplog: pytest.LogCaptureFixture) -> None:
    async with http_server() as server:
        server.answers["/secret"] = Answer(stall=True)
        async with GuardedClient({HOST: server.url}) as client:
            fetching = asyncio.ensure_future(client.get(f"https://{HOST}/secret"))

            async def asked() -> bool:
                return server.asked("/secret") == 1

            await until(asked, 30, "the host is asked")
            fetching.cancel()
            await asyncio.wait([fetching])
            assert fetching.cancelled()
            server.serve("/here", "here")
            await client.get(f"https://{HOST}/here")  # by then the other has ended
            del fetching
            gc.collect()  # asyncio complains now of what nobody looked at
    assert "/secret" not in caplog.text


async def test_redirects_are_followed_within_a_host_and_refused_beyond_it() -> None:
    async with http_server() as server, GuardedClient({HOST: server.url}) as client:
        server.serve("/here", "here")
        server.answers["/near"] = Answer(status=302, headers={"Location": "/here"})
        server.answers["/round"] = Answer(status=302, headers={"Location": "/round"})
        assert (await client.get(f"https://{HOST}/near")).body == b"here"
        with pytest.raises(FetchRefused, match="redirects more than 3 times"):
            await client.get(f"https://{HOST}/round")
        for away in (
            "https://other.test/",
            "http://169.254.169.254/",
            f"http://{HOST}/here",
            f"https://{HOST}:8443/",
            "//x.test/",
        ):
            server.answers["/away"] = Answer(status=301, headers={"Location": away})
            with pytest.raises(FetchRefused, match="redirects to another host"):
                await client.get(f"https://{HOST}/away")


@pytest.mark.parametrize(
    ("status", "error"), [(404, NotFound), (410, NotFound), (500, FetchFailed), (202, FetchFailed)]
)
async def test_other_answers_are_errors_of_their_kind(status: int, error: type[Exception]) -> None:
    async with http_server() as server, GuardedClient({HOST: server.url}) as client:
        server.answers["/x"] = Answer(status=status)
        with pytest.raises(error, match=str(status)):
            await client.get(f"https://{HOST}/x")


async def test_an_answer_in_an_encoding_not_asked_for_is_refused() -> None:
    async with http_server() as server, GuardedClient({HOST: server.url}) as client:
        server.answers["/zip"] = Answer(b"...", headers={"Content-Encoding": "gzip"})
        with pytest.raises(FetchFailed, match="encoding that was not asked for"):
            await client.get(f"https://{HOST}/zip")
        assert server.requests[0][2]["accept-encoding"] == "identity"


async def test_a_dead_host_is_a_failure_to_try_again() -> None:
    async with http_server() as server:
        url = server.url
    async with GuardedClient({HOST: url}) as client:
        with pytest.raises(FetchFailed, match="Nothing answers"):
            await client.get(f"https://{HOST}/")


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / f"{name}.crt", folder / f"{name}.key"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return files


@pytest.mark.parametrize("name", ["localhost", "other.example"])
async def test_the_certificate_is_checked_against_the_name_and_the_checked_address_is_dialled(
    tmp_path: Path, name: str
) -> None:
    asked: list[str] = []
    crt, key = certificate(tmp_path, name)
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(crt, key)
    shown: list[str | None] = []
    served.sni_callback = lambda _socket, sni, _context: shown.append(sni)
    resolved = 0

    async def resolve(host: str, _port: int) -> Sequence[str]:
        nonlocal resolved
        asked.append(host)
        resolved += 1
        return ["127.0.0.1"] if resolved == 1 else ["10.0.0.1"]

    trusted = ssl.create_default_context(cafile=str(crt))
    async with (
        http_server(served) as server,
        GuardedClient({}, allow_loopback=True, tls=trusted, resolve=resolve) as client,
    ):
        server.serve("/", "secret")
        if name == "localhost":
            assert (await client.get(f"https://localhost:{server.port}/")).body == b"secret"
            assert server.requests[0][2]["host"] == f"localhost:{server.port}"
        else:
            with pytest.raises(FetchFailed, match="could not be fetched"):
                await client.get(f"https://localhost:{server.port}/")
            assert server.requests == []
    assert asked == ["localhost"]
    assert shown == ["localhost"]
