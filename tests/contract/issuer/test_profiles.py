"""How organisations show themselves, kept and served on SQLite and on PostgreSQL."""

import io
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from issuer.adapters.sql_records import SqlRecords
from issuer.domain.message import Kind
from issuer.domain.organisation import Organisation
from issuer.domain.profile import Logo, Profile
from issuer.domain.wording import Wording
from tests.contract.issuer.test_tenancy import HERS, ITS, World, world
from tests.support.issuer import START

__all__ = ["world"]
PROFILE: dict[str, Any] = {
    "names": {"fr": "Fondation Umoja", "ar": ""},
    "descriptions": {"en": "We teach."},
    "website": "https://umoja.example",
    "email": "office@umoja.example",
    "phone": "+254 700 000 000",
    "colour": "#0A5F8A",
    "second_person": True,
}
WORDS = {"subject": "For you", "text": "Dear {name},\n\n{link}", "short": "{link}"}
WHICH = {"kind": "claim_link", "language": "fr"}


def picture(colour: str = "red") -> bytes:
    into = io.BytesIO()
    Image.new("RGB", (64, 64), colour).save(into, "PNG")
    return into.getvalue()


async def kept(records: SqlRecords, slug: str = HERS) -> Organisation:
    async with records.reading() as tx:
        found = await tx.organisation(slug)
    assert found is not None
    return found


async def test_a_profile_is_replaced_as_a_whole_and_anothers_stays(world: World) -> None:
    put = await world.ask(HERS, "PUT /v1/organisation/profile", {}, json=PROFILE)
    assert put.status_code == 200, put.text
    shown = (await world.ask(HERS, "GET /v1/organisation/profile", {})).json()
    assert shown == {**PROFILE, "names": {"fr": "Fondation Umoja"}, "colour": "#0a5f8a"} | {
        "name": "Umoja",
        "logo": None,
    }
    assert (await world.ask(HERS, "GET /v1/organisation", {})).json()["second_person"] is True
    assert (await kept(world.records, ITS)).profile == Profile()
    await world.ask(HERS, "PUT /v1/organisation/profile", {}, json={})
    assert await kept(world.records) == replace(
        await kept(world.records), profile=Profile(), second_person=False
    )


async def test_suspending_and_describing_do_not_undo_each_other(world: World) -> None:
    before = await kept(world.records)
    async with world.records.transaction() as tx:
        await tx.save_profile(replace(before, profile=Profile(phone="+254 700 000 000")))
    async with world.records.transaction() as tx:
        await tx.save_organisation(replace(before, suspended_at=START, suspended_because="Why."))
    async with world.records.transaction() as tx:
        await tx.save_profile(replace(before, second_person=True))
    after = await kept(world.records)
    assert (after.suspended_at, after.suspended_because, after.second_person) == (START, "Why.", True)


async def test_what_cannot_be_shown_is_refused_and_changes_nothing(world: World) -> None:
    await world.ask(HERS, "PUT /v1/organisation/profile", {}, json=PROFILE)
    refused = await world.ask(
        HERS, "PUT /v1/organisation/profile", {}, json={"colour": "#ffff00", "website": "ftp://x"}
    )
    assert refused.status_code == 422
    assert [each["where"] for each in refused.json()["errors"]] == ["website", "colour"]
    assert (await kept(world.records)).profile.colour == "#0a5f8a"


async def test_a_logo_is_served_by_its_content_and_nothing_else_is(world: World) -> None:
    put = await world.ask(HERS, "PUT /v1/organisation/logo", {}, content=picture())
    assert put.status_code == 200, put.text
    address = put.json()["logo"]
    served = await world.http.get(address)
    assert (served.status_code, served.headers["content-type"]) == (200, "image/png")
    assert "immutable" in served.headers["cache-control"]
    assert (
        await world.http.get(address, headers={"If-None-Match": served.headers["etag"]})
    ).status_code == 304

    other = await world.ask(HERS, "PUT /v1/organisation/logo", {}, content=picture("blue"))
    assert other.json()["logo"] != address
    assert (await world.http.get(address)).status_code == 404
    for path in ("/logos/..%2f..%2fetc%2fpasswd", "/logos/logo.png", f"{address}.png", "/logos/"):
        assert (await world.http.get(path)).status_code in {404, 422}, path
    dropped = await world.ask(HERS, "DELETE /v1/organisation/logo", {})
    assert dropped.json()["logo"] is None
    assert (await world.http.get(other.json()["logo"])).status_code == 404


