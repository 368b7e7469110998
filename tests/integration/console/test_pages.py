"""The console's pages in the languages of consoles, on a phone and on a laptop, as people see them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from shared.web.languages import direction_of
from tests.integration.console.conftest import Site, running_site
from tests.support.browser import (
    BY_EVERY_READER,
    Browser,
    assert_accessible,
    authenticator,
    look,
)
from tests.support.nats_server import NatsServer
from tests.support.oidc_server import CLIENT_ID, CLIENT_SECRET, OidcServer, oidc_server


@pytest.fixture
async def provider() -> AsyncIterator[OidcServer]:
    async with oidc_server() as running:
        yield running


@pytest.fixture
async def lite(tmp_path: Path, nats_server: NatsServer, provider: OidcServer) -> AsyncIterator[Site]:
    """A registry on SQLite, with an OpenID provider."""
    settings = {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": CLIENT_SECRET,
    }
    async with running_site(f"sqlite:///{tmp_path}/registry.db", nats_server, **settings) as running:
        yield running


async def looked_at(page: Page, name: str) -> None:
    await look(page, name)
    await assert_accessible(page)


@BY_EVERY_READER
async def test_every_page_is_accessible_and_fits(
    lite: Site, browser: Browser, language: str, width: int
) -> None:
    page = await browser.open(width=width, language=language)
    made = await lite.invite()
    other = await lite.invite("Barakatullah Abdirahman Warsame", "b@example.org", "editor")
    tag = f"{language}-{width}"

    await page.goto(f"{lite.url}/console/members")
    await expect(page.locator("html")).to_have_attribute("dir", direction_of(language))
    await looked_at(page, f"sign-in-{tag}")
    await page.goto(made.url)
    await looked_at(page, f"join-{tag}")
    await page.locator("main form button").click()
    await page.wait_for_url("**/console/account")
    await looked_at(page, f"account-{tag}")
    await page.goto(f"{lite.url}/console")
    await looked_at(page, f"start-{tag}")
    await page.goto(f"{lite.url}/console/members")
    await looked_at(page, f"members-{tag}")
    await page.goto(f"{lite.url}/console/members/{other.member.id}")
    await looked_at(page, f"member-{tag}")
    await page.locator('form[action$="/invitation"] button').click()
    await expect(page.locator("#link")).to_contain_text(f"{lite.url}/join#")
    await looked_at(page, f"invited-{tag}")


async def test_a_member_connects_an_account_elsewhere_and_signs_in_with_it(
    lite: Site, browser: Browser
) -> None:
    page = await browser.open()
    await page.goto((await lite.invite()).url)
    await page.get_by_role("button", name="Go on").click()
    await page.get_by_role("link", name="Use my account at 127.0.0.1").click()
    await expect(page.get_by_text("Account at 127.0.0.1", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Sign out", exact=True).click()
    await page.goto(f"{lite.url}/console/members")
    await page.get_by_role("link", name="Sign in with 127.0.0.1").click()
    await expect(page.get_by_role("heading", name="Members")).to_be_visible()
    deeds = {(entry.who or "").partition(":")[0]: entry for entry in await lite.audit()}
    assert deeds["member"].what == "GET /sign-in/elsewhere/back"


async def test_a_stranger_of_the_provider_is_told_and_stays_out(
    lite: Site, browser: Browser, provider: OidcServer
) -> None:
    provider.subject = "stranger"
    page = await browser.open()
    await page.goto(f"{lite.url}/sign-in")
    await page.get_by_role("link", name="Sign in with 127.0.0.1").click()
    await expect(page.get_by_role("alert")).to_contain_text("not connected with a member here")
    await assert_accessible(page)


async def test_an_authenticator_that_its_owner_does_not_unlock_lets_nobody_in(
    lite: Site, browser: Browser
) -> None:
    page = await browser.open()
    device = await authenticator(page)
    await page.goto((await lite.invite()).url)
    await page.get_by_role("button", name="Go on").click()
    await page.get_by_role("button", name="Add a passkey").click()
    await expect(page.get_by_text("Passkey, added on")).to_be_visible()
    await page.get_by_role("button", name="Sign out", exact=True).click()
    await device.refuse()
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await expect(page.locator("#passkey-status")).to_contain_text("That did not work")


async def test_a_loopback_address_leads_to_the_name_that_passkeys_belong_to(
    lite: Site, browser: Browser
) -> None:
    page = await browser.open()
    await page.goto(f"{lite.url.replace('localhost', '127.0.0.1')}/sign-in?next=/console/members")
    assert page.url == f"{lite.url}/sign-in?next=/console/members"
