"""A patient learner who begins again with her link when nothing comes of it, as people do."""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from services.launcher.adapters.http_graduate import HttpGraduate
from services.launcher.adapters.http_issuer import HttpIssuer
from services.launcher.adapters.http_verifier import HttpVerifier
from services.launcher.domain.story import JUNIOR
from services.launcher.errors import ServiceRefused
from tests.support.patient_learner import PatientLearner

LONG_ENOUGH = 75.0
"""Seconds; by then whoever was not answered has said everything again."""
_ID = re.compile(r"[\w-]{32,}|:\d{4,5}/")


class PersistentLearner(PatientLearner):
    """What she accepted or answered is never begun again: it has to come to its end by itself."""

    begun_again = 0

    def __init__(self, graduate: HttpGraduate, over: asyncio.Event) -> None:
        """`over` is set when nothing fails any more: only then does her patience begin to end."""
        super().__init__(graduate)
        self._over = over
        self.refusals: Counter[str] = Counter()
        """Why a step had to be tried again."""

    async def insist[T](self, step: Callable[[], Awaitable[T]], what: str) -> T:
        """The same, noting why it took more than one attempt."""

        async def noted() -> T:
            try:
                return await step()
            except ServiceRefused as error:
                self.refusals[f"{what}: {_ID.sub('…', str(error))[:160]}"] += 1
                raise

        return await self._patiently(lambda: super(PersistentLearner, self).insist(noted, what))

    async def settled(
        self, records: Callable[[], Awaitable[list[dict[str, Any]]]], record_id: str, wanted: set[str]
    ) -> str:
        """The same, for as long as something fails."""
        return await self._patiently(
            lambda: super(PersistentLearner, self).settled(records, record_id, wanted)
        )

    async def _patiently[T](self, attempt: Callable[[], Awaitable[T]]) -> T:
        while True:
            last = self._over.is_set()
            try:
                return await attempt()
            except AssertionError:
                if last:
                    raise

    async def claim(self, issuer: HttpIssuer, claim_url: str) -> None:
        """Follow a claim link, again if no offer comes, until the credential is stored."""

        async def offered() -> str:
            invitation = await self.insist(lambda: issuer.claim(claim_url), "an invitation")
            await self.insist(lambda: self.learner.open_link(invitation), "the invitation followed")
            offer = await self.insist(lambda: self.learner.offer(self._look), "the offer")
            return str(offer["id"])

        offer_id = await self._persist(offered)
        await self.step(self.once(lambda: self.learner.accept(offer_id)), "the offer accepted")
        await self.settled(self.learner.offers, offer_id, {"stored"})

    async def prove(self, verifier: HttpVerifier) -> tuple[str, str]:
        """Answer a request, another one if it does not come; return its id and the verdict."""

        async def asked() -> tuple[str, str, dict[str, str]]:
            request_id, invitation = await self.insist(lambda: verifier.ask(JUNIOR.body()), "a request")
            await self.insist(lambda: self.learner.open_link(invitation), "the invitation followed")
            request = await self.insist(self.answerable, "a request that can be answered")
            return request_id, str(request["id"]), chosen(request)

        request_id, hers, choices = await self._persist(asked)
        await self.step(self.once(lambda: self.learner.consent(hers, choices)), "the answer given")
        verdict = await self.step(lambda: verifier.verdict(request_id), "the verdict")
        await self.settled(self.learner.requests, hers, {"verified", "rejected", "closed"})
        return request_id, verdict.result

    async def _persist[T](self, attempt: Callable[[], Awaitable[T]]) -> T:
        while True:
            try:
                async with asyncio.timeout(LONG_ENOUGH):
                    return await attempt()
            except TimeoutError:
                self.begun_again += 1


def chosen(request: dict[str, Any]) -> dict[str, str]:
    return {
        need["id"]: next(one["credential_id"] for one in need["candidates"] if one["can_present"])
        for need in request["needs"]
    }