async def test_the_same_logo_of_two_organisations_stays_while_one_has_it(world: World) -> None:
    hers = await world.ask(HERS, "PUT /v1/organisation/logo", {}, content=picture())
    its = await world.ask(ITS, "PUT /v1/organisation/logo", {}, content=picture())
    assert hers.json()["logo"] == its.json()["logo"]
    await world.ask(HERS, "DELETE /v1/organisation/logo", {})
    assert (await world.http.get(its.json()["logo"])).status_code == 200


async def test_a_refused_logo_leaves_the_one_there_was(world: World) -> None:
    put = await world.ask(HERS, "PUT /v1/organisation/logo", {}, content=picture())
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"
    refused = await world.ask(HERS, "PUT /v1/organisation/logo", {}, content=svg)
    assert (refused.status_code, "may carry scripts" in refused.json()["detail"]) == (422, True)
    assert (await world.ask(HERS, "GET /v1/organisation/profile", {})).json()["logo"] == put.json()["logo"]


async def test_own_words_are_kept_by_kind_and_language_and_given_up(world: World) -> None:
    put = await world.ask(HERS, "PUT /v1/organisation/messages", {}, params=WHICH, json=WORDS)
    assert put.status_code == 200, put.text
    listed = (await world.ask(HERS, "GET /v1/organisation/messages", {})).json()
    own = [each for each in listed if each["text"]]
    assert own == [{**WORDS, **WHICH, "placeholders": ["name", "organisation", "programme", "day", "link"]}]
    assert len(listed) == 15
    assert not any(
        each["text"] for each in (await world.ask(ITS, "GET /v1/organisation/messages", {})).json()
    )
    looked = await world.ask(HERS, "POST /v1/organisation/messages/preview", {}, params=WHICH, json=WORDS)
    assert (looked.json()["subject"], looked.json()["segments"]) == ("For you", 1)
    await world.ask(HERS, "PUT /v1/organisation/messages", {}, params=WHICH, json={})
    async with world.records.reading() as tx:
        assert await tx.wordings(HERS) == {}


async def test_words_that_would_harm_are_refused_at_their_field(world: World) -> None:
    for path in ("PUT /v1/organisation/messages", "POST /v1/organisation/messages/preview"):
        refused = await world.ask(HERS, path, {}, params=WHICH, json={**WORDS, "text": "{link} {code}"})
        assert refused.status_code == 422
        assert [each["where"] for each in refused.json()["errors"]] == ["text"]
        assert "never go together" in refused.json()["errors"][0]["what"]
    none = await world.ask(HERS, "PUT /v1/organisation/messages", {}, params={**WHICH, "kind": "x"}, json={})
    assert none.status_code == 422


@pytest.mark.parametrize("kind", list(Kind))
async def test_the_store_keeps_words_and_pictures_as_they_are(world: World, kind: Kind) -> None:
    logo, wording = Logo("ab" * 32, "image/png", bytes(range(256))), Wording("a", "b\n\nc", "d")
    async with world.records.transaction() as tx:
        await tx.save_logo(HERS, logo)
        for each in (Wording("x", "y", "z"), wording):
            await tx.save_wording(HERS, kind, "sw", each)
    async with world.records.reading() as tx:
        assert await tx.logo(logo.digest) == logo
        assert await tx.wording(HERS, kind, "sw") == wording
        assert await tx.wording(ITS, kind, "sw") is None


async def test_the_operator_says_why_and_the_refused_read_it(world: World) -> None:
    done = await world.ask(
        "operator", "POST /v1/organisations/{slug}/suspend", {"slug": HERS}, json={"reason": "Unpaid."}
    )
    assert done.json()["suspended_because"] == "Unpaid."
    refused = await world.ask(HERS, "GET /v1/organisation/profile", {})
    assert (refused.status_code, "The reason given: Unpaid." in refused.json()["detail"]) == (403, True)
    again = await world.ask("operator", "POST /v1/organisations/{slug}/reinstate", {"slug": HERS})
    assert again.json()["suspended_because"] == ""
