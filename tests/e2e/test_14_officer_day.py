"""A programme officer's Friday and Monday, in a real browser: she describes a programme and publishes it, uploads a faulty cohort,
mends it, sends the links, sees three claimed, corrects one, issues one again, revokes one, and reads her figures."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from services.launcher.adapters.http_graduate import HttpGraduate
from tests.support.browser import LAPTOP, PHONE, READER, Browser, joined, seen
from tests.support.exchange import RunningExchange, running_exchange
from tests.support.smtp_server import PASSWORD, USER, MailServerForTests, running_mail_server
from tests.support.wait import until

COHORT = Path(__file__).parents[1] / "data" / "graduates-faulty.csv"
SECONDS = 60.0
SKILL = "data.europa.eu/esco/skill/"
_LINK = re.compile(r"http://\S+/claim/\S+")


@dataclass
class Office:
    """An exchange whose issuer has a mail server."""

    exchange: RunningExchange
    mail: MailServerForTests

    async def invite(self, name: str, email: str, *roles: str) -> str:
        """A one-time link into the console, as `ujuzi invite` makes it."""
        made = await self.exchange.issuer_api.post(
            "/v1/members", {"name": name, "email": email, "roles": list(roles)}
        )
        return str(made["invitation_url"])

    async def link_to(self, address: str, after: int = 0) -> str:
        """The claim link in the newest mail to an address, once more than `after` have come."""

        def came() -> bool:
            return len(self.mail.to(address)) > after

        await until(came, SECONDS, f"a mail to {address}")
        link = _LINK.search(self.mail.to(address)[-1].text)
        assert link is not None, self.mail.to(address)[-1].text
        return link.group()

    async def claimed_by(self, graduate: HttpGraduate, link: str, code: str | None = None) -> None:
        """The graduate opens her link, with the code she was told, and takes what is offered."""
        begun = await self.exchange.client.post(link, json={"code": code})
        assert begun.status_code == 200, begun.text
        await graduate.take_award(begun.json()["invitation_url"])


@pytest.fixture(scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    home = tmp_path_factory.mktemp("office")
    async with running_mail_server(home) as mail:
        settings = {
            "ISSUER_MAIL_HOST": "127.0.0.1",
            "ISSUER_MAIL_PORT": str(mail.port),
            "ISSUER_MAIL_TLS": "starttls",
            "ISSUER_MAIL_FROM": "awards@umoja.example.org",
            "ISSUER_MAIL_USER": USER,
            "ISSUER_MAIL_PASSWORD": PASSWORD,
            "ISSUER_MAIL_CA_FILE": mail.ca_file,
        }
        async with running_exchange(home / "home", settings=settings) as exchange:
            await exchange.issuer.wait_until_it_can_issue()
            yield Office(exchange, mail)


@dataclass
class Officer:
    """Somebody at her browser; `tag` names her pictures."""

    page: Page
    url: str
    tag: str

    async def go(self, path: str) -> None:
        await self.page.goto(self.url + path)

    async def press(self, form: str) -> None:
        """Send the form that posts to this place (the end of its address)."""
        await self.page.locator(f'main form[action$="{form}"] button').first.click()

    async def seen(self, name: str) -> None:
        await seen(self.page, f"officer-{name}-{self.tag}")


TITLES = {"en": "Community Data Skills", "fr": "Données pour tous", "ar": "مهارات البيانات"}


async def describe(her: Officer, language: str) -> str:
    """Friday morning: a draft with gaps, then whole, seen as the learner will, and published; returns the template's id."""
    page = her.page
    await her.go("/console/programmes/new")
    await page.locator("#language").select_option(language)
    await page.locator(".send button[value=save]").click()
    await page.wait_for_url(re.compile(r"/console/programmes/[0-9a-f-]{36}"))
    await expect(page.locator(".note li").nth(5)).to_be_visible()  # Annex I asks for more than five things
    await her.seen("1-draft")
    await page.locator('a.button[href$="/edit"]').click()
    await page.locator(f"#title_{language}").fill(TITLES[language])
    await page.locator("#awarding_body").fill("Umoja Skills")
    await page.locator("#country").select_option("KE")
    await page.locator("#outcomes").fill("Clean a table of data\nDraw a chart that is true")
    await page.locator("#q").fill("data analysis")
    await page.locator("button[value=find]").click()
    await page.locator(f'input[name=skills][value*="{SKILL}"]').first.check()
    await page.locator("#workload_hours").fill("120")
    await page.locator("#level_eqf").select_option("4")
    await page.locator("#participation").select_option("blended")
    await page.locator("#assessment").select_option("project")
    await page.locator("#grading").select_option("percentage")
    await page.locator("#pass_mark").fill("50")
    await page.locator("#quality_assurance").select_option("institutional")
    await her.seen("2-editor")
    await page.locator(".send button[value=save]").click()
    await expect(page.locator("h1")).to_contain_text(TITLES[language])
    await expect(page.locator(".note li")).to_have_count(0)
    await expect(page.locator(".card.learner")).to_contain_text(TITLES[language])
    await her.seen("3-preview")
    await her.press("/publish")
    await expect(page.locator(".tag.published").first).to_be_visible()
    return urlsplit(page.url).path.rsplit("/", 1)[1]


