"""What pages of links, offers and awards say in each case, over ports in memory: the browser sees the same as with real exchanges."""

import gzip
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from html import unescape

import httpx
import pytest
from playwright.async_api import expect
from pydantic import JsonValue

from shared.contracts.question_words import MOST_TEXT
from shared.vc.trust_list import Authorization
from shared.vc.wallet_lock import generate_passphrase, wrap
from shared.web.languages import LANGUAGES
from tests.support.browser import BY_EVERY_READER, Browser, seen
from tests.support.open_wallet import COOKIE, hold
from tests.support.wallet_fakes import (
    EDITION,
    EDITION_ID,
    ISSUER,
    NOW,
    REGISTRY,
    MemoryStore,
    a_credential,
    an_offer,
)
from tests.support.wallet_site import Site, running_site
from tests.unit.trust.lists import at, authorization, period, snapshot
from tests.unit.wallet.test_api import AWAY
from tests.unit.wallet.test_invitation import link
from wallet.domain.credential import HeldCredential, StatusListFact
from wallet.domain.inbox import Change
from wallet.domain.offer import OfferState
from wallet.entry.catalogue import WORDS
from wallet.entry.waiting import WAITS
from wallet.use_cases.ask_issuer import MINE, THEIRS
from wallet.use_cases.read_credentials import REVOCATIONS, SUSPENSIONS
from wallet.use_cases.settle_exchanges import SETTLED

MOST_BYTES = 15 * 1024
EN = WORDS["en"]
KEY = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s"


@dataclass
class Visitor:
    """A browser without scripts that has a wallet open; `store` is what is in it."""

    client: httpx.AsyncClient
    site: Site
    wallet_id: str

    @property
    def store(self) -> MemoryStore:
        return self.site.store(self.wallet_id)

    async def sees(self, path: str, status: int = 200) -> str:
        """The page as it reads, without its marks."""
        answer = await self.client.get(path)
        assert answer.status_code == status, answer.text
        return reading(answer)

    async def sends(self, path: str, **fields: str) -> httpx.Response:
        page = await self.client.get("/add")
        csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert csrf, page.text
        return await self.client.post(
            path, data={"csrf": csrf[1], **fields}, headers={"Origin": self.site.url}
        )


def reading(answer: httpx.Response) -> str:
    main = answer.text.partition("<main>")[2].partition("</main>")[0]
    plain = re.sub("[\u2066-\u2069]", "", unescape(re.sub(r"<[^>]+>", " ", main)))
    return re.sub(r"\s+", " ", plain)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with running_site() as running:
        yield running


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened


async def visitor(site: Site, stack: AsyncExitStack, language: str = "en") -> Visitor:
    headers = {"Accept": "text/html", "Accept-Language": language}
    client = await stack.enter_async_context(
        httpx.AsyncClient(base_url=site.url, headers=headers, timeout=30)
    )
    envelope = ENVELOPE
    methods = [{"method": "passphrase", "envelope": envelope}]
    made = await client.post(
        "/session", json={"wallet_key": KEY, "unlock_methods": methods}, headers={"Origin": site.url}
    )
    assert made.status_code == 201, made.text
    return Visitor(client, site, str(made.json()["wallet_id"]))


ENVELOPE = wrap(b"k" * 32, generate_passphrase())


@pytest.fixture
async def she(site: Site, stack: AsyncExitStack) -> Visitor:
    return await visitor(site, stack)


def revocable(credential_id: str = "credential-1", index: int = 1, **changes: str) -> HeldCredential:
    return replace(a_credential(credential_id, **changes), rev_reg_id=REGISTRY, rev_index=index)


def listed(site: Site, *, days: float = 0, revoked: tuple[int, ...] = (0, 0, 0)) -> None:
    site.facts.statuses[REGISTRY] = StatusListFact(NOW - timedelta(minutes=5, days=days), revoked)


def came_over(credential_id: str = "credential-1", **more: JsonValue) -> JsonValue:
    return {"credential_id": credential_id, "connection_id": "connection-1", **more}


