"""Wiring of the benchmark."""

import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from services.bench.adapters.anoncreds_arithmetic import AnoncredsArithmetic
from services.bench.adapters.machine import load, machine
from services.bench.adapters.measured_parts import MeasuredParts
from services.bench.adapters.stock_agents import stock_agents
from services.bench.adapters.ujuzi_exchange import ujuzi_exchange
from services.bench.adapters.ujuzi_up import ujuzi_up
from services.bench.domain.figures import Figures, Part, SecondAgent
from services.bench.domain.plan import Plan
from services.bench.domain.soak import Soak
from services.bench.domain.stock import STOCK_PORTS, StockSite
from services.bench.ports import Keep, Perform, Say
from services.bench.use_cases.run_bench import Bench, run_bench
from services.bench.use_cases.second_agent import second_agent
from services.bench.use_cases.soak import soak
from services.launcher.adapters.bundled_files import foreign_wallet_plugins
from services.launcher.adapters.free_ports import free_base_port
from shared.adapters.clock import utc_now


async def bench(plan: Plan, minutes: float | None, say: Say, keep: Keep) -> Figures:
    """Run everything in a folder of its own, and remove that; after so many minutes no course begins."""
    load_before, began = load(), time.monotonic()

    def until_now(figures: Figures) -> Figures:
        took = round(time.monotonic() - began, 1)
        return replace(figures, took_seconds=took, machine=machine(load_before=load_before))

    async with _folder() as folder:
        say("Starting `ujuzi up`, then three stock agents …")
        async with ujuzi_up(folder / "ujuzi") as up:
            started = (
                Part("`ujuzi up` until ready, the first time", up.seconds, "s"),
                Part("that", up.cpu_seconds(), "s of processor time"),
            )
            site = StockSite(
                folder=folder / "stock",
                base_port=free_base_port(STOCK_PORTS),
                python=sys.executable,
                plugins=foreign_wallet_plugins(),
                key=secrets.token_urlsafe(32),
            )
            async with ujuzi_exchange(up) as ours, stock_agents(site, plan.issues) as stock:
                run = Bench(
                    plan=plan,
                    sides={"stock": stock, "ujuzi": ours},
                    arithmetic=AnoncredsArithmetic(),
                    parts=MeasuredParts(ours),
                    say=say,
                    keep=lambda figures: keep(until_now(figures)),
                    may_begin=lambda: minutes is None or time.monotonic() - began < minutes * 60,
                )
                nothing_yet = Figures(
                    plan=plan.name, made_at=_now(), took_seconds=0, machine=machine(load_before=load_before),
                    courses=(), arithmetic=(), parts=started, planned=plan.courses,
                )  # fmt: skip
                return until_now(await run_bench(run, nothing_yet))


async def soak_for(minutes: float, say: Say) -> Soak:
    """Only Ujuzi, for so long."""
    async with _folder() as folder, ujuzi_up(folder / "ujuzi") as up, ujuzi_exchange(up) as ours:
        return await soak(minutes, come=ours.come, usage=ours.usage, made_at=_now(), say=say)


async def measure_second_agent(say: Say) -> SecondAgent:
    """Only Ujuzi, once with one agent for learners' wallets and once with two."""

    @asynccontextmanager
    async def start(second: bool) -> AsyncGenerator[Perform]:
        async with (
            _folder() as folder,
            ujuzi_up(folder / "ujuzi", second_agent=second) as up,
            ujuzi_exchange(up) as ours,
        ):
            yield ours

    return await second_agent(start, cores=machine(load_before=load()).cores, made_at=_now(), say=say)


@asynccontextmanager
async def _folder() -> AsyncGenerator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="ujuzi-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _now() -> str:
    return utc_now().isoformat(timespec="seconds")
