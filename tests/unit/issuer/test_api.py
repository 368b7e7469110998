"""What the issuer answers over HTTP, to officers and to learners; the use cases run over fakes."""

import base64
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import httpx
import pytest

from issuer.domain.award import Exchange, Issued, SentCredential
from issuer.domain.organisation import Definition, Organisation
from issuer.domain.spreadsheet import MAX_BYTES
from issuer.entry.api import Officer, officer_router
from issuer.entry.awards_api import AwardUses, awards_router
from issuer.entry.batches_api import batches_router
from issuer.entry.claim_pages import Claims, claim_router
from issuer.entry.problems import PROBLEMS
from issuer.main import TEMPLATES
from issuer.use_cases.advance_template import AdvanceTemplate
from issuer.use_cases.begin_claim import BeginClaim
from issuer.use_cases.draft_template import DraftTemplate
from issuer.use_cases.find_awards import FindAwards
from issuer.use_cases.find_claim import FindClaim
from issuer.use_cases.look_up import LookUp
from issuer.use_cases.publish_template import PublishTemplate
from issuer.use_cases.reinstate_award import ReinstateAward
from issuer.use_cases.reissue_award import ReissueAward
from issuer.use_cases.revoke_award import RevokeAward
from issuer.use_cases.revoke_awards import RevokeAwards
from issuer.use_cases.supersede_award import SupersedeAward
from issuer.use_cases.suspend_award import SuspendAward
from issuer.use_cases.tell_wait import TellWait
from shared.ports.audit import AuditEntry, Deed
from shared.web.app import create_app
from shared.web.pages import Pages
from tests.support.batches import batches_over
from tests.support.claim_queue import FakeWork, MemoryClaimCounts
from tests.support.fakes import MemoryApiKeys
from tests.support.issuer import (
    DATA,
    DID,
    ORG,
    SECRET,
    START,
    FakeAgent,
    FakeClock,
    FakePublications,
    MemoryRecords,
    new_id,
    programme,
)
from tests.support.messages import claim_link_of
from tests.support.skills import MemorySkills

if TYPE_CHECKING:
    from issuer.ports import OrderRecords

BASE = "http://issuer.example"
GOOD = (DATA / "graduates.csv").read_bytes()
FAULTY = (DATA / "graduates-faulty.csv").read_bytes()
CSV = {"Content-Type": "text/csv"}
SEEN = {"method": "document", "note": "Her passport, seen at the office."}


