from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.guarded_http import FetchFailed, FetchRefused, GuardedClient, is_public

PRIVATE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1",
    "::", "::1", "fe80::1", "fc00::1", "fd00::1", "ff02::1", "fec0::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_outside_are_public(address: str) -> None:
    assert is_public(ip_address(address))


@given(st.integers(0, 2**32 - 1))
def test_an_ipv4_address_is_judged_alike_however_it_is_wrapped(number: int) -> None:
    plain = is_public(IPv4Address(number))
    for prefix in ("::ffff:0:0", "64:ff9b::"):
        assert is_public(IPv6Address(int(IPv6Address(prefix)) | number)) == plain


@pytest.mark.parametrize("address", PRIVATE)
async def test_a_name_that_leads_inside_is_refused_and_nothing_dialled(address: str) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        assert (host, port) == ("innocent.example", 443)
        return ["1.1.1.1", address]  # one bad address condemns the name

    async with GuardedClient({}, resolve=resolve) as client:
        with pytest.raises(FetchRefused, match=r"innocent\.example leads to .* not a public address"):
            await client.get("https://innocent.example/did.jsonl")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://a.example/", "Only https URLs"),
        ("http://127.0.0.1/", "Only https URLs"),
        ("ftp://a.example/", "A URL like https"),
        ("file:///etc/passwd", "A URL like https"),
        ("https:///nohost", "A URL like https"),
        ("https://user:pw@a.example/", "A URL like https"),
        ("https://a.example\\@b.example/", "is no URL this client opens"),
        ("https://a.example/\r\nX: y", "is no URL this client opens"),
        ("https://ä.example/", "is no URL this client opens"),
        ("https://a.example/" + "x" * 3000, "is no URL this client opens"),
        ("https://a.example:99999/", "is no URL"),
        ("https://[::1/", "is no URL"),
        ("https://127.0.0.1/", "not a public address"),
        ("https://2130706433/", "not a public address"),
        ("https://0x7f.1/", "not a public address"),
        ("https://[::ffff:127.0.0.1]/", "not a public address"),
        ("https://localhost/", "not a public address"),
    ],
)
async def test_urls_that_lead_elsewhere_than_the_open_web_are_refused(url: str, reason: str) -> None:
    async with GuardedClient({}) as client:
        for call in (client.get(url), client.post(url, b"", {})):
            with pytest.raises(FetchRefused, match=reason):
                await call


async def test_a_name_without_an_address_is_a_failure_to_try_again() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        raise OSError(host, port)

    async with GuardedClient({}, resolve=resolve) as client:
        with pytest.raises(FetchFailed, match="could not be resolved; try again later"):
            await client.get("https://a.example/")


@pytest.mark.parametrize("base", ["127.0.0.1:8400", "ftp://127.0.0.1", "http://127.0.0.1?x=1"])
def test_a_host_map_with_a_faulty_base_is_refused_at_once(base: str) -> None:
    with pytest.raises(FetchRefused):
        GuardedClient({"a.test": base})
