"""A learner who tries again when something fails and unlocks her wallet when it was locked, and does nothing else."""

from collections.abc import Awaitable, Callable
from typing import Any

from services.launcher.adapters.http_graduate import HttpGraduate
from services.launcher.adapters.http_issuer import HttpIssuer
from services.launcher.adapters.http_json import wait_for
from services.launcher.adapters.http_verifier import HttpVerifier
from services.launcher.domain.story import JUNIOR
from services.launcher.errors import ServiceRefused

PATIENCE = 180.0
_LOOK_SECONDS = 8.0
_PASSING = {0, 502, 503, 504}
_LOCKED = {401, 423}
_DONE_ALREADY = 409
_ENDED = {"declined", "broken"}

MOST_ANEW = 3

STEPS = {"claim": 5, "prove": 6}
"""Of how many steps each deed consists."""


class PatientLearner:
    """One learner with a wallet of her own; what she meets is counted by status in `met`, what she did in `steps`.

    `begun_anew` counts the offers that broke off, after which she did what her wallet then says: open the link again.
    """

    def __init__(
        self, graduate: HttpGraduate, *, look: float = _LOOK_SECONDS, patience: float = PATIENCE
    ) -> None:
        """She looks for `look` seconds at a time, and tries each step for `patience` seconds."""
        self.graduate = graduate
        self.learner = graduate.learner
        self.met: dict[int, int] = {}
        self.steps = 0
        self.begun_anew = 0
        self._look = look
        self._patience = patience

    async def claim(self, issuer: HttpIssuer, claim_url: str) -> None:
        """Follow a claim link until the credential is stored."""
        while await self._accepted(issuer, claim_url) == "broken":
            self.begun_anew += 1
            assert self.begun_anew <= MOST_ANEW, f"{self.begun_anew} offers of one award broke off"

    async def _accepted(self, issuer: HttpIssuer, claim_url: str) -> str:
        """Follow it once; return what became of the offer: stored or broken."""
        invitation = await self.step(lambda: issuer.claim(claim_url), "an invitation")
        await self.step(lambda: self.learner.open_link(invitation), "the invitation followed")
        offer = await self.step(lambda: self.learner.offer(self._look), "the offer")
        await self.step(self.once(lambda: self.learner.accept(offer["id"])), "the offer accepted")
        return await self.settled(self.learner.offers, offer["id"], {"stored", "broken"})

    async def prove(self, verifier: HttpVerifier) -> tuple[str, str]:
        """Answer a request; return its id and the verdict."""
        request_id, invitation = await self.step(lambda: verifier.ask(JUNIOR.body()), "a request")
        await self.step(lambda: self.learner.open_link(invitation), "the invitation followed")
        request = await self.step(self.answerable, "a request that can be answered")
        choices = {
            need["id"]: next(one["credential_id"] for one in need["candidates"] if one["can_present"])
            for need in request["needs"]
        }
        await self.step(self.once(lambda: self.learner.consent(request["id"], choices)), "the answer given")
        verdict = await self.step(lambda: verifier.verdict(request_id), "the verdict")
        await self.settled(self.learner.requests, request["id"], {"verified", "rejected", "closed"})
        return request_id, verdict.result

    async def answerable(self) -> dict[str, Any]:
        request = await self.learner.request(self._look)
        if not request["can_answer"]:
            missing = [
                text
                for need in request["needs"]
                for text in (*need["missing"], *(each["missing"] for each in need["candidates"]))
            ]
            raise ServiceRefused(f"The wallet cannot answer {request['id']}: {missing}", status=0)
        return request

    async def settled(
        self, records: Callable[[], Awaitable[list[dict[str, Any]]]], record_id: str, wanted: set[str]
    ) -> str:
        """Look, through every lock and failure, until the record is in one of the wanted states; return it."""

        async def state() -> str:
            found = await self.insist(records, "her records")
            return str(next(one["state"] for one in found if one["id"] == record_id))

        async def there() -> str | None:
            now = await state()
            assert now in wanted or now not in _ENDED, f"{record_id} became {now}"
            return now if now in wanted else None

        found = await wait_for(
            there, seconds=self._patience, what=f"{record_id} becoming one of {sorted(wanted)}"
        )
        self.steps += 1
        return found

    @staticmethod
    def once(step: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        """What can be done only once; that it was done already is as good."""

        async def attempt() -> None:
            try:
                await step()
            except ServiceRefused as error:
                if error.status != _DONE_ALREADY:
                    raise

        return attempt

    async def step[T](self, attempt: Callable[[], Awaitable[T]], what: str) -> T:
        """Insist, and count what was done."""
        done = await self.insist(attempt, what)
        self.steps += 1
        return done

    async def insist[T](self, step: Callable[[], Awaitable[T]], what: str) -> T:
        """Try until it works."""
        last: list[str] = []

        async def attempt() -> tuple[T] | None:
            try:
                return (await step(),)
            except ServiceRefused as error:
                self.met[error.status] = self.met.get(error.status, 0) + 1
                last[:] = [str(error)]
                if error.status in _LOCKED:
                    await self._unlock()
                elif error.status not in _PASSING:
                    raise
                return None

        try:
            return (await wait_for(attempt, seconds=self._patience, what=what))[0]
        except ServiceRefused as error:
            raise AssertionError(f"{error} Wallet {self.learner.wallet_id}; at last: {last}") from error

    async def _unlock(self) -> None:
        try:
            await self.learner.unlock(self.graduate.passphrase)
        except ServiceRefused as error:
            if error.status not in _PASSING:
                raise