class Api:
    """An officer's client, and what is behind the API."""

    def __init__(self, http: httpx.AsyncClient, records: MemoryRecords, agent: FakeAgent) -> None:
        self.http = http
        self.records = records
        self.agent = agent

    async def template(self) -> str:
        made = (await self.http.post("/v1/templates", json=programme())).json()
        await self.http.post(f"/v1/templates/{made['id']}/publish")
        return str(made["id"])

    async def claimed(self, award_id: str, *, reissues: int = 0) -> None:
        """As if a wallet had taken it."""
        sent = SentCredential(Exchange("connection", "exchange"), "registry", "1")
        async with self.records.transaction() as tx:
            (stored,) = [each for each in tx.all_awards.values() if str(each.id) == award_id]
            tx.all_awards[stored.id] = replace(stored, state=Issued(sent), reissues=reissues)

    async def awards(self, **options: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        answer = await self.http.post(
            "/v1/batches", params={"template": await self.template(), **options}, content=GOOD, headers=CSV
        )
        assert answer.status_code == 201, answer.text
        batch = answer.json()
        page = (await self.http.get("/v1/awards", params={"batch": batch["id"]})).json()
        return batch, page["items"]


class NoAudit:
    """Keeps nothing."""

    async def note(self, deed: Deed, outcome: str) -> None:
        del deed, outcome

    async def entries(
        self, *, after: str | None, limit: int, organisation: str | None = None
    ) -> Sequence[AuditEntry]:
        del after, limit, organisation
        return []


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    records, agent, clock = MemoryRecords(), FakeAgent(), FakeClock()
    publications = FakePublications(agent)
    async with records.transaction() as tx:
        await tx.add_organisation(Organisation(ORG, "Digital <Skills> Trust", "KE", DID))
        await tx.save_definition(Definition(ORG, "1.0", "revocable", "schema", "definition"))
    look_up = LookUp(records)
    officer = Officer(
        look_up=look_up,
        draft_template=DraftTemplate(records, new_id, clock),
        publish_template=PublishTemplate(records, publications, MemorySkills(), clock),
        advance_template=AdvanceTemplate(records, new_id, clock),
    )
    revoke = RevokeAward(records, new_id, clock)
    awards = AwardUses(
        find=FindAwards(records),
        revoke=revoke,
        suspend=SuspendAward(records, new_id, clock),
        reinstate=ReinstateAward(records, new_id, clock),
        supersede=SupersedeAward(records, new_id, clock, SECRET),
        reissue=ReissueAward(records, new_id, clock, SECRET),
        revoke_many=RevokeAwards(cast("OrderRecords", records), revoke, new_id, clock),  # asked elsewhere
        audit=NoAudit(),
        clock=clock,
        base_url=BASE,
        secret=SECRET,
    )
    begin = BeginClaim(records, agent, clock, SECRET)
    tell_wait = TellWait(MemoryClaimCounts(records), FakeWork(), clock)
    claims = Claims(FindClaim(records, clock), begin, look_up, BASE, tell_wait)
    keys = MemoryApiKeys({"officer": {"admin"}, "writer": {"awards:write"}, "reader": {"awards:read"}}, ORG)
    app = create_app(
        "Issuer",
        lifespan=lambda _: nullcontext(),  # nothing to start
        routers=[
            officer_router(officer),
            awards_router(awards),
            batches_router(batches_over(records, clock)[0]),
            claim_router(claims, Pages(TEMPLATES, product="Ujuzi")),
        ],
        ready_checks={},
        find_api_key=keys.find,
        problems=PROBLEMS,
        max_body_by_path={"/v1/batches": MAX_BYTES},
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url=BASE, headers={"Authorization": "Bearer officer"}
    ) as http:
        yield Api(http, records, agent)


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["detail"]
    return body


async def test_the_organisation_says_whether_it_can_issue(api: Api) -> None:
    assert (await api.http.get("/v1/organisation")).json()["state"] == "ready"
    async with api.records.transaction() as tx:
        await tx.save_definition(Definition(ORG, "1.0", "revocable"))
    assert (await api.http.get("/v1/organisation")).json()["state"] == "preparing"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/organisation"),
        ("GET", "/v1/templates"),
        ("POST", "/v1/templates"),
        ("GET", "/v1/awards"),
        ("POST", "/v1/batches?template=01980000-0000-7000-8000-000000000000"),
        ("POST", "/v1/awards/01980000-0000-7000-8000-000000000000/revoke"),
        ("POST", "/v1/awards/01980000-0000-7000-8000-000000000000/reissue"),
    ],
)
async def test_every_officers_route_wants_a_key_and_writing_wants_more_than_reading(
    api: Api, method: str, path: str
) -> None:
    problem(await api.http.request(method, path, headers={"Authorization": ""}), 401)
    if method == "POST":
        reader = {"Authorization": "Bearer reader"}
        problem(await api.http.request(method, path, headers=reader, json={}), 403)