def message(content: str, day: str, **more: JsonValue) -> JsonValue:
    return {"connection_id": "connection-1", "content": content, "at": f"{day}T00:00:00+00:00", **more}


# --- a link


async def test_without_a_wallet_a_link_is_kept_for_after_it_is_opened_or_made(site: Site) -> None:
    where = "/i?" + link().partition("?")[2]
    async with httpx.AsyncClient(base_url=site.url, headers={"Accept": "text/html"}) as stranger:
        page = (await stranger.get(where)).text
        ways = [httpx.URL(unescape(one)) for one in re.findall(r'href="(/(?:unlock|new)\?[^"]+)"', page)]
        doors = [unescape((await stranger.get(way)).text) for way in ways]

    assert [(way.path, way.params["next"]) for way in ways] == [("/unlock", where), ("/new", where)]
    assert all(f'data-next="{where}"' in door for door in doors)
    assert f">{site.url}{where}<" in unescape(page)
    assert 'action="/follow"' not in page


async def test_opening_a_link_changes_nothing_and_following_it_waits_for_what_comes(she: Visitor) -> None:
    url = link(label="A school far away")
    await she.sees("/i?" + url.partition("?")[2])
    assert not she.store.connections

    followed = await she.sends("/follow", link=f"  {url}\n")

    assert (followed.status_code, followed.headers["location"]) == (303, "/follow/connection-1")
    waiting = await she.client.get("/follow/connection-1")
    assert "The link calls its sender “A school far away”." in reading(waiting)
    assert waiting.headers["refresh"] == f"{WAITS[0]};url=/follow/connection-1?n=1"
    last = await she.client.get(f"/follow/connection-1?n={len(WAITS)}")
    assert EN["wait_long"] in reading(last)
    assert "refresh" not in last.headers
    she.store.offered["offer-1"] = an_offer()
    arrived = await she.client.get("/follow/connection-1?n=3")
    assert (arrived.status_code, arrived.headers["location"]) == (303, "/offers/offer-1")
    again = await she.sends("/follow", link=url)
    assert again.headers["location"] == "/offers/offer-1"


async def test_of_two_offers_over_one_link_the_open_one_is_shown(she: Visitor) -> None:
    await she.sends("/follow", link=link())
    she.store.offered["new"] = an_offer("new")
    she.store.offered["old"] = an_offer("old", state=OfferState.BROKEN)

    assert (await she.client.get("/follow/connection-1")).headers["location"] == "/offers/new"


@pytest.mark.parametrize(
    ("url", "status", "key"),
    [
        ("not a link", 422, "wrong_link_incomplete"),
        (link()[:-50], 422, "wrong_link_incomplete"),
        (link(services=[]), 422, "wrong_link_refused"),
        (link(services=[AWAY]), 503, "wrong_sender_away"),
    ],
)
async def test_a_link_that_cannot_be_followed_says_what_to_do_and_is_kept(
    she: Visitor, url: str, status: int, key: str
) -> None:
    she.site.facts.unreachable.add(AWAY)

    answer = await she.sends("/follow", link=url)

    assert answer.status_code == status
    assert EN[key] in reading(answer)
    assert f">{url}</textarea>" in unescape(answer.text)


@pytest.mark.parametrize(
    ("oob", "status", "key"),
    [("e30", 422, "wrong_link_refused"), ("%25", 422, "wrong_link_incomplete"), ("", 404, "not_found_more")],
)
async def test_a_landing_page_says_at_once_that_a_link_is_no_good(
    site: Site, oob: str, status: int, key: str
) -> None:
    async with httpx.AsyncClient(base_url=site.url, headers={"Accept": "text/html"}) as stranger:
        page = await stranger.get(f"/i?oob={oob}")

    assert page.status_code == status
    words = {**EN, "not_found_more": "Check that you copied the whole link"}
    assert words[key] in reading(page)
    assert "/unlock" not in page.text


