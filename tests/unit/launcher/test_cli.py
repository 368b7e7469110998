"""What the `ujuzi` command makes of how its work ended."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

import httpx
import pytest
from rich.console import Console
from typer import Typer
from typer.testing import CliRunner

from services.launcher.adapters.http_json import JsonApi
from services.launcher.adapters.http_members import HttpMembers
from services.launcher.domain.backup import Manifest
from services.launcher.domain.capacity import Fullness, Limit
from services.launcher.domain.exchange import Endpoints
from services.launcher.domain.story import OLD_STATUS_LIST, Account, Step, Verdict, told
from services.launcher.entry.cli import create_cli
from services.launcher.entry.console_tell import ConsoleTell
from services.launcher.errors import CannotStart, ServiceRefused
from services.launcher.main import invite
from services.launcher.ports import Tell
from services.launcher.use_cases.invite_member import Invited

REFUSED_AT_STEP_5 = Verdict("rejected", "", (Step(5, "status", "failed", "an old list"),))
REFUSED_AT_STEP_3 = Verdict("rejected", "", (Step(3, "proof", "failed", "no proof"),))
ACCEPTED = Verdict("accepted", "", (Step(5, "status", "passed", ""),))


FULLNESS = Fullness(
    {"held": 1_700, "open": 30, "locked": 1_670, "made_last_day": 12, "made_last_30_days": 400},
    {"envelopes": 9, "bytes": 81_920, "most_for_one": 4},
    {"bytes": 3 * 1024**3, "largest_bytes": 900},
    [
        Limit("wallets", 1_700, 2_000, 85, "WALLET_MOST_WALLETS"),
        Limit("free_disk_bytes", 5 * 1024**3, 512 * 1024**2, None, None),
    ],
)


def cli_whose_story_ends_with(verdict: Verdict) -> Typer:
    async def play(learners: int, tell: Tell) -> Account:
        scene = told(OLD_STATUS_LIST, "Zoë", verdict, 1.0)
        tell.scene(scene)
        return Account(learners, learners, 1.0, 1.0, 1.0, (scene,))

    def open_home(
        home: Path, base_port: int, database: str | None, return_origins: list[str]
    ) -> AbstractAsyncContextManager[Endpoints]:
        raise NotImplementedError

    def move(home: Path, file: Path) -> Manifest:
        raise NotImplementedError

    def tell(_: Console) -> Tell:
        return ConsoleTell(Console(highlight=False, width=200))

    async def invited(
        _: Path, service: str, name: str, email: str, roles: list[str], organisation: str | None
    ) -> Invited:
        if organisation is not None:
            return Invited(f"http://localhost/join#{service}-{organisation}", "2026-01-02T03:04:05Z")
        if roles == ["king"]:
            raise ServiceRefused("Expected one of the roles reader, admin, found king.", status=422)
        return Invited(
            f"http://localhost/join#{service}-{len(name)}-{email}-{'+'.join(roles)}", "2026-01-02T03:04:05Z"
        )

    async def measured(_: Path) -> Fullness:
        return FULLNESS

    return create_cli(
        open_home=open_home,
        play=play,
        tell=tell,
        back_up=move,
        bring_back=move,
        invite=invited,
        measure=measured,
    )


def test_a_demonstration_that_ends_as_it_must_succeeds() -> None:
    assert CliRunner().invoke(cli_whose_story_ends_with(REFUSED_AT_STEP_5), ["demo"]).exit_code == 0


@pytest.mark.parametrize("verdict", [ACCEPTED, REFUSED_AT_STEP_3], ids=["accepted", "for another reason"])
def test_a_demonstration_in_which_the_old_list_attack_is_not_refused_for_that_fails(verdict: Verdict) -> None:
    ended = CliRunner().invoke(cli_whose_story_ends_with(verdict), ["demo"])
    assert ended.exit_code == 1
    assert "Not as expected: this had to be rejected by step 5." in ended.output


def test_fewer_learners_than_the_story_has_roles_are_refused() -> None:
    ended = CliRunner().invoke(cli_whose_story_ends_with(REFUSED_AT_STEP_5), ["demo", "--learners", "3"])
    assert ended.exit_code == 2


INVITE = ["invite", "--service", "trust-registry", "--name", "Amina [x]", "--email", "a@example.org"]


def test_an_invitation_prints_the_link() -> None:
    ended = CliRunner().invoke(cli_whose_story_ends_with(ACCEPTED), [*INVITE, "--role", "admin"])
    assert ended.exit_code == 0
    assert "For Amina [x] alone, once, until 2026-01-02T03:04:05Z:" in ended.output
    assert "http://localhost/join#trust-registry-9-a@example.org-admin" in ended.output


def test_an_invitation_may_be_to_one_of_the_issuers_organisations() -> None:
    asked = ["--service", "issuer", "--organisation", "amal", "--role", "admin"]
    ended = CliRunner().invoke(cli_whose_story_ends_with(ACCEPTED), [*INVITE, *asked])
    assert "http://localhost/join#issuer-amal" in ended.output


async def test_whoever_runs_the_service_lets_only_the_first_administrator_in() -> None:
    async with httpx.AsyncClient() as client:
        members = HttpMembers(JsonApi("http://127.0.0.1:1", "key", client))
        with pytest.raises(ServiceRefused, match="--role admin is expected, officer was found"):
            await members.first_of("amal", name="Amina", email="a@example.org", roles=["officer"])


def test_an_invitation_that_the_service_refuses_says_why() -> None:
    ended = CliRunner().invoke(cli_whose_story_ends_with(ACCEPTED), [*INVITE, "--role", "king"])
    assert ended.exit_code == 2
    assert "Expected one of the roles reader, admin, found king." in ended.output


def test_how_full_the_wallet_is_reads_well() -> None:
    ended = CliRunner().invoke(cli_whose_story_ends_with(ACCEPTED), ["capacity"])
    assert ended.exit_code == 0
    assert ended.output.splitlines() == [
        "Wallets   1,700 held: 30 open, 1,670 locked; 12 made in the last day, 400 in 30 days",
        "Envelopes 9 wait (80.0 KiB), 4 at most for one wallet",
        "Stores    3.0 GiB on disk, the largest 900 bytes",
        "Limits",
        "  wallets: 1,700, 85 % of at most 2,000 (WALLET_MOST_WALLETS)",
        "  free disk: 5.0 GiB, at least 512.0 MiB",
    ]


@pytest.mark.parametrize(
    ("limit", "near"),
    [
        (Limit("wallets", 79, 100, 79, None), False),
        (Limit("wallets", 80, 100, 80, None), True),
        (Limit("free_disk_bytes", 1_025, 512, None, None), False),
        (Limit("free_disk_bytes", 1_023, 512, None, None), True),
    ],
)
def test_a_limit_that_is_near_stands_out(limit: Limit, *, near: bool) -> None:
    assert limit.is_near == near


async def test_nobody_is_invited_where_nothing_runs(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="No exchange runs in"):
        await invite(tmp_path, "verifier", "Amina", "a@example.org", ["admin"])
