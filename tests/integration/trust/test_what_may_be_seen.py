"""From an authority's grant to what a wallet reads in the signed list: whose values a verifier may ask for."""

from shared.adapters.clock import utc_now
from shared.vc.trust_list_form import open_list
from tests.integration.trust.registry import VERIFIER, Registry

MAY_SEE = ["title", "achievement_id", "awarded_dateint"]


async def test_what_may_be_seen_goes_from_the_grant_into_the_signed_list(registry: Registry) -> None:
    entity = await registry.entity(VERIFIER)
    granted = await registry.grant(entity["id"], action="verify", attributes=MAY_SEE)
    plain = await registry.grant(entity["id"], action="verify", resources=["urn:other"])

    assert (granted["attributes"], plain["attributes"]) == (MAY_SEE, [])
    about = await registry.about()
    signed = (await registry.public.get("/lists/demo")).text
    found = open_list(signed, operator_key=about["operator_key"], name="demo", now=utc_now()).entity_of(
        VERIFIER
    )
    assert found is not None
    listed = {one.id: one.attributes for one in found.authorizations}
    assert listed == {granted["id"]: tuple(MAY_SEE), plain["id"]: ()}
    page = (await registry.public.get(f"/organisations/{entity['id']}?lang=fr")).text
    assert "Peut voir" in page
    assert "Date d&#39;attribution" in page


async def test_what_may_be_seen_stands_with_a_permission_to_verify_alone(registry: Registry) -> None:
    entity = await registry.entity(VERIFIER)

    problem = await registry.post(
        f"/v1/entities/{entity['id']}/authorizations",
        {"action": "issue", "resources": ["*"], "valid_from": "2025-01-01", "attributes": ["title"]},
        status=422,
    )

    assert "expected attributes with verify alone" in problem["detail"]