@pytest.mark.parametrize("path", ["/follow/{}", "/offers/{}", "/credentials/{}"])
async def test_what_is_in_anothers_wallet_is_as_if_it_did_not_exist(
    she: Visitor, stack: AsyncExitStack, path: str
) -> None:
    other = await visitor(she.site, stack)
    other.store.held["1"], other.store.offered["1"] = a_credential("1"), an_offer("1")
    await other.store.write_note("connections", "1", {"recipient_keys": []})
    await other.sees("/credentials/1")

    hers, nobodys = [await she.client.get(path.format(one)) for one in ("1", "2")]

    assert hers.status_code == nobodys.status_code == 404
    assert EN["gone_title"] in reading(hers)
    assert reading(hers) == reading(nobodys)
    for change in ("accept", "decline", "seen", "questions"):
        answer = await she.sends(f"{path.format('1')}/{change}", text="?")
        assert answer.status_code in {303, 404}
    assert not other.store.sent
    assert not other.store.written


# --- an offer


async def test_an_offer_is_taken_once_and_followed_until_it_is_in_the_wallet(she: Visitor) -> None:
    she.store.offered["offer-1"] = an_offer()
    page = await she.sees("/offers/offer-1")
    assert "For Amina Wanjiru" in page
    assert "You know your field broadly" in page
    assert "Project work" in page

    first = await she.sends("/offers/offer-1/accept")
    await she.sends("/offers/offer-1/accept")

    assert first.headers["location"] == "/offers/offer-1?n=0"
    assert she.store.sent == [("request", "offer-1")]
    coming = await she.client.get("/offers/offer-1?n=0")
    assert EN["offer_coming_more"] in reading(coming)
    assert coming.headers["refresh"] == f"{WAITS[0]};url=/offers/offer-1?n=1"
    assert EN["home_coming"] in await she.sees("/home")
    she.store.arrive("offer-1")
    stored = await she.client.get("/offers/offer-1?n=4")
    assert stored.headers["location"] == "/credentials/offer-1"
    assert "said_offer_stored" in stored.headers["set-cookie"]
    assert EN["offer_stored"] in await she.sees("/offers/offer-1")


async def test_she_declines_with_a_reason_that_the_issuer_reads(she: Visitor) -> None:
    she.store.offered["offer-1"] = an_offer()

    declined = await she.sends("/offers/offer-1/decline", why="wrong", text="My name is Amani.")

    assert declined.headers["location"] == "/home"
    assert she.store.sent == [("refuse", "Something in it is wrong\nMy name is Amani.")]
    page = await she.sees("/offers/offer-1")
    assert EN["offer_declined_more"] in page
    assert EN["offer_accept"] not in page
    late = await she.sends("/offers/offer-1/accept")
    assert "wrong_offer_moved_on" in late.headers["set-cookie"]


async def test_no_reason_need_be_given(she: Visitor) -> None:
    she.store.offered["offer-1"] = an_offer()

    await she.sends("/offers/offer-1/decline", why="other")

    assert she.store.sent == [("refuse", "The learner declined.")]


async def test_an_exchange_that_broke_off_is_explained(she: Visitor) -> None:
    she.store.offered["offer-1"] = an_offer(state=OfferState.BROKEN)

    assert EN["offer_broken_more"] in await she.sees("/offers/offer-1")


async def test_what_came_and_was_not_what_was_offered_is_named(she: Visitor) -> None:
    she.store.offered["offer-1"] = an_offer()
    await she.sends("/offers/offer-1/accept")
    she.store.arrive("offer-1", family_name="Otieno")

    page = await she.sees("/offers/offer-1?n=2")

    assert EN["offer_differs_more"] in page
    assert f"{EN['offer_differs_in']} Family name" in page
    assert not she.store.held