class TestTemplates:
    async def test_a_draft_says_what_it_lacks_and_is_not_published_without(self, api: Api) -> None:
        lacking = {name: value for name, value in programme().items() if name not in {"assessment", "levels"}}
        draft = (await api.http.post("/v1/templates", json=lacking)).json()
        assert draft["state"] == "draft"
        assert draft["missing"] == ["level (for instance eqf)", "type of assessment"]
        refused = problem(await api.http.post(f"/v1/templates/{draft['id']}/publish"), 422)
        assert [e["what"] for e in refused["errors"]] == [
            "missing: level (for instance eqf)",
            "missing: type of assessment",
        ]

        redone = await api.http.put(f"/v1/templates/{draft['id']}", json=programme())
        assert redone.json()["missing"] == []
        published = (await api.http.post(f"/v1/templates/{draft['id']}/publish")).json()
        assert published["edition_id"].startswith(f"{DID}/resources/")
        assert (await api.http.get(f"/v1/templates/{draft['id']}")).json() == published
        assert published["template"]["grading"] == {"scale": "percentage", "pass": 60}
        problem(await api.http.put(f"/v1/templates/{draft['id']}", json=programme()), 409)

    async def test_an_unknown_field_or_an_impossible_value_is_refused(self, api: Api) -> None:
        unknown = problem(await api.http.post("/v1/templates", json={**programme(), "fee": 10}), 422)
        assert unknown["errors"][0]["where"] == "body.fee"
        impossible = problem(
            await api.http.post("/v1/templates", json={**programme(), "levels": {"eqf": 9}}), 422
        )
        assert "eqf" in impossible["detail"]

    async def test_all_are_listed_page_by_page(self, api: Api) -> None:
        made = [(await api.http.post("/v1/templates", json=programme())).json()["id"] for _ in range(3)]
        first = (await api.http.get("/v1/templates", params={"limit": 2})).json()
        second = (await api.http.get("/v1/templates", params={"limit": 2, "after": first["next"]})).json()
        assert [t["id"] for t in first["items"] + second["items"]] == made
        assert second["next"] is None
        problem(await api.http.get("/v1/templates", params={"after": "bm90IGFuIGlk"}), 400)

    async def test_it_goes_from_draft_to_retired_and_on_in_a_new_edition(self, api: Api) -> None:
        async def move(template: str, name: str, status: int = 200) -> dict[str, Any]:
            answer = await api.http.post(f"/v1/templates/{template}/{name}")
            assert answer.status_code == status, answer.text
            found: dict[str, Any] = answer.json()
            return found

        first = (await api.http.post("/v1/templates", json=programme())).json()["id"]
        approved = await move(first, "approve")
        assert (approved["state"], approved["approved_by"], approved["author"]) == (
            "approved",
            "key:id",
            "key:id",
        )
        refused = problem(await api.http.put(f"/v1/templates/{first}", json=programme()), 409)
        assert "take it back to draft" in refused["detail"]
        assert (await move(first, "back-to-draft"))["approved_at"] is None
        published = await move(first, "publish")
        begun = await move(first, "new-edition", 201)
        assert (begun["replaces"], begun["programme_id"], begun["state"]) == (first, first, "draft")
        assert (await move(begun["id"], "publish"))["follows"] == published["edition_id"]
        retired = await move(first, "retire")
        assert (retired["state"], retired["edition_id"]) == ("retired", published["edition_id"])
        refused = problem(
            await api.http.post("/v1/batches", params={"template": first}, content=GOOD, headers=CSV), 409
        )
        assert "retired" in refused["detail"]
        editions = (await api.http.get(f"/v1/templates/{begun['id']}/editions")).json()
        assert [(each["id"], each["state"]) for each in editions] == [
            (first, "retired"),
            (begun["id"], "published"),
        ]
        listed = (await api.http.get("/v1/templates", params={"state": "retired"})).json()
        assert [each["id"] for each in listed["items"]] == [first]

    async def test_a_draft_is_deleted_and_a_published_one_is_not(self, api: Api) -> None:
        draft, kept = [
            f"/v1/templates/{(await api.http.post('/v1/templates', json=programme())).json()['id']}"
            for _ in range(2)
        ]
        assert (await api.http.delete(draft)).status_code == 204
        problem(await api.http.get(draft), 404)
        problem(await api.http.delete(draft), 404)
        await api.http.post(f"{kept}/publish")
        refused = problem(await api.http.delete(kept), 409)
        assert "never changes" in refused["detail"]
        assert (await api.http.get(kept)).status_code == 200

    async def test_an_unknown_one_is_not_found(self, api: Api) -> None:
        problem(await api.http.get(f"/v1/templates/{new_id()}"), 404)
        problem(await api.http.post(f"/v1/templates/{new_id()}/publish"), 404)