async def upload_and_mend(her: Officer, template_id: str) -> str:
    """The list as it came: what is wrong is said row by row, two rows are mended, the rest is left; returns the batch's id."""
    page = her.page
    await her.go("/console/batches")
    await page.locator("#template").select_option(template_id)
    await page.locator("#file").set_input_files(COHORT)
    await page.locator("form:has(#file) button").click()
    await page.wait_for_url(re.compile(r"/console/batches/[0-9a-f-]{36}"))
    batch = urlsplit(page.url).path.rsplit("/", 1)[1]
    await her.seen("4-checked")
    for row, column, value in ((3, "family_name", "-"), (7, "email", "sara@example.org")):
        await her.go(f"/console/batches/{batch}/rows/{row}")
        await expect(page.locator(f"#{column}")).to_have_attribute("aria-invalid", "true")
        await her.seen(f"5-row-{row}")
        await page.locator(f"#{column}").fill(value)
        await page.locator(f"form:has(#{column}) button").click()
    await her.go(f"/console/batches/{batch}")
    await her.press("/prepare")

    async def prepared() -> bool:
        found = await her.page.request.get(her.url + f"/console/batches/{batch}")
        return f"/console/batches/{batch}/sending" in await found.text()

    await until(prepared, SECONDS, "the cohort is prepared")
    await her.go(f"/console/batches/{batch}")
    await her.seen("6-prepared")
    return batch


async def send(her: Officer, batch: str) -> None:
    """Send every link; nobody here has a second way, so she decides that a link alone will do."""
    await her.go(f"/console/batches/{batch}/sending")
    await her.seen("7-sending")
    await her.page.locator("input[name=one_way][value=without_code]").check()
    await her.page.locator("form:has([name=one_way]) button").click()
    await her.seen("8-sent")


@dataclass(frozen=True)
class Do:
    """One thing an officer can do with an award, behind its summary on the award's page."""

    her: Officer
    award: str
    what: str

    async def __call__(self, fields: dict[str, str]) -> None:
        """Fill these fields (by their names) and send it."""
        await self.her.go(f"/console/awards/{self.award}")
        form = self.her.page.locator(f'form[action$="/{self.what}"]')
        await self.her.page.locator(f'details:has(form[action$="/{self.what}"]) summary').click()
        for name, value in fields.items():
            field = form.locator(f"[name={name}]")
            if await field.evaluate("field => field.tagName") == "SELECT":
                await field.select_option(value)
            else:
                await field.fill(value)
        await self.her.seen(f"10-{self.what}")
        await form.locator("button").click()


