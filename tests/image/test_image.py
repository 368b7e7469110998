"""`make image-check`: docs/deploy.md followed to the letter, by Compose, on one machine.

Its commands run as they stand there. What they need and is not to be had here stands in for itself: a container engine (engine.py), whose
images are roots that the image's install script made in a clean Debian; the internet (networks.py), with addresses and names of its own; and
an authority for certificates, which Caddy asks as it asks the real one.
"""

# ruff: noqa: ASYNC221 - nothing else runs in this loop
# ruff: noqa: T201 - what whoever runs it waits for

import os
import re
import shutil
import ssl
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import httpx
import pytest

from services.launcher.adapters.bundled_files import demonstration_data
from services.launcher.adapters.http_graduate import HttpGraduate
from services.launcher.adapters.http_issuer import HttpIssuer
from services.launcher.adapters.http_json import JsonApi
from services.launcher.adapters.http_verifier import HttpVerifier
from services.launcher.domain.story import JUNIOR
from services.launcher.errors import ServiceRefused
from tests.image.engine import postgres_binaries
from tests.image.networks import ACME_HOST, Networks, inside, on_an_internet_of_its_own
from tests.support.compose_file import FOLDER, ROOT, filled_in, rendered, variables_of
from tests.support.exchange import make_awards
from tests.support.wait import until

GUIDE = (ROOT / "docs" / "deploy.md").read_text()
LISTED = (ROOT / "docs" / "getting-listed.md").read_text()
RELEASE = "trixie"
INSTALL_SECONDS = 1500
WITHIN = 600.0
NOW, BEFORE = "1" * 64, "2" * 64
"""Digests of the images of these sources, and of those of the commit before."""
PARTIES = ("issuer", "wallet", "verifier", "registry")
DOMAINS = {party: filled_in()[f"{party.upper()}_DOMAIN"] for party in PARTIES}
START = "docker compose up --detach --wait"
NOTHING: Mapping[str, str] = {}
_INSTALLED = """
mount --bind "$2" "$1/src"
mount -o remount,ro,bind "$1/src"
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
exec chroot "$1" sh /src/deploy/image/install.sh
"""
_AUTHORITY = f"""
{{
	admin off
	skip_install_trust
}}
https://{ACME_HOST} {{
	tls internal
	rewrite /directory /acme/local/directory
	acme_server
}}
"""


def blocks(text: str, heading: str) -> list[str]:
    """The commands under a heading of a page, block by block."""
    chapter = re.split(rf"^#+ {re.escape(heading)}\n", text, maxsplit=1, flags=re.MULTILINE)[1]
    chapter = re.split(r"^## ", chapter, maxsplit=1, flags=re.MULTILINE)[0]
    found = re.findall(r"^( *)```sh\n(.*?)^ *```$", chapter, re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, block in found]


@dataclass
class Machine:
    """A machine with Docker and the folder deploy/compose on it, and nothing else of Ujuzi's."""

    home: Path
    state: Path
    errors: list[str] = field(default_factory=list)
    """What the commands typed last complained of."""

    @property
    def compose(self) -> Path:
        return self.home / "deploy" / "compose"

    async def types(
        self, commands: str, *, at: Path | None = None, known: Mapping[str, str] = NOTHING
    ) -> str:
        """Type these commands; return what they print. `known` are variables of the shell."""
        variables = "".join(f"{name}='{value}'\n" for name, value in known.items())
        commands = commands.replace("/backups/", f"{self.home}/backups/")
        done = subprocess.run(
            ["bash", "-c", f"set -euo pipefail\n{variables}{commands}"], cwd=at or self.home, capture_output=True, text=True,
            timeout=WITHIN, check=False,
            env={
                "PATH": f"{self.state / 'bin'}:{os.environ['PATH']}", "UJUZI_ENGINE": str(self.state),
                "CURL_CA_BUNDLE": str(self.state / "authorities.pem"),
            },
        )  # fmt: skip
        assert done.returncode == 0, f"{commands}\n{done.stdout}\n{done.stderr}"
        print(done.stderr, end="")
        self.errors = [line for line in done.stderr.splitlines() if "ERROR" in line]
        return done.stdout

    def log(self, name: str) -> str:
        return (self.state / "logs" / f"{name}.log").read_text()

    async def wiped(self) -> None:
        """All that is on it is lost, but what was put away: the folder with its secrets, and backups."""
        await self.types("cd deploy/compose && docker compose stop && cp --recursive --preserve . ../../kept")
        shutil.rmtree(self.state / "volumes")
        shutil.rmtree(self.state / "postgres")
        shutil.rmtree(self.home / "deploy")