class TestBatches:
    async def test_a_cohort_becomes_awards(self, api: Api) -> None:
        batch, awards = await api.awards()
        assert (batch["awards"], batch["complaints"], batch["codes"]) == (24, [], None)
        assert len(awards) == 24
        assert awards[0]["claim_url"].startswith(f"{BASE}/claim/")
        shown = (await api.http.get(f"/v1/batches/{batch['id']}")).json()
        assert shown["states"] == {"prepared": 24}

    async def test_a_dry_run_tells_and_stores_nothing(self, api: Api) -> None:
        template = await api.template()
        answer = await api.http.post(
            "/v1/batches", params={"template": template, "dry_run": "true"}, content=FAULTY, headers=CSV
        )
        assert answer.status_code == 200
        assert (answer.json()["id"], answer.json()["would_award"]) == (None, 2)
        assert [(c["row"], c["column"]) for c in answer.json()["complaints"]][:2] == [
            (3, "family_name"),
            (4, "awarded_on"),
        ]
        assert (await api.http.get("/v1/awards")).json()["items"] == []

    async def test_a_faulty_cohort_is_refused_with_every_row_and_column(self, api: Api) -> None:
        template = await api.template()
        answer = await api.http.post(
            "/v1/batches", params={"template": template}, content=FAULTY, headers=CSV
        )
        refused = problem(answer, 422)
        assert "accept_good_rows=true" in refused["detail"]
        assert [c["row"] for c in refused["complaints"]] == list(range(3, 11))
        assert refused["errors"][0]["where"] == "row 3, family_name"
        assert (await api.http.get("/v1/awards")).json()["items"] == []

    async def test_an_unknown_or_unpublished_template_is_a_clear_problem(self, api: Api) -> None:
        async def post(template: object) -> httpx.Response:
            return await api.http.post(
                "/v1/batches", params={"template": str(template)}, content=GOOD, headers=CSV
            )

        draft = (await api.http.post("/v1/templates", json=programme())).json()
        unknown = new_id()
        assert (
            f"There is no template {unknown}; GET /v1/templates"
            in problem(await post(unknown), 404)["detail"]
        )
        assert "is not published yet. POST" in problem(await post(draft["id"]), 409)["detail"]
        assert problem(await post("no id"), 422)["errors"][0]["where"] == "query.template"
        assert (api.records.kept.all_batches, api.records.kept.all_awards) == ({}, {})

    @pytest.mark.parametrize("accept_good_rows", ["false", "true"])
    async def test_missing_and_unknown_columns_are_named_and_nothing_is_stored(
        self, api: Api, accept_good_rows: str
    ) -> None:
        params = {"template": await api.template(), "accept_good_rows": accept_good_rows}
        content = GOOD.replace(b"phone", b"shoe_size", 1)
        refused = problem(
            await api.http.post("/v1/batches", params=params, content=content, headers=CSV), 422
        )
        assert "nothing was stored" in refused["detail"]
        assert [(e["where"], e["what"].partition(".")[0]) for e in refused["errors"]] == [
            ("row 1, shoe_size", "This column is not known"),
            ("row 1, phone", "This column is missing"),
        ]
        assert (api.records.kept.all_batches, api.records.kept.all_awards) == ({}, {})

        dry = await api.http.post(
            "/v1/batches", params=params | {"dry_run": "true"}, content=content, headers=CSV
        )
        assert (dry.status_code, dry.json()["would_award"], len(dry.json()["complaints"])) == (200, 0, 2)

    async def test_another_media_type_and_a_file_too_large_are_refused(self, api: Api) -> None:
        params = {"template": await api.template()}
        problem(await api.http.post("/v1/batches", params=params, json={}), 415)
        large = await api.http.post("/v1/batches", params=params, content=b"x" * (MAX_BYTES + 1), headers=CSV)
        problem(large, 413)