async def awards_of(her: Officer, batch: str) -> dict[str, tuple[str, str]]:
    """Given name → award id and stage, from the list as she sees it."""
    await her.go(f"/console/awards?batch={batch}")
    found = {}
    for row in await her.page.locator("tbody tr").all():
        link = row.locator("th a")
        stage = (await row.locator(".tag").get_attribute("class") or "").removeprefix("tag ")
        found[(await link.inner_text()).split()[0]] = (
            str(await link.get_attribute("href")).rsplit("/", 1)[1],
            stage,
        )
    return found


async def told(graduate: HttpGraduate, state: str) -> dict[str, object]:
    """Her wallet's credential, once the wallet says that it is in this state."""
    found: list[dict[str, object]] = []

    async def says() -> bool:
        found[:] = [each for each in await graduate.learner.credentials() if each["status"]["state"] == state]
        return bool(found)

    await until(says, SECONDS, f"the wallet says {state}")
    return found[0]


@pytest.mark.parametrize(READER, [("en", LAPTOP), ("fr", PHONE), ("ar", LAPTOP)])
async def test_a_cohort_goes_from_a_faulty_list_to_claimed_corrected_reissued_and_revoked_credentials(
    office: Office, browser: Browser, language: str, width: int
) -> None:
    link = await office.invite("Neema Mushi", f"neema-{language}@umoja.example.org", "officer", "approver")
    page = await joined(browser, link, width=width, language=language)
    await expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    address = urlsplit(page.url)
    her = Officer(page, f"{address.scheme}://{address.netloc}", f"{language}-{width}")
    people = {
        "Amina": "graduate1@example.org", "Sara": "sara@example.org", "Grace": "graduate10@example.org",
    }  # fmt: skip
    before = {email: len(office.mail.to(email)) for email in people.values()}

    batch = await upload_and_mend(her, await describe(her, language))
    await send(her, batch)
    wallets = {name: await office.exchange.new_graduate() for name in people}
    links = {name: await office.link_to(email, before[email]) for name, email in people.items()}
    await asyncio.gather(*(office.claimed_by(wallets[name], links[name]) for name in people))

    async def three_issued() -> bool:
        return [stage for _, stage in (await awards_of(her, batch)).values()].count("issued") == 3

    await until(three_issued, SECONDS, "three are claimed")
    await her.seen("9-claimed")
    ids = {name: award for name, (award, _) in (await awards_of(her, batch)).items()}

    mails = {email: len(office.mail.to(email)) for email in people.values()}
    await Do(her, ids["Sara"], "correct")({"given_name": "Sarah", "correct_reason": "Her name has an h"})
    await her.seen("11-corrected")
    await office.claimed_by(wallets["Sara"], await office.link_to(people["Sara"], mails[people["Sara"]]))
    assert "Sarah" in str(await told(wallets["Sara"], "valid"))

    await Do(her, ids["Amina"], "reissue")({"loss": "lost_phone", "check": "known_person"})
    code = await page.locator("#code").inner_text()  # she reads it to the learner who stands before her
    await her.seen("12-reissued")
    again = await office.exchange.new_graduate()
    await office.claimed_by(again, await office.link_to(people["Amina"], mails[people["Amina"]]), code)
    await told(wallets["Amina"], "revoked")

    await Do(her, ids["Grace"], "revoke")({"revoke_reason": "The project was not her own"})
    await her.seen("13-revoked")
    lost = await told(wallets["Grace"], "revoked")
    assert "The project was not her own" in str(lost)
    await until(
        lambda: len(office.mail.to(people["Grace"])) > mails[people["Grace"]], SECONDS, "Grace is written to"
    )

    found = await awards_of(her, batch)
    assert found["Sarah"][1] == "issued"
    assert found["Grace"][1] == "revoked"
    await her.go("/console/figures")
    await expect(page.locator("#by-programme")).to_be_visible()
    await her.seen("14-figures")
