"""`ujuzi invite --service verifier` in the home of an exchange, and `python -m verifier invite`: their links sign in."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from playwright.async_api import expect

from services.launcher.adapters.home_folder import HomeFolder
from services.launcher.domain.exchange import Endpoints
from tests.integration.console.verifier_site import ADMIN_KEY, VerifierSite, running_verifier
from tests.support.browser import Browser
from tests.support.nats_server import NatsServer

WHO = ("--role", "requester", "--name", "Baraka Mwangi", "--email", "baraka@example.org")


def of_the_launcher(site: VerifierSite, home: Path) -> tuple[list[str], dict[str, str]]:
    """The command for whoever runs a whole exchange."""
    home.mkdir()
    here, nobody = site.settings.base_url, "http://127.0.0.1:1"
    HomeFolder(home).publish(Endpoints(nobody, nobody, here, nobody, nobody, {}, {"verifier": ADMIN_KEY}))
    ujuzi = [str(Path(sys.executable).with_name("ujuzi")), "invite", "--service", "verifier"]
    return [*ujuzi, "--home", str(home)], {}


def of_the_service(site: VerifierSite, _: Path) -> tuple[list[str], dict[str, str]]:
    """The command for whoever runs a verifier alone."""
    settings = site.settings.model_dump(
        include={"profile", "base_url", "database_url", "nats_url", "nats_user", "agent_url", "did_host"}
        | {"organisation_name", "organisation_slug", "organisation_country", "port"}
    )
    secrets = {
        "secret_key": site.settings.secret_key.get_secret_value(),
        "nats_password": site.settings.nats_password.get_secret_value(),
        "agent_key": site.settings.agent_key.get_secret_value(),
    }
    told = {f"VERIFIER_{name.upper()}": str(value) for name, value in (settings | secrets).items()}
    return [sys.executable, "-m", "verifier", "invite"], told


@pytest.mark.parametrize("command", [of_the_launcher, of_the_service], ids=["ujuzi", "verifier"])
async def test_the_link_of_an_invitation_signs_in_once(
    tmp_path: Path, nats_server: NatsServer, browser: Browser, command: object
) -> None:
    assert callable(command)
    async with running_verifier(f"sqlite:///{tmp_path}/verifier.db", nats_server) as site:
        arguments, told = command(site, tmp_path / "home")
        process = await asyncio.create_subprocess_exec(
            *arguments, *WHO, env=os.environ | told, stdout=asyncio.subprocess.PIPE
        )
        said = (await asyncio.wait_for(process.communicate(), 60))[0].decode().split()
        assert process.returncode == 0
        link = said[-1]
        assert link.startswith(f"{site.url}/join#")

        page = await browser.open()
        await page.goto(link)
        await page.get_by_role("button", name="Go on").click()
        await page.goto(f"{site.url}/console/requests")
        await expect(page.get_by_text("Baraka Mwangi").first).to_be_visible()
        await expect(page.get_by_role("link", name="Make a request")).to_be_visible()
        await expect(page.get_by_role("link", name="Webhooks")).to_have_count(0)

        other = await browser.open()
        await other.goto(link)
        await other.get_by_role("button", name="Go on").click()
        await expect(other.get_by_role("alert")).to_contain_text("used already")
