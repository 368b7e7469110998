"""Whether each part a service needs can do its work: what /ready answers, and what is measured."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from shared.contracts.errors import UjuziError
from shared.ports.metrics import CHECK, Reading
from shared.web.start import Start

READY_SECONDS: Final = 5.0
OK: Final = "ok"

log = logging.getLogger(__name__)

type Check = Callable[[], Awaitable[None]]


class Checks:
    """The checks of a service by the name of the part, and of its own start.

    The log says once when one begins to fail and once when it holds again, whoever asks.
    """

    def __init__(self, checks: Mapping[str, Check], start: Start) -> None:
        """A check raises when its part cannot do its work."""
        self._checks = checks
        self._start = start
        self._failing: set[str] = set()

    async def outcomes(self) -> dict[str, str]:
        """Of each part `ok`, or what is wrong with it; of the start only while it waits."""
        asked = {**self._checks, "start": self._start.check} if self._start.waits else self._checks
        outcomes = await asyncio.gather(*(_outcome(check) for check in asked.values()))
        found = dict(zip(asked, outcomes, strict=True))
        self._note(found)
        return found

    def _note(self, found: Mapping[str, str]) -> None:
        failing = {name for name, outcome in found.items() if outcome != OK}
        for name in sorted(failing - self._failing):
            log.warning("the check of %s fails: %s", name, found[name])
        for name in sorted(self._failing - failing):
            log.warning("the check of %s holds again", name)
        self._failing = failing

    async def measure(self) -> Sequence[Reading]:
        """The port Measure."""
        outcomes = {"start": OK, **await self.outcomes()}
        return [Reading(CHECK, float(outcome == OK), {"check": name}) for name, outcome in outcomes.items()]


async def _outcome(check: Check) -> str:
    try:
        async with asyncio.timeout(READY_SECONDS):
            await check()
    except TimeoutError:
        return f"no answer within {READY_SECONDS:.0f} s"
    except UjuziError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - a check that fails in any way is not ready
        return type(error).__name__
    return OK