@pytest.mark.parametrize(
    ("issuers", "key", "why"),
    [
        ([authorization()], "trust_trusted", None),
        ([authorization(period("compromised", at(2026, 5, 1)))], "trust_not_trusted", "compromised"),
        ([authorization(resources=("urn:other",))], "trust_not_trusted", "other_kind"),
        ([authorization(jurisdictions=("UG",))], "trust_not_trusted", "other_country"),
        ([authorization(valid_from=at(2026, 6, 1).date())], "trust_not_trusted", "not_trusted_when_issued"),
        ([authorization(dids=("did:webvh:else",))], "trust_not_listed", None),
    ],
)
async def test_who_offers_is_told_by_the_lists_in_her_language(
    site: Site, stack: AsyncExitStack, issuers: list[Authorization], key: str, why: str | None
) -> None:
    she = await visitor(site, stack, "sw")
    site.app.state.doors.desk.trust.given = [snapshot(*issuers)]
    she.store.offered["offer-1"] = an_offer()

    page = await she.sees("/offers/offer-1")

    words = WORDS["sw"]
    assert words[key] in page
    assert ("Amana ya Ujuzi wa Dijitali" in page) is (key != "trust_not_listed")
    told = {reason for reason in words if reason.startswith("trust_why_") and words[reason] in page}
    assert told == ({f"trust_why_{why}"} if why else set())


async def test_a_giver_that_another_list_disowns_is_warned_of(she: Visitor) -> None:
    stolen = authorization(period("compromised", at(2026, 5, 1)))
    she.site.app.state.doors.desk.trust.given = [snapshot(authorization()), snapshot(stolen)]
    she.store.offered["offer-1"] = an_offer()

    page = await she.sees("/offers/offer-1")

    assert "says not to rely on this organisation" in page


async def test_what_a_careful_person_would_ask_about_is_said(she: Visitor) -> None:
    attributes = {**an_offer().attributes, "awarding_body_id": "did:webvh:else", "achievement_id": "nowhere"}
    she.store.offered["offer-1"] = an_offer(attributes=attributes)

    page = await she.sees("/offers/offer-1")

    assert EN["doubt_no_description"] in page
    assert EN["doubt_other_body"] in page
    assert "European level (EQF) 4" in page


# --- an award


@pytest.mark.parametrize(
    ("index", "word", "key", "said"),
    [
        (0, None, "valid", "The organisation's list is of 5 minutes ago."),
        (1, None, "revoked", EN["worth_revoked_more"]),
        (1, "Wrong <b>person</b>.", "revoked", "It says why: Wrong <b>person</b>."),
        (9, None, "unknown", EN["worth_unknown_more"]),
    ],
)
async def test_what_it_is_worth_is_said_with_its_age_and_the_issuers_reason(
    she: Visitor, index: int, word: str | None, key: str, said: str
) -> None:
    she.store.held["credential-1"] = revocable(index=index)
    listed(she.site, revoked=(0, 1, 0))
    she.store.kept[SETTLED] = {"offer-1": came_over()}
    if word:
        notice: JsonValue = {
            "connection_id": "connection-1",
            "thread_id": f"x::{REGISTRY}::1",
            "comment": word,
        }
        she.store.kept[REVOCATIONS] = {"n": notice}

    page = await she.sees("/credentials/credential-1")

    assert EN[f"worth_{key}"] in page
    assert said in page


async def test_a_suspension_is_told_with_its_day_until_she_has_seen_it(she: Visitor) -> None:
    she.store.held["credential-1"] = revocable()
    listed(she.site, revoked=(0, 1, 0))
    she.store.kept[SETTLED] = {"offer-1": came_over()}
    she.store.kept[SUSPENSIONS] = {
        "n": {
            "connection_id": "connection-1",
            "credential_id": f"{REGISTRY}::1",
            "state": "suspended",
            "reason": "We look into it.",
            "at": "2026-11-19T08:00:00+00:00",
        }
    }

    page = await she.sees("/credentials/credential-1")
    assert "Since 19 November 2026." in page
    assert "We look into it." in page
    assert EN["news_suspended"] in await she.sees("/home")
    await she.sends("/credentials/credential-1/seen")

    home = await she.sees("/home")
    assert EN["news_suspended"] not in home
    assert EN["worth_suspended"] in home


async def test_an_old_list_and_an_end_that_is_near_are_pointed_out(she: Visitor) -> None:
    she.store.held["credential-1"] = revocable(index=0, expiry_dateint="20261224")
    listed(she.site, days=20)

    page = await she.sees("/credentials/credential-1")

    assert "20 days ago" in page
    assert EN["cred_old"] in page
    assert "It is valid only until 24 December 2026." in page
    assert "It is valid only until 24 December 2026." in await she.sees("/home")