class TestAwards:
    async def test_revoking_wants_a_reason_and_works_once(self, api: Api) -> None:
        _, (award, *_) = await api.awards()
        path = f"/v1/awards/{award['id']}/revoke"
        problem(await api.http.post(path, json={"reason": " "}), 422)
        revoked = (await api.http.post(path, json={"reason": "Entered twice."})).json()
        assert (revoked["state"], revoked["revocation"]["reason"]) == ("revoked", "Entered twice.")
        assert revoked["revocation"]["published_at"] is not None  # no credential was out
        problem(await api.http.post(path, json={"reason": "Entered twice."}), 409)
        problem(await api.http.post(f"/v1/awards/{new_id()}/revoke", json={"reason": "Why."}), 404)

    async def test_a_corrected_award_replaces_the_old_one(self, api: Api) -> None:
        _, (old, *_) = await api.awards()
        path = f"/v1/awards/{old['id']}/supersede"
        refused = await api.http.post(path, json={"reason": "A grade was wrong.", "grade_pct": 30})
        assert "pass mark" in problem(refused, 422)["detail"]
        new = (await api.http.post(path, json={"reason": "A name was wrong.", "given_name": "Aminah"})).json()
        assert (new["given_name"], new["replaces"]) == ("Aminah", old["id"])
        superseded = (await api.http.get(f"/v1/awards/{old['id']}")).json()
        assert (superseded["state"], superseded["superseded_by"]) == ("superseded", new["id"])
        problem(await api.http.post(new["claim_url"].replace("/claim/", "/claim/x"), json={}), 404)

    async def test_an_award_is_issued_again_and_shows_who_checked_whose_identity(self, api: Api) -> None:
        _, (old, *_) = await api.awards()
        path, body = f"/v1/awards/{old['id']}/reissue", {"reason": "lost_phone", "identity_check": SEEN}
        assert "claim link again" in problem(await api.http.post(path, json=body), 409)["detail"]
        await api.claimed(old["id"])
        new = (await api.http.post(path, json=body)).json()
        assert (new["state"], new["replaces"], new["reissues"]) == ("prepared", old["id"], 1)
        assert new["claim_url"] != old["claim_url"]
        assert new["code"]
        shown = (await api.http.get(f"/v1/awards/{new['id']}")).json()
        assert shown["code"] is None
        assert shown["reissue"] == {
            "reason": "lost_phone",
            "text": None,
            "identity_check": {**SEEN, "by": "key:id", "at": "2026-11-21T12:00:00Z"},
        }
        before = (await api.http.get(f"/v1/awards/{old['id']}")).json()
        assert (before["state"], before["superseded_by"]) == ("superseded", new["id"])
        assert before["revocation"]["reason"] == "Issued again to its learner, whose telephone was lost."
        assert (
            f"replaced by the award {new['id']}"
            in problem(await api.http.post(path, json=body), 409)["detail"]
        )

    @pytest.mark.parametrize(
        ("body", "says"),
        [
            ({"reason": "lost_phone"}, "identity_check"),
            ({"reason": "lost_phone", "identity_check": {}}, "identity_check.method"),
            ({"reason": "lost_phone", "identity_check": {"method": "none"}}, "document"),
            ({"reason": "lost_phone", "identity_check": {"method": "other"}}, "the note must say how"),
            (
                {"reason": "other", "identity_check": {"method": "document"}},
                "the text must say what happened",
            ),
            ({"identity_check": {"method": "document"}}, "reason"),
        ],
        ids=["no check", "empty check", "check of no kind", "other check", "other reason", "no reason"],
    )
    async def test_nothing_is_issued_again_without_reason_and_identity_check(
        self, api: Api, body: dict[str, Any], says: str
    ) -> None:
        _, (old, *_) = await api.awards()
        await api.claimed(old["id"])
        refused = problem(await api.http.post(f"/v1/awards/{old['id']}/reissue", json=body), 422)
        assert says in json.dumps(refused["errors"])
        assert (await api.http.get(f"/v1/awards/{old['id']}")).json()["state"] == "issued"

    async def test_only_an_administrator_goes_beyond_the_limit(self, api: Api) -> None:
        _, (old, *_) = await api.awards()
        await api.claimed(old["id"], reissues=3)
        path, body = f"/v1/awards/{old['id']}/reissue", {"reason": "lost_wallet", "identity_check": SEEN}
        assert "3 is the most" in problem(await api.http.post(path, json=body), 409)["detail"]
        writer = {"Authorization": "Bearer writer"}
        beyond = {**body, "beyond_limit": True}
        refused = problem(await api.http.post(path, json=beyond, headers=writer), 403)
        assert "Only a key of scope 'admin'" in refused["detail"]
        assert (await api.http.post(path, json=beyond)).json()["reissues"] == 4

    async def test_awards_of_an_unknown_batch_are_not_found(self, api: Api) -> None:
        problem(await api.http.get("/v1/awards", params={"batch": str(new_id())}), 404)


