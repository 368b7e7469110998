"""A cohort from its spreadsheet to its wallets: an officer who begins again where she was cut off, graduates who read their mail, and kills."""

import os
import random
import re
import signal
import string
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Literal

from services.launcher.errors import ServiceRefused
from tests.load.course import answers
from tests.support.exchange import RunningExchange
from tests.support.leases import end_leases
from tests.support.smtp_server import MailServerForTests
from tests.support.wait import until

type Phase = Literal["preparing", "sending", "claiming"]

PHASES: Final[tuple[Phase, ...]] = ("preparing", "sending", "claiming")
KILLED: Final = ("issuer", "issuer-agent", "nats")
FILE: Final = "cohort.csv"
_RECOVERY_SECONDS: Final = 120.0
_PHASE_SECONDS: Final = 3600.0
_PASSING: Final = {0, 502, 503, 504}
_LINK: Final = re.compile(r"http://\S+/claim/\S+")
_ROWS_A_SECOND: Final = 300
"""About how fast rows are prepared: only to spread kills over the time it takes."""


@dataclass(frozen=True)
class Kill:
    """One program is killed (-9) when this part of a phase is done."""

    phase: Phase
    program: str
    at: float


def kills_of(seed: int, number: int) -> Iterator[Kill]:
    """Yield kills: in three of them each program and each phase has its turn, at a moment of its own."""
    drawn = random.Random(seed)  # noqa: S311  to be had again, not to be secret
    left = number
    while left:
        turn = zip(PHASES, drawn.sample(KILLED, len(KILLED)), strict=True)
        for phase, program in list(turn)[:left]:
            yield Kill(phase, program, drawn.random())
            left -= 1


def spreadsheet_of(rows: int) -> str:
    """As many graduates of different names and addresses."""
    lines = ["given_name,family_name,email,phone,language,awarded_on,grade_pct"]
    lines += [f"Amina,{family_name(number)},{address(number)},,en,2026-04-24,91" for number in range(rows)]
    return "\n".join(lines) + "\n"


def address(number: int) -> str:
    """Where the graduate of this number reads mail."""
    return f"graduate{number}@example.org"


def family_name(number: int) -> str:
    """A name of letters only, another one for each number."""
    letters = ""
    while number or not letters:
        number, letter = divmod(number, len(string.ascii_lowercase))
        letters += string.ascii_lowercase[letter]
    return f"W{letters}"


@dataclass
class Officer:
    """Uploads, awards and sends; whatever breaks off she looks after, and goes on where it stopped."""

    exchange: RunningExchange
    rows: int
    broken_off: Counter[str] = field(default_factory=Counter)
    """Steps that got no answer."""

    async def upload(self, template_id: str) -> str:
        """Have the file checked and kept, once; return the batch."""
        while True:
            try:
                made = await self.exchange.issuer_api.send_csv(
                    "/v1/batches/check", spreadsheet_of(self.rows), template=template_id, file_name=FILE
                )
            except ServiceRefused as error:
                self._passing("upload", error)
            else:
                return str(made["id"])
            drafts = [one for one in await self.batches() if one["state"] == "draft"]
            if drafts:
                return str(drafts[0]["id"])

    async def prepare(self, batch_id: str, seconds: float) -> None:
        """Have its rows become awards, and wait until they are."""
        batch = await self.insist("prepare", lambda: self._prepare(batch_id))
        assert batch["state"] in {"preparing", "prepared"}, batch

        async def prepared() -> bool:
            found = await self.insist("look", lambda: self.exchange.issuer_api.get(f"/v1/batches/{batch_id}"))
            return bool(found["state"] == "prepared")

        await until(prepared, seconds, "the batch is prepared")

    async def send(self, batch_id: str) -> None:
        """Send every link, each once; asked again until there is an answer."""
        path = f"/v1/batches/{batch_id}/send"
        done = await self.insist("send", lambda: self.exchange.issuer_api.post(path, {"codes": False}))
        assert done["queued"]["email"] + done["sent_before"] + done["not_waiting"] == self.rows, done

    async def batches(self) -> list[dict[str, Any]]:
        """What there is."""
        found = await self.insist("look", lambda: self.exchange.issuer_api.get("/v1/batches"))
        items: list[dict[str, Any]] = found["items"]
        return items

    async def awards(self, batch_id: str) -> list[dict[str, Any]]:
        """Every award of a batch."""
        awards: list[dict[str, Any]] = []
        page = {"batch": batch_id, "limit": "100"}
        while True:
            found = await self.exchange.issuer_api.get("/v1/awards", **page)
            awards += found["items"]
            if not found["next"]:
                return awards
            page["after"] = found["next"]

    async def insist[T](self, what: str, step: Callable[[], Awaitable[T]]) -> T:
        """Until it is answered."""

        async def attempt() -> tuple[T] | None:
            try:
                return (await step(),)
            except ServiceRefused as error:
                self._passing(what, error)
                return None

        return (await until(attempt, _RECOVERY_SECONDS, f"the officer's step {what!r} is answered"))[0]

    async def _prepare(self, batch_id: str) -> dict[str, Any]:
        """It may have been asked for already, in a call that got no answer."""
        found = await self.exchange.issuer_api.get(f"/v1/batches/{batch_id}")
        if found["state"] != "draft":
            return found
        return await self.exchange.issuer_api.post(f"/v1/batches/{batch_id}/prepare")

    def _passing(self, what: str, error: ServiceRefused) -> None:
        if error.status not in _PASSING:
            raise error
        self.broken_off[what] += 1


def claim_link(mails: MailServerForTests, number: int) -> str | None:
    """The link in the first mail to a graduate, once there is one."""
    for received in mails.to(address(number)):
        found = _LINK.search(received.text)
        assert found is not None, received.text
        return found.group()
    return None


@dataclass
class Killer:
    """Kills in one phase after the other, as far as the phase has come; notes how long programs were away."""

    exchange: RunningExchange
    database: str
    """The issuer's."""
    kills: Sequence[Kill]
    say: Callable[[str], None]
    done: list[Kill] = field(default_factory=list)

    async def during(self, phase: Phase, progress: Callable[[], float]) -> None:
        """Do the phase's kills; the last part of its way a phase is left in peace only by chance."""
        for kill in sorted((one for one in self.kills if one.phase == phase), key=lambda one: one.at):
            await until(
                partial(_reached, progress, kill.at), _PHASE_SECONDS, f"{phase} is {kill.at:.0%} done"
            )
            await self._kill(kill)

    async def _kill(self, kill: Kill) -> None:
        pid = await until(
            lambda: self.exchange.programs().get(kill.program), _RECOVERY_SECONDS, f"{kill.program} runs"
        )
        began = time.monotonic()
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        if kill.program == "issuer":
            await end_leases(self.database)
        self.done.append(kill)
        await until(
            lambda: self.exchange.programs().get(kill.program, pid) != pid,
            _RECOVERY_SECONDS,
            f"{kill.program} is started again",
        )
        await until(
            lambda: answers(self.exchange, kill.program), _RECOVERY_SECONDS, f"{kill.program} answers"
        )
        self.say(
            f"  {kill.phase:<10}{kill.program:<13}killed at {kill.at:.0%} of it, back after {time.monotonic() - began:.1f} s"
        )


def _reached(progress: Callable[[], float], part: float) -> bool:
    return progress() >= part


def by_time(rows: int) -> Callable[[], float]:
    """Progress of what cannot be looked at while it is done: by the time it usually takes."""
    began, usual = time.monotonic(), 0.3 + rows / _ROWS_A_SECOND
    return lambda: (time.monotonic() - began) / usual