async def test_a_corrected_award_leads_to_the_one_before(she: Visitor) -> None:
    she.store.held["offer-2"] = a_credential("offer-2", family_name="Otieno")
    she.store.offered["offer-1"] = an_offer(state=OfferState.STORED)
    she.store.offered["offer-2"] = an_offer("offer-2", state=OfferState.STORED)
    she.store.kept[SETTLED] = {
        "offer-1": came_over(),
        "offer-2": came_over("offer-2", replaced=["offer-1"]),
    }

    assert EN["news_corrected"] in await she.sees("/home")
    corrected = await she.sees("/credentials/offer-2")
    assert EN["cred_earlier"] in corrected
    assert "Family name Wanjiru Otieno" in corrected
    before = await she.sees("/offers/offer-1")

    assert EN["offer_was_replaced"] in before
    assert "Amina Wanjiru" in before


async def test_the_small_print_has_what_programs_compare(she: Visitor) -> None:
    she.store.held["credential-1"] = revocable()

    page = await she.sees("/credentials/credential-1")

    for value in (ISSUER, REGISTRY, EDITION_ID, "20260314", "zTwin1"):
        assert value in page


async def test_what_is_wrong_is_written_once_and_its_answer_is_news(she: Visitor) -> None:
    she.store.held["credential-1"] = a_credential()
    she.store.kept[SETTLED] = {"offer-1": came_over()}

    asked = await she.sends("/credentials/credential-1/questions", matter="name", text="Amani,\r\nnot Amina")
    await she.sends("/credentials/credential-1/questions", matter="name", text="Amani,\r\nnot Amina")

    assert asked.headers["location"] == "/credentials/credential-1#thread"
    assert [content for _, content in she.store.written.values()] == ["My name is wrong\n\nAmani,\nnot Amina"]
    assert EN["own_thread_waits"] in await she.sees("/credentials/credential-1")
    she.store.kept[THEIRS] = {"a": message("We mend it.", "2027-01-01")}
    assert EN["news_answered"] in await she.sees("/home")
    assert "We mend it." in await she.sees("/credentials/credential-1")


async def test_a_message_that_is_too_long_is_refused_and_kept_in_its_field(she: Visitor) -> None:
    she.store.held["credential-1"] = a_credential()
    she.store.kept[SETTLED] = {"offer-1": came_over()}

    answer = await she.sends("/credentials/credential-1/questions", text="x" * (MOST_TEXT + 1))

    assert answer.status_code == 422
    assert EN["wrong_asked"] in reading(answer)
    assert "x" * (MOST_TEXT + 1) in answer.text
    assert not she.store.written


async def test_where_nobody_can_be_written_to_it_is_said_why(she: Visitor) -> None:
    she.store.held["credential-1"] = a_credential()
    assert EN["wrong_asked_out_of_reach"] in await she.sees("/credentials/credential-1")
    answer = await she.sends("/credentials/credential-1/questions", text="?")
    assert "wrong_asked_out_of_reach" in answer.headers["set-cookie"]

    she.store.kept[SETTLED] = {"offer-1": came_over()}
    she.store.kept[MINE] = {str(n): message(str(n), f"2026-01-{n + 1:02}", sent=True) for n in range(10)}
    assert EN["wrong_asked_too_much"] in await she.sees("/credentials/credential-1")
    answer = await she.sends("/credentials/credential-1/questions", text="?")
    assert "wrong_asked_too_much" in answer.headers["set-cookie"]


# --- home


def with_skills(site: Site) -> None:
    """The programme's first two skills get names."""
    one, two = EDITION.edition.skills[:2]
    names = {one: {"en": "analyse data", "sw": "kuchambua data"}, two: {"en": "query a database"}}
    site.facts.editions[EDITION_ID] = replace(EDITION, edition=replace(EDITION.edition, skill_names=names))


