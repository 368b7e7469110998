"""The people of two organisations at one issuer's console: in Chromium, on a phone, on a laptop, and right to left."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from shared.web.languages import direction_of
from tests.integration.console.issuer_site import FIRST, SECOND, IssuerSite, running_issuer
from tests.support.browser import (
    BY_EVERY_READER,
    PATIENCE_MS,
    Browser,
    assert_accessible,
    authenticator,
    look,
)
from tests.support.nats_server import NatsServer
from tests.support.oidc_server import CLIENT_ID, CLIENT_SECRET, oidc_server

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
async def site(tmp_path: Path, nats_server: NatsServer) -> AsyncIterator[IssuerSite]:
    async with running_issuer(f"sqlite:///{tmp_path}/issuer.db", nats_server) as running:
        yield running


async def seen(page: Page, name: str) -> None:
    await look(page, f"issuer-{name}")
    await assert_accessible(page)


@BY_EVERY_READER
async def test_every_page_is_accessible_and_fits(
    site: IssuerSite, browser: Browser, language: str, width: int
) -> None:
    tag = f"{language}-{width}"
    made = await site.invite(FIRST, "Amina Odhiambo", "amina@example.org", "admin")
    other = await site.invite(FIRST, "Barakatullah Warsame", "b@example.org", "officer")
    page = await site.signed_in(browser, made, width=width, language=language)
    await expect(page.locator("html")).to_have_attribute("dir", direction_of(language))
    await expect(page.locator(".brand")).to_contain_text("Umoja Skills Trust")
    for name in ("", "/keys", "/members", f"/members/{other.member.id}", "/record"):
        await page.goto(f"{site.url}/console{name}")
        await expect(page.locator("h1")).to_be_visible()
        await seen(
            page, f"{name.split('/')[1] if name else 'start'}{'-one' if name.count('/') > 1 else ''}-{tag}"
        )


async def test_an_administrator_sees_her_own_organisation_alone(site: IssuerSite, browser: Browser) -> None:
    hers = await site.signed_in(
        browser, await site.invite(FIRST, "Amina Odhiambo", "amina@example.org", "admin")
    )
    theirs = await site.signed_in(
        browser, await site.invite(SECOND, "Amina Odhiambo", "amina@example.org", "admin")
    )
    await expect(theirs.locator(".brand")).to_contain_text("Elimu kwa Wote")

    await hers.goto(f"{site.url}/console/members")
    await hers.get_by_label("Name").fill("Fatuma Ali")
    await hers.get_by_label("E-mail").fill("fatuma@example.org")
    await expect(hers.get_by_text("Operator", exact=True)).to_have_count(0)
    await hers.get_by_role("checkbox").first.check()
    await hers.locator("main form button").click()
    await expect(hers.locator("#link")).to_contain_text(f"{site.url}/join#")
    await hers.goto(f"{site.url}/console/members")
    await expect(hers.get_by_text("Fatuma Ali")).to_be_visible()

    await theirs.goto(f"{site.url}/console/members")
    await expect(theirs.get_by_text("amina@example.org")).to_be_visible()
    await expect(theirs.get_by_text("Fatuma Ali")).to_have_count(0)
    await theirs.goto(f"{site.url}/console/record")
    await expect(theirs.get_by_text("/console/members")).to_have_count(0)
    await hers.goto(f"{site.url}/console/record")
    await expect(hers.get_by_text("POST /console/members")).to_be_visible()
    await expect(hers.get_by_text("POST /join")).to_be_visible()


async def test_a_key_made_at_the_console_acts_for_its_organisation(
    site: IssuerSite, browser: Browser
) -> None:
    page = await site.signed_in(
        browser, await site.invite(SECOND, "Baraka Mushi", "baraka@example.org", "admin")
    )
    await page.goto(f"{site.url}/console/keys")
    await page.get_by_label("Name").fill("learning platform")
    await page.get_by_label("Officer").check()
    await page.locator("main form button").last.click()
    key = (await page.locator("#link").inner_text()).strip()
    async with site.program(key) as program:
        assert (await program.get("/v1/organisation")).json()["slug"] == SECOND
        assert (await program.post("/v1/api-keys", json={"name": "x", "role": "admin"})).status_code == 403


async def test_who_is_signed_in_is_shut_out_while_the_organisation_is_suspended(
    site: IssuerSite, browser: Browser
) -> None:
    page = await site.signed_in(
        browser, await site.invite(SECOND, "Baraka Mushi", "baraka@example.org", "admin")
    )
    async with site.program() as operator:
        await operator.post(f"/v1/organisations/{SECOND}/suspend")
        refused = await page.goto(f"{site.url}/console/members")
        assert refused is not None
        assert refused.status == 403
        await operator.post(f"/v1/organisations/{SECOND}/reinstate")
        again = await page.goto(f"{site.url}/console/members")
        assert again is not None
        assert again.status == 200


async def test_a_passkey_lets_its_owner_in_to_her_organisation(site: IssuerSite, browser: Browser) -> None:
    page = await browser.open()
    await authenticator(page)
    await page.goto((await site.invite(SECOND, "Baraka Mushi", "baraka@example.org", "admin")).url)
    await page.locator("main form button").click()
    await page.wait_for_url("**/console/account")
    await page.get_by_role("button", name="passkey").first.click()
    await expect(page.get_by_role("button", name="Remove")).to_be_visible()
    await page.get_by_role("button", name="Sign out", exact=True).click()
    await page.goto(f"{site.url}/console/members")
    await page.get_by_role("button", name="passkey").click()
    await expect(page.get_by_role("heading", name="Members")).to_be_visible()
    await expect(page.locator(".brand")).to_contain_text("Elimu kwa Wote")


async def test_an_account_elsewhere_lets_its_owner_in(
    tmp_path: Path, nats_server: NatsServer, browser: Browser
) -> None:
    async with (
        oidc_server() as provider,
        running_issuer(
            f"sqlite:///{tmp_path}/issuer.db",
            nats_server,
            oidc_issuer=provider.issuer,
            oidc_client_id=CLIENT_ID,
            oidc_client_secret=CLIENT_SECRET,
        ) as site,
    ):
        page = await site.signed_in(
            browser, await site.invite(SECOND, "Baraka Mushi", "baraka@example.org", "admin")
        )
        await page.get_by_role("link", name="Use my account at 127.0.0.1").click()
        await expect(page.get_by_text("Account at 127.0.0.1", exact=True)).to_be_visible()
        await page.get_by_role("button", name="Sign out", exact=True).click()
        await page.goto(f"{site.url}/console/members")
        await page.get_by_role("link", name="Sign in with 127.0.0.1").click()
        await expect(page.locator(".brand")).to_contain_text("Elimu kwa Wote")
