"""What the `ujuzi` command makes of how its work ended."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from rich.console import Console
from typer import Typer
from typer.testing import CliRunner

from services.launcher.domain.backup import Manifest
from services.launcher.domain.exchange import Endpoints
from services.launcher.domain.story import OLD_STATUS_LIST, Account, Step, Verdict, told
from services.launcher.entry.cli import create_cli
from services.launcher.entry.console_tell import ConsoleTell
from services.launcher.ports import Tell

REFUSED_AT_STEP_5 = Verdict("rejected", "", (Step(5, "status", "failed", "an old list"),))
REFUSED_AT_STEP_3 = Verdict("rejected", "", (Step(3, "proof", "failed", "no proof"),))
ACCEPTED = Verdict("accepted", "", (Step(5, "status", "passed", ""),))


def cli_whose_story_ends_with(verdict: Verdict) -> Typer:
    async def play(learners: int, tell: Tell) -> Account:
        scene = told(OLD_STATUS_LIST, "Zoë", verdict, 1.0)
        tell.scene(scene)
        return Account(learners, learners, 1.0, 1.0, 1.0, (scene,))

    def open_home(home: Path, base_port: int, database: str | None) -> AbstractAsyncContextManager[Endpoints]:
        raise NotImplementedError

    def move(home: Path, file: Path) -> Manifest:
        raise NotImplementedError

    def tell(_: Console) -> Tell:
        return ConsoleTell(Console(highlight=False, width=200))

    return create_cli(open_home=open_home, play=play, tell=tell, back_up=move, bring_back=move)


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