class TestClaimLinks:
    async def test_the_page_shows_what_waits_and_changes_nothing(self, api: Api) -> None:
        _, awards = await api.awards()
        before = dict(api.records.kept.all_awards)
        page = await api.http.get(awards[0]["claim_url"], headers={"Authorization": ""})
        assert page.status_code == 200
        assert "Data Analytics Foundations" in page.text
        assert "Digital &lt;Skills&gt; Trust" in page.text
        assert "Amina" not in page.text  # whoever opens the link need not learn her name
        assert len(page.content) < 10_000
        assert api.records.kept.all_awards == before

    async def test_the_page_speaks_the_learners_language_in_its_direction(self, api: Api) -> None:
        _, awards = await api.awards()
        french, arabic = awards[1], awards[3]
        assert 'lang="fr"' in (page := (await api.http.get(french["claim_url"])).text)
        assert "Fondements" in page
        assert '<html lang="ar" dir="rtl">' in (await api.http.get(arabic["claim_url"])).text

    async def test_the_reader_may_choose_another_language(self, api: Api) -> None:
        _, (award, *_) = await api.awards()
        assert '<html lang="en"' in (page := (await api.http.get(award["claim_url"])).text)
        assert 'href="?lang=sw"' in page
        phone = await api.http.get(award["claim_url"], headers={"Accept-Language": "pt-BR"})
        assert '<html lang="pt"' in phone.text
        chosen = await api.http.get(award["claim_url"] + "?lang=sw", headers={"Accept-Language": "pt-BR"})
        assert '<html lang="sw"' in chosen.text
        assert '<bdi lang="sw">Misingi' in chosen.text

    async def test_a_link_names_its_last_day_and_says_after_it_what_to_do(self, api: Api) -> None:
        _, (award, *_) = await api.awards()
        kept = api.records.kept.all_awards[UUID(award["id"])]
        url, french = award["claim_url"], {"Accept-Language": "fr"}

        today = START.date()
        api.records.kept.all_claim_links[kept.id] = claim_link_of(kept, until=today)
        assert "sert jusqu&#39;au 21 novembre 2026" in (await api.http.get(url, headers=french)).text

        api.records.kept.all_claim_links[kept.id] = claim_link_of(kept, until=today - timedelta(days=2))
        over = await api.http.get(url, headers=french)
        assert (over.status_code, "<form" in over.text) == (200, False)
        assert "Ce lien ne sert plus" in over.text
        assert "19 novembre 2026" in over.text
        pressed = await api.http.post(url, data={"code": ""}, headers=french)
        assert (pressed.status_code, "Ce lien ne sert plus" in pressed.text) == (410, True)
        assert "The award still waits for you" in problem(await api.http.post(url, json={}), 410)["detail"]

    async def test_a_title_in_another_language_than_the_page_says_so(self, api: Api) -> None:
        _, (award, *_) = await api.awards()
        page = (await api.http.get(award["claim_url"], headers={"Accept-Language": "ar"})).text
        assert '<bdi lang="en">Data Analytics Foundations' in page

    async def test_a_wrong_code_is_told_in_the_readers_language_until_the_link_closes(self, api: Api) -> None:
        _, (award, *_) = await api.awards(codes="true")
        url, french = award["claim_url"], {"Accept-Language": "fr"}
        empty = await api.http.post(url, data={"code": ""}, headers=french)
        assert (empty.status_code, "Saisissez le code" in empty.text) == (403, True)
        for left in (4, 3, 2, 1):
            wrong = await api.http.post(url, data={"code": "nope"}, headers=french)
            assert f"{left}." in wrong.text
            assert 'aria-describedby="problem code-hint"' in wrong.text
            assert 'role="alert" id="problem"' in wrong.text
        last = await api.http.post(url, data={"code": "nope"}, headers=french)
        for closed in (last, await api.http.get(url, headers=french)):
            assert "Ce lien est fermé" in closed.text
            assert "<form" not in closed.text

    async def test_a_page_that_cannot_help_now_says_so_in_the_readers_language(self, api: Api) -> None:
        _, (award, *_) = await api.awards()
        api.agent.silent = True
        page = await api.http.post(award["claim_url"], data={"code": ""}, headers={"Accept-Language": "sw"})
        assert page.status_code == 503
        assert "jaribu tena baada ya dakika moja" in page.text
        assert "Jaribu tena</button>" in page.text

    async def test_a_program_gets_the_invitation_and_a_form_gets_a_page(self, api: Api) -> None:
        _, awards = await api.awards()
        invited = await api.http.post(awards[0]["claim_url"], json={})
        assert set(invited.json()) == {"invitation_url"}
        assert set((await api.http.post(awards[0]["claim_url"])).json()) == {"invitation_url"}
        page = await api.http.post(awards[1]["claim_url"], data={"code": ""})
        assert page.status_code == 200
        assert "<svg" in page.text
        assert "didcomm://invite?oob=invitation" in page.text
        assert (await api.http.get(f"/v1/awards/{awards[1]['id']}")).json()["state"] == "invited"

    async def test_an_unknown_link_is_not_found(self, api: Api) -> None:
        unknown = problem(await api.http.post("/claim/unknown", json={}), 404)
        assert "No award waits behind this link" in unknown["detail"]
        for answer in (await api.http.get("/claim/unknown"), await api.http.post("/claim/unknown", data={})):
            assert answer.status_code == 404
            assert "No award waits behind this link" in answer.text

    async def test_a_link_whose_award_is_issued_is_a_conflict_and_changes_nothing(self, api: Api) -> None:
        _, (award, *_) = await api.awards()
        await api.claimed(award["id"])
        before = dict(api.records.kept.all_awards)
        used = problem(await api.http.post(award["claim_url"], json={}), 409)
        assert "This award was claimed already" in used["detail"]
        page = await api.http.post(award["claim_url"], data={"code": ""})
        assert (page.status_code, "This award was claimed already" in page.text) == (409, True)
        assert api.records.kept.all_awards == before
        assert api.agent.abandoned == []

    async def test_a_link_whose_award_is_revoked_is_a_conflict_in_helpful_words(self, api: Api) -> None:
        _, (award, *_) = await api.awards()
        await api.http.post(f"/v1/awards/{award['id']}/revoke", json={"reason": "Entered twice."})
        refused = problem(await api.http.post(award["claim_url"], json={}), 409)
        assert "no longer given under this link" in refused["detail"]
        page = await api.http.post(award["claim_url"], data={"code": ""})
        assert (page.status_code, "no longer given under this link" in page.text) == (409, True)

    async def test_a_protected_link_wants_its_code_and_closes_after_five_wrong_ones(self, api: Api) -> None:
        batch, (award, other, *_) = await api.awards(codes="true")
        assert "code" in (await api.http.get(award["claim_url"])).text
        problem(await api.http.post(award["claim_url"], json={}), 403)
        assert (await api.http.post(award["claim_url"], data={"code": "nope"})).status_code == 403
        for left in (3, 2, 1, 0):
            wrong = problem(await api.http.post(award["claim_url"], json={"code": "nope"}), 403)
            assert f"{left} attempts left" in wrong["detail"]
        closed = await api.http.post(award["claim_url"], json={"code": batch["codes"][award["id"]]})
        assert "closed" in problem(closed, 403)["detail"]
        right = await api.http.post(other["claim_url"], json={"code": batch["codes"][other["id"]]})
        assert right.status_code == 200

    async def test_a_body_that_is_no_claim_is_refused(self, api: Api) -> None:
        _, (award, *_) = await api.awards()
        for body in ("[]", "{", '{"other": 1}'):
            answer = await api.http.post(
                award["claim_url"], content=body, headers={"Content-Type": "application/json"}
            )
            problem(answer, 422)

    async def test_a_silent_agent_is_a_matter_of_minutes(self, api: Api) -> None:
        _, (award, *_) = await api.awards()
        api.agent.silent = True
        answer = await api.http.post(award["claim_url"], json={})
        problem(answer, 503)
        assert answer.headers["retry-after"]

    async def test_an_invitations_address_explains_itself_in_a_browser(self, api: Api) -> None:
        message = {"@type": "https://didcomm.org/out-of-band/1.1/invitation", "@id": "1"}
        oob = base64.urlsafe_b64encode(json.dumps(message).encode()).decode()
        assert "<svg" in (await api.http.get("/i", params={"oob": oob})).text
        problem(await api.http.get("/i", params={"oob": "bm9uZQ"}), 404)
        assert "issues micro-credentials" in (await api.http.get("/")).text
