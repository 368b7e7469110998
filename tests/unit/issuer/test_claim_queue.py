"""How many wait, and for how long: told to a learner on her claim page, and to whoever watches the service."""

from collections.abc import AsyncIterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta

import httpx
import pytest

from issuer.domain.award import Accepted, Award, Exchange, Invited, Issued, Offered, SentCredential, State
from issuer.domain.claim import claim_digest
from issuer.domain.organisation import Definition, Organisation
from issuer.domain.queue import FRESH, Queue, Wait, queue, wait
from issuer.entry.claim_pages import Claims, claim_router
from issuer.entry.problems import PROBLEMS
from issuer.entry.queue_api import queue_router
from issuer.entry.wait_words import WORDS, wait_in_words
from issuer.main import TEMPLATES
from issuer.use_cases.begin_claim import BeginClaim
from issuer.use_cases.find_claim import FindClaim
from issuer.use_cases.look_up import LookUp
from issuer.use_cases.tell_wait import TellWait
from shared.web.app import create_app
from shared.web.pages import Pages
from tests.support.claim_queue import FakeWork, MemoryClaimCounts
from tests.support.fakes import MemoryApiKeys
from tests.support.issuer import (
    DID,
    ORG,
    SECRET,
    FakeAgent,
    FakeClock,
    MemoryRecords,
    batch_of,
    new_id,
    prepared_award,
    published_template,
)

BASE = "http://issuer.example"
EXCHANGE = Exchange("connection", "exchange")
SENT = SentCredential(EXCHANGE, "registry", "1")


class TestNumbers:
    @pytest.mark.parametrize(
        ("people", "told"), [(5, 5), (8, 10), (17, 15), (18, 20), (24, 20), (43, 40), (196, 200)]
    )
    def test_who_waits_is_told_a_round_number(self, people: int, told: int) -> None:
        assert wait(Queue(people, served=60)) == Wait(told, people)

    @pytest.mark.parametrize("people", [0, 4])
    def test_a_few_people_are_no_wait(self, people: int) -> None:
        assert wait(Queue(people, served=1)) is None

    def test_how_long_it_takes_comes_from_the_pace_of_the_last_minute(self) -> None:
        assert Queue(40, served=80).seconds == 30
        assert Queue(40, served=0).seconds is None
        assert Queue(0, served=0).seconds == 0
        assert Queue(40, served=80).minutes == 1
        assert Queue(40, served=0).minutes is None

    def test_while_a_rush_begins_the_last_seconds_count(self) -> None:
        assert Queue(40, served=10, lately=10).seconds == 80
        assert Queue(40, served=60, lately=1).seconds == 40

    def test_whoever_put_it_off_does_not_count_where_nothing_is_left_to_work_off(self) -> None:
        assert queue(30, unworked=0, served=2).waiting == 0
        assert queue(30, unworked=12, served=2).waiting == 12
        assert queue(30, unworked=90, served=2).waiting == 30

    def test_where_nobody_knows_what_is_left_everybody_counts(self) -> None:
        assert queue(30, unworked=None, served=2).waiting == 30


class TestWords:
    @pytest.mark.parametrize("language", list(WORDS))
    def test_they_say_number_and_minutes_and_that_the_place_is_kept(self, language: str) -> None:
        assert WORDS[language].keys() == WORDS["en"].keys()
        said = wait_in_words(Wait(40, 61), language)
        assert "40" in said
        assert "2" in said
        assert WORDS[language]["wait_kept"] in said
        assert wait_in_words(None, language) == ""

    def test_less_than_a_minute_and_what_nobody_knows_have_words_of_their_own(self) -> None:
        assert "less than a minute" in wait_in_words(Wait(5, 60), "en")
        assert "Expected" not in wait_in_words(Wait(5, None), "en")