@dataclass
class People:
    """Everybody elsewhere, over the internet."""

    client: httpx.AsyncClient
    keys: dict[str, str]

    def api(self, party: str) -> JsonApi:
        return JsonApi(f"https://{DOMAINS[party]}", self.keys[party], self.client)

    async def prove(self, graduate: HttpGraduate) -> None:
        """She answers a job platform, and is believed; asked again where it does not know yet what was published a moment ago."""
        verifier = HttpVerifier(self.api("verifier"), patience=90)
        if (await graduate.learner.state())["state"] != "open":
            await graduate.learner.unlock(graduate.passphrase)

        async def answered() -> str | None:
            request_id, invitation_url = await verifier.ask(JUNIOR.body())
            try:
                await graduate.answer(invitation_url)
            except ServiceRefused as refused:
                if "None of your credentials fits" not in str(refused):
                    raise
                return None
            return request_id

        request_id = await until(answered, 30, "the job platform asks for the programme")
        verdict = await verifier.verdict(request_id)
        assert verdict.result == "accepted", verdict

    async def award(self) -> HttpGraduate:
        """A graduate who was awarded what she can prove, and claimed it."""
        issuer = HttpIssuer(self.api("issuer"))
        await issuer.wait_until_it_can_issue()
        award = (await make_awards(issuer, demonstration_data("graduates.csv"), 1)).pop()
        graduate = HttpGraduate(f"https://{DOMAINS['wallet']}", self.client, patience=90)
        await graduate.create()
        await graduate.take_award(await issuer.claim(award.claim_url))
        return graduate


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A temporary folder others can enter."""
    assert os.geteuid() == 0, "expected root: clean roots and networks are made and entered"
    for tool, package in (
        ("mmdebstrap", "mmdebstrap"), ("unshare", "util-linux"), ("ip", "iproute2"), ("caddy", "caddy"), ("curl", "curl"),
        ("openssl", "openssl"),
    ):  # fmt: skip
        assert shutil.which(tool), f"expected {tool} on this machine (Debian: apt-get install {package})"
    postgres_binaries()
    made = Path(tempfile.mkdtemp(prefix="ujuzi-image-", dir="/tmp"))
    made.chmod(0o755)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def installed(root: Path, sources: Path) -> None:
    """A clean Debian in which the image's install script of these sources has run."""
    subprocess.run(
        ["mmdebstrap", "--quiet", "--variant=minbase", RELEASE, root], check=True, timeout=INSTALL_SECONDS
    )
    (root / "src").mkdir()
    for place in ("/etc/resolv.conf", "/etc/pip.conf"):  # how this machine reaches packages
        if Path(place).exists():
            (root / place[1:]).write_bytes(Path(place).read_bytes())
    (root / "authorities.pem").write_bytes(Path("/etc/ssl/certs/ca-certificates.crt").read_bytes())
    given = {
        key: value for key, value in os.environ.items() if key.startswith(("PIP_", "UV_", "http", "HTTP"))
    }
    subprocess.run(
        ["unshare", "--mount", "sh", "-ec", _INSTALLED, "sh", root, sources],
        check=True, timeout=INSTALL_SECONDS,
        env=given | {"PIP_CERT": "/authorities.pem", "SSL_CERT_FILE": "/authorities.pem", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
    )  # fmt: skip
    shutil.copy(shutil.which("caddy") or "", root / "usr" / "bin")


def sources_before(folder: Path) -> Path:
    """The sources of the commit before this one."""
    told = subprocess.run(
        ["git", "archive", os.environ.get("UPGRADE_FROM") or "HEAD~1"], cwd=ROOT, check=True, capture_output=True
    )  # fmt: skip
    with tarfile.open(fileobj=BytesIO(told.stdout)) as archive:
        archive.extractall(folder / "before", filter="data")
    return folder / "before"


@pytest.fixture(scope="module")
def machine(folder: Path) -> Iterator[Machine]:
    """Both images, the internet, and an authority for certificates that everybody on it believes."""
    state, home = folder / "engine", folder / "home"
    (state / "images").mkdir(parents=True)
    (home / "backups").mkdir(parents=True)
    for digest, sources in ((NOW, ROOT), (BEFORE, sources_before(folder))):
        installed(state / "images" / digest, sources)
        print(f"image-check: {sources} is installed")
    (state / "bin").mkdir()
    docker = state / "bin" / "docker"
    docker.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m tests.image.engine "$@"\n')
    docker.chmod(0o755)
    networks = Networks(rendered(filled_in())["services"], [*DOMAINS.values()])
    with on_an_internet_of_its_own(networks, folder):
        (folder / "authority").mkdir()
        (folder / "authority" / "Caddyfile").write_text(_AUTHORITY)
        begun = [*networks.published()]
        with (folder / "authority.log").open("wb") as log:
            begun.append(
                subprocess.Popen(
                    [*inside("authority"), "caddy", "run", "--config", folder / "authority" / "Caddyfile"],
                    env={
                        "HOME": str(folder),
                        "XDG_DATA_HOME": str(folder / "authority"),
                        "PATH": os.environ["PATH"],
                    },
                    stdout=log,
                    stderr=log,
                    cwd=folder,
                )
            )
        try:
            _believed(folder / "authority" / "caddy/pki/authorities/local/root.crt", state, networks)
            yield Machine(home, state)
        finally:
            names = [file.name for file in (state / "pids").glob("*")]
            given = {**os.environ, "UJUZI_ENGINE": str(state)}
            subprocess.run([docker, "compose", "stop", *names], env=given, check=False)
            for each in begun:
                each.terminate()
                each.wait(30)


def _believed(certificate: Path, state: Path, networks: Networks) -> None:
    """Everybody believes this authority as they believe those that Debian knows."""
    waited = subprocess.run(
        ["timeout", "30", "sh", "-c", f"until [ -s {certificate} ]; do sleep 0.1; done"], check=False
    )
    assert waited.returncode == 0, (state.parent / "authority.log").read_text()
    known = Path("/etc/ssl/certs/ca-certificates.crt").read_text()
    (state / "authorities.pem").write_text(known + certificate.read_text())
    for root in (state / "images").iterdir():
        shutil.copy(certificate, root / "usr/local/share/ca-certificates/own.crt")
        subprocess.run(
            ["chroot", root, "update-ca-certificates"],
            check=True,
            capture_output=True,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        )
        (root / "etc" / "hosts").write_text(networks.hosts())


@pytest.fixture(scope="module")
async def client(machine: Machine) -> AsyncIterator[httpx.AsyncClient]:
    known = ssl.create_default_context(cafile=str(machine.state / "authorities.pem"))
    async with httpx.AsyncClient(timeout=60, verify=known) as opened:
        yield opened


def use_image(machine: Machine, digest: str) -> None:
    """Put an image's digest into .env, as an operator does."""
    file = machine.compose / ".env"
    given = filled_in() | {"UJUZI_IMAGE": f"registry.ujuzi.org/ujuzi@sha256:{digest}"}
    file.write_text("".join(f"{name}={value}\n" for name, value in given.items()))


async def installed_and_trusted(machine: Machine, client: httpx.AsyncClient) -> People:
    """Everything from the first command to a pinned list."""
    assert START in GUIDE
    secrets, first_keys, administrators, second_person, pins = blocks(GUIDE, "One machine, by Compose")
    _, calls, *to_be_listed = re.findall(r"^```sh\n(.*?)^```$", LISTED, re.MULTILINE | re.DOTALL)
    shutil.copytree(FOLDER, machine.compose)
    use_image(machine, BEFORE)
    for commands in (secrets, first_keys, START):
        await machine.types(commands, at=machine.compose)
    print("image-check: all is healthy")
    links = await machine.types(administrators, at=machine.compose)
    assert all(f"https://{DOMAINS[party]}/" in links for party in PARTIES if party != "wallet")
    keys = {
        party: variables_of(machine.compose / f"{party}.env")[f"{party.upper()}_BOOTSTRAP_API_KEY"]
        for party in PARTIES
    }
    people = People(client, keys)
    known = {party.upper(): f"https://{DOMAINS[party]}" for party in PARTIES}
    known |= {f"{party.upper()}_KEY": keys[party] for party in PARTIES}
    await HttpIssuer(people.api("issuer")).wait_until_it_can_issue()
    said = await machine.types("\n".join([calls, *to_be_listed]), known=known)
    assert said.splitlines()[1:] == ["true", "received", "true", "proposed"]
    await machine.types(f"{calls}\n{second_person}\n{pins}", known=known)
    return people


async def lost_and_restored(machine: Machine, people: People) -> None:
    """A backup, the loss of the machine, and another one."""
    backup, restore = blocks(GUIDE, "Backup and restore")
    await machine.types(backup)
    (made,) = (machine.home / "backups").iterdir()
    await machine.wiped()
    await machine.types("mkdir deploy && mv kept deploy/compose")
    await machine.types(restore.replace("THE-ONE-TO-RESTORE", made.name))
    told = {line.partition("ERROR:")[2].strip() for line in machine.errors}
    assert told == {"current user cannot be dropped", 'role "postgres" already exists'}
    (pinned,) = (await people.api("verifier").get("/v1/trust-lists"))["items"]
    again = {"number_at_least": pinned["sequence"] + 1}
    await people.api("registry").post("/v1/lists/accredited/issue", again)
    restored = "The store was restored from a backup"
    await until(lambda: restored in machine.log("issuer-agent"), WITHIN, "the issuer's agent knows")


async def test_deploy_md_leads_to_a_proof_and_to_one_after_each_loss_and_replacement(
    machine: Machine, client: httpx.AsyncClient
) -> None:
    people = await installed_and_trusted(machine, client)
    graduate = await people.award()
    await people.prove(graduate)
    print("image-check: one award, one proof: accepted")

    use_image(machine, NOW)
    await machine.types(START, at=machine.compose)
    await people.prove(graduate)
    print("image-check: proved after the upgrade")

    await lost_and_restored(machine, people)
    await people.prove(graduate)
    print("image-check: proved after all was lost and restored")
    await people.prove(await people.award())
    print("image-check: a new award was proved after it")

    (passwords,) = blocks(GUIDE, "Keys that are replaced")
    before = (machine.compose / "secrets" / "nats.env").read_text()
    await machine.types(passwords)
    assert not set(before.split()) & set((machine.compose / "secrets" / "nats.env").read_text().split())
    await people.prove(graduate)
    print("image-check: proved after every password was replaced")

    the_command, _ = blocks(GUIDE, "One machine, by Compose")[0].splitlines()
    (certificates,) = blocks(GUIDE, "Certificates inside")
    authority = (machine.compose / "secrets" / "ca.pem").read_text()
    await machine.types(f"{the_command}\n{certificates}")
    assert (machine.compose / "secrets" / "ca.pem").read_text() != authority
    await people.prove(graduate)
    print("image-check: proved after the certificates were replaced")

    for party in ("issuer", "verifier", "registry"):
        await people.api(party).post("/v1/keys/rotate")
    await people.prove(graduate)
    await people.prove(await people.award())
    print("image-check: proved after every signing key was replaced")
