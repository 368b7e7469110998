"""Parts of Ujuzi on their own: batches, wallets, the public edge, trust lists."""

import asyncio
import base64
import json
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import httpx

from services.bench.adapters.process_readings import usage_of
from services.bench.adapters.ujuzi_exchange import UjuziExchange
from services.bench.domain.envelopes import envelope_for, verkey_of
from services.bench.domain.figures import Part
from services.bench.domain.organisations import did_of, trust_list
from services.bench.domain.plan import DRIVER, Plan
from shared.vc.keys import SigningKey
from shared.vc.trust_decision import AwardDate, EditionFacts, Snapshot, TrustQuestion, decide
from shared.vc.trust_list_form import open_list, sign_list

_SENDERS = 20
_DECISIONS = 5_000
_NOW = datetime(2026, 11, 22, tzinfo=UTC)
_MIB = 1024 * 1024


class MeasuredParts:
    """Implements MeasureParts over a running exchange."""

    def __init__(self, exchange: UjuziExchange) -> None:
        self._exchange = exchange

    async def __call__(self, plan: Plan) -> Sequence[Part]:
        """One after the other."""
        return (
            *await self._batch(plan.rows),
            *await self._wallets(plan.wallets),
            *await self._edge(plan.envelopes),
            *await asyncio.to_thread(_trust_list, plan.organisations),
            *await self._idle(plan.idle_seconds),
        )

    async def _batch(self, rows: int) -> Sequence[Part]:
        seconds, cpu = await self._clock(lambda: self._exchange.awards(rows))
        return (
            Part(f"a spreadsheet of {rows:,} rows checked, prepared and listed", seconds, "s"),
            Part("that, for each row", cpu / rows * 1000, "ms of processor time"),
        )

    async def _wallets(self, number: int) -> Sequence[Part]:
        made, opened, cpu_made, cpu_opened = [], [], 0.0, 0.0
        for _ in range(number):
            began, before = time.perf_counter(), self._cpu()
            wallet = await self._exchange.wallet()
            made.append(time.perf_counter() - began)
            cpu_made += self._cpu() - before
            await self._exchange.door(wallet.token).post("/v1/lock")
            began, before = time.perf_counter(), self._cpu()
            token = await self._exchange.unlock(wallet.wallet_id, wallet.key)
            opened.append(time.perf_counter() - began)
            cpu_opened += self._cpu() - before
            await self._exchange.door(token).post("/v1/lock")
        return (
            Part("a wallet made, p50 of the service's part", statistics.median(made) * 1000, "ms"),
            Part("that", cpu_made / number * 1000, "ms of processor time"),
            Part("a wallet opened, p50 of the service's part", statistics.median(opened) * 1000, "ms"),
            Part("that", cpu_opened / number * 1000, "ms of processor time"),
        )

    async def _edge(self, number: int) -> Sequence[Part]:
        (award,) = await self._exchange.awards(1)
        url = httpx.URL(await self._exchange.issuer.claim(award.claim_url)).params["oob"]
        invitation = json.loads(base64.urlsafe_b64decode(url + "=" * (-len(url) % 4)))
        verkey, endpoint = verkey_of(invitation), str(invitation["services"][0]["serviceEndpoint"])
        before = usage_of(self._exchange.pids())["issuer"].cpu_seconds
        waiting = iter(range(number))

        async def send() -> None:
            for one in waiting:
                answer = await self._exchange.client.post(
                    endpoint,
                    content=envelope_for(verkey, one),
                    headers={"Content-Type": "application/didcomm-envelope-enc"},
                )
                answer.raise_for_status()

        began = time.perf_counter()
        await asyncio.gather(*(send() for _ in range(_SENDERS)))
        seconds = time.perf_counter() - began
        cpu = usage_of(self._exchange.pids())["issuer"].cpu_seconds - before
        return (
            Part(f"envelopes taken in by one public edge, {_SENDERS} senders", number / seconds, "1/s", 0),
            Part("each, at the web app", cpu / number * 1000, "ms of processor time", 2),
        )

    async def _idle(self, seconds: float) -> Sequence[Part]:
        before = self._cpu()
        await asyncio.sleep(seconds)
        used = (self._cpu() - before) / seconds
        return (Part("the whole exchange while nobody does anything", used * 100, "% of one core"),)

    async def _clock[T](self, do: Callable[[], Awaitable[T]]) -> tuple[float, float]:
        """Seconds it takes, and seconds of processor time of all programs."""
        began, before = time.perf_counter(), self._cpu()
        await do()
        return time.perf_counter() - began, self._cpu() - before

    def _cpu(self) -> float:
        return sum(one.cpu_seconds for name, one in self._exchange.usage().items() if name != DRIVER)


def _trust_list(organisations: int) -> Sequence[Part]:
    """Processor time, on one thread."""
    key = SigningKey.generate()
    drafted = trust_list(organisations, now=_NOW)
    kid = f"did:webvh:Qm:registry.example.org:authority#{key.multikey}"
    signing, compact = _fastest(lambda: sign_list(drafted, key=key, kid=kid))
    opening, opened = _fastest(lambda: open_list(compact, operator_key=key.multikey, name="demo", now=_NOW))
    snapshots = [Snapshot(name="demo", url="https://r.example.org/lists/demo", trust_list=opened)]
    edition = EditionFacts(country="KE", fields=frozenset({"0613"}), levels={"eqf": 4})

    def ask() -> set[str]:
        return {
            decide(
                snapshots,
                TrustQuestion(
                    did=did_of(7 * number % organisations), action="issue", edition=edition, awarded=AwardDate.on(20260301)
                ),
                now=_NOW,
            ).outcome
            for number in range(_DECISIONS)
        }  # fmt: skip

    deciding, outcomes = _fastest(ask)
    if outcomes != {"passed"}:
        raise ArithmeticError(f"a listed issuer is not trusted: {outcomes}")
    size = f"{organisations:,} organisations"
    return (
        Part(f"a trust list of {size}", len(compact) / _MIB, "MiB"),
        Part("that signed", signing * 1000, "ms of processor time", 0),
        Part("that loaded: signature and every entry checked", opening * 1000, "ms of processor time", 0),
        Part("a trust decision by it", deciding / _DECISIONS * 1e6, "µs of processor time"),
    )


def _fastest[T](do: Callable[[], T]) -> tuple[float, T]:
    """Processor seconds of the best of three, and what it gave."""
    taken = []
    for _ in range(3):
        began = time.thread_time()
        made = do()
        taken.append(time.thread_time() - began)
    return min(taken), made
