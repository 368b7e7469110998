"""Imports over HTTP: a dry run changes nothing, an import is one proposal, a faulty file is refused whole."""

from typing import Any

from tests.integration.trust.registry import ISSUER, Registry

CSV = f"name_en,country,dids,action,resources,valid_from\r\nTrust,KE,{ISSUER},issue,*,2025-01-01\r\n"


async def imported(registry: Registry, body: str, status: int = 201, **params: Any) -> dict[str, Any]:  # noqa: ANN401 - query parameters
    answer = await registry.admin.post(
        "/v1/imports", content=body, headers={"Content-Type": "text/csv"}, params=params
    )
    assert answer.status_code == status, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def entities(registry: Registry) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await registry.admin.get("/v1/entities")).json()["items"]
    return found


async def test_a_file_is_tried_then_proposed_then_approved(registry: Registry) -> None:
    tried = await imported(registry, CSV, 200, dry_run=True)
    proposals = (await registry.admin.get("/v1/proposals")).json()["items"]
    made = await imported(registry, CSV, reason="the ministry's list")
    waiting = await entities(registry)
    await registry.post(f"/v1/proposals/{made['proposal']['id']}/approve", {}, status=200)

    assert (tried["added"], tried["proposal"], proposals) == (["Trust (KE)", "Trust: issue *"], None, [])
    assert made["proposal"]["reason"] == "the ministry's list"
    assert waiting == []
    [entity] = await entities(registry)
    assert [granted["resources"] for granted in entity["authorizations"]] == [["*"]]
    again = await imported(registry, CSV, 200)
    assert (again["added"], again["changed"], again["unchanged"], again["proposal"]) == ([], [], 2, None)
    exported = await registry.admin.get("/v1/export.csv")
    assert (await imported(registry, exported.text, 200))["unchanged"] == 2
    as_json = (await registry.admin.get("/v1/export.json")).text
    answer = await registry.admin.post(
        "/v1/imports", content=as_json, headers={"Content-Type": "application/json"}
    )
    assert answer.json()["unchanged"] == 2


async def test_an_import_makes_what_its_dry_run_showed_or_nothing(registry: Registry) -> None:
    shown = await imported(registry, CSV, 200, dry_run=True)
    other = await imported(registry, CSV.replace("KE", "UG"), 409, digest=shown["digest"])
    entity = await registry.entity(names={"en": "Another"})
    changed = await imported(registry, CSV, 409, digest=shown["digest"])
    again = await imported(registry, CSV, 200, dry_run=True)
    made = await imported(registry, CSV, digest=again["digest"])

    assert "expected what the dry run showed" in other["detail"]
    assert "expected what the dry run showed" in changed["detail"]
    assert {edit["entity_id"] for edit in made["proposal"]["edits"]} == {entity["id"]}


async def test_a_faulty_file_is_refused_whole_with_row_and_column(registry: Registry) -> None:
    problem = await imported(registry, f"{CSV}Other,Kenya,did:key:z6,,,\r\n", 422)

    [error] = problem["errors"]
    assert error["where"] == "row 3, country"
    assert "two capital letters" in error["what"]
    assert await entities(registry) == []


async def test_another_kind_of_file_is_refused(registry: Registry) -> None:
    other = await registry.admin.post("/v1/imports", content="x", headers={"Content-Type": "text/html"})
    latin = await registry.admin.post("/v1/imports", content=b"\xe9", headers={"Content-Type": "text/csv"})
    large = await registry.admin.post(
        "/v1/imports", content=b"x" * (5 * 1024 * 1024 + 1), headers={"Content-Type": "text/csv"}
    )

    assert (other.status_code, latin.status_code, large.status_code) == (415, 422, 413)
    assert "Expected text in UTF-8" in latin.json()["detail"]