@dataclass
class Site:
    """A learner's browser, and what the issuer remembers."""

    http: httpx.AsyncClient
    records: MemoryRecords
    clock: FakeClock
    work: FakeWork

    def award(self, state: State, *, ago: float = 0, token: str | None = None) -> Award:
        """Remember an award that came to this state so many seconds ago."""
        template = published_template()
        made = prepared_award(template, batch_of(template))
        digest = claim_digest(token) if token else str(new_id())
        moved = self.clock() - timedelta(seconds=ago)
        award = replace(made, id=new_id(), state=state, updated_at=moved, claim_digest=digest)
        self.records.kept.all_templates[template.id] = template
        self.records.kept.all_awards[award.id] = award
        return award

    def rush(self, people: int, *, ago: float = 10) -> None:
        """So many were invited before, and the agent's events of it wait."""
        for number in range(people):
            self.award(Invited(f"invitation {number}"), ago=ago)
        self.work.left = 3 * people

    async def wait(self, token: str, language: str = "en") -> dict[str, object]:
        answer = await self.http.get(f"/claim/{token}/wait", headers={"Accept-Language": language})
        assert answer.status_code == 200, answer.text
        found: dict[str, object] = answer.json()
        return found


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    records, agent, clock, work = MemoryRecords(), FakeAgent(), FakeClock(), FakeWork()
    async with records.transaction() as tx:
        await tx.add_organisation(Organisation(ORG, "Digital Skills Trust", "KE", DID))
        await tx.save_definition(Definition(ORG, "1.0", "revocable", "schema", "definition"))
    tell_wait = TellWait(MemoryClaimCounts(records), work, clock)
    begin = BeginClaim(records, agent, clock, SECRET)
    claims = Claims(FindClaim(records, clock), begin, LookUp(records), BASE, tell_wait)
    keys = MemoryApiKeys({"reader": {"awards:read"}, "operator": {"organisations:write"}, "none": set()}, ORG)
    app = create_app(
        "Issuer",
        lifespan=lambda _: nullcontext(),  # nothing to start
        routers=[claim_router(claims, Pages(TEMPLATES, product="Ujuzi")), queue_router(tell_wait)],
        ready_checks={},
        find_api_key=keys.find,
        problems=PROBLEMS,
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as http:
        yield Site(http, records, clock, work)


async def test_who_waits_is_told_how_many_are_before_her_and_for_how_long(site: Site) -> None:
    site.rush(41)
    for _ in range(60):
        site.award(Issued(SENT), ago=30)
    site.award(Invited("hers"), ago=5, token="hers")
    site.award(Invited("after her"), ago=1)
    assert await site.wait("hers") == {
        "people": 40,
        "seconds": 41,
        "ask_again_in": 10,
        "words": "People before you: about 40. Expected wait: less than a minute. "
        + WORDS["en"]["wait_kept"],
    }
    assert "المتوقعة" in str((await site.wait("hers", "ar"))["words"])


async def test_with_nobody_to_speak_of_before_her_she_is_told_nothing_and_asks_again(site: Site) -> None:
    site.rush(4)
    site.award(Invited("hers"), token="hers")
    assert await site.wait("hers") == {"people": 0, "seconds": None, "ask_again_in": 15, "words": ""}


async def test_links_opened_long_ago_make_no_queue(site: Site) -> None:
    site.rush(40, ago=FRESH.total_seconds() + 1)
    site.award(Invited("hers"), token="hers")
    assert (await site.wait("hers"))["people"] == 0


@pytest.mark.parametrize("state", [Offered(EXCHANGE), Issued(SENT)])
async def test_where_the_next_step_is_not_the_issuers_there_is_nothing_to_wait_for(
    site: Site, state: State
) -> None:
    site.rush(40)
    site.award(state, token="hers")
    assert await site.wait("hers") == {"people": 0, "seconds": None, "ask_again_in": 0, "words": ""}


async def test_a_credential_asked_for_waits_like_an_invitation(site: Site) -> None:
    for _ in range(20):
        site.award(Accepted(EXCHANGE), ago=10)
        site.award(Accepted(EXCHANGE, SENT), ago=10)
    site.work.left = 100
    site.award(Accepted(EXCHANGE), token="hers")
    assert (await site.wait("hers"))["people"] == 20


async def test_an_unknown_link_has_no_wait(site: Site) -> None:
    assert (await site.http.get("/claim/nobodys/wait")).status_code == 404


async def test_the_page_with_the_invitation_tells_the_wait_and_keeps_asking(site: Site) -> None:
    site.rush(40)
    await _prepared(site)
    page = (await site.http.post("/claim/hers", data={"code": ""}, headers={"Accept-Language": "en"})).text
    assert "People before you: about 40." in page
    assert 'data-url="/claim/hers/wait?lang=en"' in page
    assert '<noscript><p><a href="/claim/hers?lang=en">See how long it takes</a>' in page


async def test_the_claim_page_of_who_waits_reloads_itself_without_scripts(site: Site) -> None:
    site.rush(40)
    site.award(Invited("hers"), token="hers")
    page = (await site.http.get("/claim/hers", headers={"Accept-Language": "fr"})).text
    assert "Personnes avant vous\N{NO-BREAK SPACE}: environ 40." in page
    assert '<noscript><meta http-equiv="refresh" content="7"></noscript>' in page


async def test_without_a_queue_the_pages_say_nothing_of_one(site: Site) -> None:
    await _prepared(site)
    page = (await site.http.get("/claim/hers")).text
    assert 'id="wait"' not in page
    assert "refresh" not in page
    invited = (await site.http.post("/claim/hers", data={"code": ""})).text
    assert 'data-first="15" hidden></p>' in invited


async def test_officers_and_the_operator_see_how_many_wait_and_nobody_else(site: Site) -> None:
    site.rush(40)
    for _ in range(80):
        site.award(Offered(EXCHANGE), ago=30)
    for key, status in (("reader", 200), ("operator", 200), ("none", 403), ("unknown", 401)):
        answer = await site.http.get("/v1/claims/queue", headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == status
        if answer.is_success:
            assert answer.json() == {"waiting": 40, "served_last_minute": 80, "seconds": 30}


async def test_what_holds_for_everybody_is_asked_of_nats_once_in_two_seconds(site: Site) -> None:
    site.rush(40)
    site.award(Invited("hers"), token="hers")
    assert (await site.wait("hers"))["people"] == 40
    site.work.left = 10
    assert (await site.wait("hers"))["people"] == 40
    site.clock.pass_by(seconds=2)
    assert (await site.wait("hers"))["people"] == 10


async def _prepared(site: Site) -> None:
    template = published_template()
    made = prepared_award(template, batch_of(template))
    site.records.kept.all_templates[template.id] = template
    site.records.kept.all_awards[made.id] = replace(made, claim_digest=claim_digest("hers"))