async def test_more_than_three_awards_stand_under_their_skills(she: Visitor) -> None:
    with_skills(she.site)
    for n in range(3):
        she.store.held[str(n)] = a_credential(str(n))
    assert "analyse data" not in await she.sees("/home")

    she.store.held["3"] = a_credential("3", achievement_id="nowhere", title="Welding")

    page = await she.sees("/home")
    parts = [EN["home_by_skill"], "analyse data", "query a database", EN["home_no_skill"], "Welding"]
    places = [page.index(part) for part in parts]
    assert places == sorted(places)
    assert page.count("Data Analytics Foundations") == 6


async def test_a_page_that_listens_keeps_no_wallet_open(she: Visitor) -> None:
    used = she.site.app.state.doors.locks.open_wallets.of(she.wallet_id).last_used
    she.site.clock.now += timedelta(minutes=4)
    she.site.app.state.doors.desk.changes.announce(she.wallet_id, Change("offer", "offer-1"))

    told = await she.client.get("/home/events", headers={"Accept": "text/event-stream"})

    assert 'data: "offer"' in told.text
    assert "offer-1" not in told.text
    assert she.site.app.state.doors.locks.open_wallets.of(she.wallet_id).last_used == used
    she.site.clock.now += timedelta(minutes=7)
    locked = await she.client.get("/home/events", headers={"Accept": "text/event-stream"})
    assert locked.status_code == 423


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_is_small(site: Site, stack: AsyncExitStack, language: str) -> None:
    she = await visitor(site, stack, language)
    with_skills(site)
    for n in range(12):
        she.store.held[str(n)] = revocable(str(n))
    she.store.offered["offer-1"] = an_offer()
    she.store.connections["invitation"] = "connection-1"
    await she.store.write_note("connections", "connection-1", {"label": "A school"})

    for path in (
        "/home",
        "/add",
        "/offers/offer-1",
        "/credentials/1",
        "/i?" + link().partition("?")[2],
        "/credentials/none",
    ):
        page = await she.client.get(path)
        assert len(gzip.compress(page.content)) <= MOST_BYTES, path
        assert f'lang="{language}"' in page.text


@BY_EVERY_READER
async def test_each_case_is_readable_by_everybody(
    site: Site, stack: AsyncExitStack, browser: Browser, language: str, width: int
) -> None:
    she = await visitor(site, stack, language)
    site.app.state.doors.desk.trust.given = [snapshot(authorization())]
    with_skills(site)
    for n in range(4):
        she.store.held[str(n)] = revocable(str(n), index=n % 3, expiry_dateint="20261224")
    listed(site, days=20, revoked=(0, 1, 0))
    she.store.kept[SETTLED] = {"offer-1": came_over("1")}
    notice: JsonValue = {
        "connection_id": "connection-1",
        "thread_id": f"x::{REGISTRY}::1",
        "comment": "Wrong person.",
    }
    she.store.kept[REVOCATIONS] = {"n": notice}
    she.store.kept[MINE] = {"m": message("?", "2026-11-01")}
    she.store.kept[THEIRS] = {"t": message("We mend it.", "2026-11-02")}
    she.store.offered["offer-2"] = an_offer(
        "offer-2", cred_def_id="did:webvh:QmElse:else.example/resources/z"
    )
    she.store.offered["offer-3"] = an_offer("offer-3", state=OfferState.BROKEN)
    page = await browser.open(width=width, language=language)
    await hold(page.context, site.url, str(she.client.cookies[COOKIE]))
    shot = f"{language}-{width}"

    for path, name in (
        ("/home", "home-many"),
        ("/credentials/1", "revoked"),
        ("/credentials/0", "expiring"),
        ("/offers/offer-2", "unlisted"),
        ("/offers/offer-3", "broken"),
        ("/credentials/none", "gone"),
    ):
        await page.goto(f"{site.url}{path}")
        for details in await page.locator("main details > summary").all():
            await details.click()
        await seen(page, f"{name}-{shot}")
    await page.goto(f"{site.url}/add")
    await page.locator("#add-link").fill("not a link")
    await page.get_by_role("button", name=WORDS[language]["add_go"]).click()
    await expect(page.get_by_role("alert")).to_have_text(WORDS[language]["wrong_link_incomplete"])
    await seen(page, f"refused-{shot}")
