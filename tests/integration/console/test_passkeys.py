"""Somebody joins by a link, adds a passkey, and signs in with it: in Chromium, with an authenticator of its own."""

from playwright.async_api import expect

from tests.integration.console.conftest import Site
from tests.support.browser import Browser, assert_accessible, authenticator, look


async def test_a_member_joins_by_link_adds_a_passkey_and_signs_in_with_it(
    site: Site, browser: Browser
) -> None:
    page = await browser.open()
    await authenticator(page)
    made = await site.invite()

    await page.goto(made.url)
    assert "#" not in page.url
    await assert_accessible(page)
    await look(page, "join")
    await page.get_by_role("button", name="Go on").click()
    await expect(page.get_by_role("status").first).to_contain_text("your link is used up")
    await assert_accessible(page)
    await look(page, "account-new")
    await page.get_by_role("button", name="Add a passkey").click()
    await expect(page.get_by_text("Passkey, added on")).to_be_visible()
    await look(page, "account")

    await page.get_by_role("button", name="Sign out", exact=True).click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await page.goto(f"{site.url}/console/members")
    await assert_accessible(page)
    await look(page, "sign-in")
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await page.wait_for_url("**/console/members")
    await expect(page.get_by_role("heading", name="Members")).to_be_visible()
    await assert_accessible(page)
    await look(page, "members")
