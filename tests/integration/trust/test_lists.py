"""What anybody may ask about the lists: packed, compared, chained, as JSON."""

import gzip
from typing import Any

import pytest

from tests.integration.trust.registry import ISSUER, Registry


async def asked(registry: Registry, path: str, status: int = 200, **params: Any) -> dict[str, Any]:  # noqa: ANN401 - query parameters
    answer = await registry.public.get(path, params=params)
    assert answer.status_code == status, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def test_a_list_is_packed_for_who_takes_that_and_has_one_name_either_way(registry: Registry) -> None:
    plain = await registry.public.get("/lists/demo", headers={"Accept-Encoding": "identity"})
    refused = await registry.public.get("/lists/demo", headers={"Accept-Encoding": "gzip;q=0"})
    async with registry.public.stream("GET", "/lists/demo", headers={"Accept-Encoding": "gzip"}) as packed:
        body = b"".join([piece async for piece in packed.aiter_raw()])
    again = await registry.public.get("/lists/demo", headers={"If-None-Match": packed.headers["etag"]})

    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in refused.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == plain.content
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"
    assert (again.status_code, again.content) == (304, b"")


async def test_two_lists_are_compared(registry: Registry) -> None:
    entity = await registry.entity()
    granted = await registry.grant(entity["id"])
    await registry.change(granted["id"], "suspend", reason="an inquiry")

    found = await asked(registry, "/v1/lists/demo/changes", **{"from": 1, "to": 4})
    last = await asked(registry, "/v1/lists/demo/changes", **{"from": 3, "to": 4})

    assert [(each["what"], each["before"], each["after"]) for each in found["changes"]] == [
        ("organisation_added", "", "Digital Skills Trust"),
        ("authorization_added", "", f"issue, *, by {ISSUER}, from 2025-01-01"),
        ("status", "granted", "suspended"),
    ]
    [status] = last["changes"]
    assert (status["what"], status["reason"], status["authorization_id"]) == (
        "status",
        "an inquiry",
        granted["id"],
    )
    assert (last["from"], last["to"]) == (3, 4)


async def test_the_chain_of_lists_holds_also_over_a_gap(registry: Registry) -> None:
    await registry.entity()
    await registry.post("/v1/lists/demo/issue", {"number_at_least": 9})

    whole = await asked(registry, "/v1/lists/demo/chain")
    first = await asked(registry, "/v1/lists/demo/chain", limit=2)
    rest = await asked(registry, "/v1/lists/demo/chain", after=first["next"])

    assert [(each["number"], each["holds"]) for each in whole["items"]] == [(1, True), (2, True), (9, True)]
    assert whole["items"][1]["previous"] == whole["items"][0]["digest"]
    assert "numbers 3 to 8 were left out" in whole["items"][2]["why"]
    assert first["items"] + rest["items"] == whole["items"]


async def test_a_list_is_shown_as_the_json_that_was_signed(registry: Registry) -> None:
    await registry.entity()

    content = await asked(registry, "/v1/lists/demo/content", number=2)

    [entity] = content["LoTE"]["TrustedEntitiesList"]
    assert entity["TrustedEntityInformation"]["TECountry"] == "KE"


@pytest.mark.parametrize(
    ("path", "params", "status", "reason"),
    [
        ("/v1/lists/demo/changes", {"from": 1, "to": 7}, 404, "there is no list 'demo' number 7 here"),
        ("/v1/lists/other/changes", {"from": 1, "to": 2}, 404, "there is no list 'other'"),
        ("/v1/lists/demo/changes", {"from": 2, "to": 1}, 422, "Expected `to` after `from`, found 2 and 1"),
        ("/v1/lists/other/chain", {}, 404, "expected the list 'demo', found 'other'"),
        (
            "/v1/lists/demo/chain",
            {"after": "eA"},
            400,
            "Expected `after` to be the `next` of an earlier page",
        ),
    ],
)
async def test_what_is_not_there_is_said_so(
    registry: Registry, path: str, params: dict[str, Any], status: int, reason: str
) -> None:
    problem = await asked(registry, path, status, **params)

    assert reason in problem["detail"]
