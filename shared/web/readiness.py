"""Whether each part a service needs can do its work: what /ready answers, and what is measured."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from shared.contracts.errors import UjuziError
from shared.ports.metrics import CHECK, Reading
from shared.web.start import Start

READY_SECONDS: Final = 5.0
OK: Final = "ok"

type Check = Callable[[], Awaitable[None]]


class Checks:
    """The checks of a service by the name of the part, and of its own start."""

    def __init__(self, checks: Mapping[str, Check], start: Start) -> None:
        """A check raises when its part cannot do its work."""
        self._checks = checks
        self._start = start

    async def outcomes(self) -> dict[str, str]:
        """Of each part `ok`, or what is wrong with it; of the start only while it waits."""
        asked = {**self._checks, "start": self._start.check} if self._start.waits else self._checks
        outcomes = await asyncio.gather(*(_outcome(check) for check in asked.values()))
        return dict(zip(asked, outcomes, strict=True))

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
