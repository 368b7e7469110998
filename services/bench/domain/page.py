"""docs/performance.md: the figures of one run, how they were got, and how to get them again. No I/O."""

import re

from services.bench.domain.figures import Figures, SecondAgent
from services.bench.domain.goals import goals
from services.bench.domain.obstacles import obstacles
from services.bench.domain.plots import plots
from services.bench.domain.soak import MOST_GROWTH, Soak
from services.bench.domain.tables import (
    cpu_table,
    floor_table,
    goal_table,
    memory_table,
    part_table,
    rate_table,
    second_agent_table,
    time_table,
)

_HEAD = """\
# Performance

Made by `ujuzi bench`; do not edit. Its figures are in [performance.json](performance.json). To make both anew, on a machine that does nothing else:

    ujuzi bench --json docs/performance.json --page docs/performance.md              # about half an hour; --minutes 15: ends within 20
    ujuzi bench --soak 60 --json docs/performance.json --page docs/performance.md    # an hour: adds the memory
    ujuzi bench --second-agent --json docs/performance.json --page docs/performance.md    # two minutes: one agent for wallets beside two
    ujuzi bench --from docs/performance.json --page docs/performance.md              # only writes the page again

`ujuzi bench --quick` prints the same tables within five minutes, from few exchanges.
"""

_METHOD = """\
## How it was measured

One run on one machine: `ujuzi up` (eight programs, SQLite) and three stock ACA-Py agents stay up, and act by turns. Before each turn both are
idle. Every figure of a deed is from as many learners as its column says, each with a wallet of her own, `in flight` at a time; two more do each deed first,
outside the clock. Nobody tries again.

The same steps are within the clock on both sides, from the first request to the last:

| step | Ujuzi, through its public edges | stock ACA-Py, through its admin API |
| --- | --- | --- |
| 1 | the claim link is followed (`POST` of the claim page); the issuer makes an invitation | the controller has the issuer make an invitation |
| 2, 3 | the learner's wallet follows it; they connect (DID exchange 1.1, new each time) | the same |
| 4 | the issuer offers | the controller, told by a webhook, has the issuer offer |
| 5 | the learner reads the offer and accepts | the controller, told by a webhook, accepts for the learner |
| 6, 7 | the credential is issued, compared with the offer, stored; the wallet says `stored` | issued and stored by itself; webhook `done` |

A presentation has as many: requirement posted (Ujuzi compiles it and signs the request) or request composed; invitation, connection, request; the learner reads what
would fit and consents (stock: the controller asks which credential fits, and sends); proof; verdict. Ujuzi's verdict has seven steps and a signed
receipt; the stock agent's says only that the proof holds. Whoever waits is told by server-sent events (Ujuzi) or webhooks (stock).
The driver of Ujuzi looks once at what an event tells of, and after 15 s at what there is if none came: such looks cost Ujuzi processor time. That of the stock agents has no look but the webhook.
Wallets are made, awards prepared and definitions published before the clock starts. Ujuzi's wallets are open only during their course; stock agents' tenants always are.

- *Stock* is ACA-Py as it comes: SQLite, HTTP transports, `--wallet-type askar-anoncreds`, multitenant holder with one store for each learner, and a
  registry plugin that reads files and checks nothing (`deploy/demo/file_registry`). Two things favour it: tenants have raw keys, so that no slow hash is
  counted, and credentials are stored by themselves. Credentials Ujuzi issues can always be revoked, and its verifier always asks whether they were;
  the rows without are the stock agents' alone.
- *Arithmetic* is the anoncreds library alone with parsed objects in memory: the sum of every step on one thread, in processor time.
- *Lost* is what had not finished when for a minute (25 s in a quick run) nothing had and its programs had next to nothing to do, or when nothing had for five times as long, or was refused; *doubled* is a credential or request too many
  in a wallet. A rate is of what finished, until the last one finished: what was given up does not slow it.
- Both sides have the same schema of 15 attributes and values of the same length, status registries of 1024, and prove the same: for 0 and 1 predicates four
  attributes are shown; for 3 the programme is hidden and one is shown.
- *Processor time* is of each process with its children, user and system, for each exchange that finished; the driver plays learners, job platforms and controllers and is in no sum.
  It is the steadier figure: a rate tells what else the machine did, too.
"""


def page(figures: Figures, folder: str) -> str:
    """The page; its plots are in `folder` beside it."""
    machine = figures.machine
    judged = goals(figures)
    missed = [f"- {one.name}: {obstacles(one, figures)}" for one in judged if one.met is False]
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    drawn = plots(figures)
    busy = (
        f" The machine was busy with other things when it began (load average {machine.load_before:.1f}): "
        "rates and times are worse than they would be on a quiet one, and compare badly."
        if machine.load_before > 1
        else ""
    )

    def picture(name: str, what: str) -> str:
        return f"![{what}]({folder}/{name})" if name in drawn else ""

    chapters = [
        (
            f"A {figures.plan} run on {figures.made_at}, {figures.took_seconds / 60:.0f} minutes, on {machine.cores} cores ({machine.processor}), "
            f"{machine.memory_gib:.0f} GiB, {machine.system}, Python {machine.python}, {versions}; load average "
            f"{machine.load_before:.1f} before, {machine.load_after:.1f} after.{busy}{_partly(figures)}"
        ),
        "## The goals",
        goal_table(figures).markdown(),
        "\n".join(("What stands in the way of those that were missed:\n", *missed))
        if missed
        else "None is missed.",
        "## Exchanges a second",
        rate_table(figures).markdown(),
        picture("issuance.svg", "Credentials a second, by how many are in flight"),
        picture("presentation.svg", "Verdicts a second, by how many are in flight"),
        "## How long one takes",
        "Seconds; half, 95 % and 99 % took no longer. With many in flight most of it is waiting for a turn.",
        time_table(figures).markdown(),
        picture("alone.svg", "One exchange alone beside the arithmetic"),
        "## Where the processor's time goes",
        "Milliseconds of one exchange.",
        cpu_table(figures).markdown(),
        picture("processor.svg", "Processor time of one exchange by process"),
        floor_table(figures).markdown(),
        "## Memory",
        "The most MiB each process was seen to have after a course, with every learner's wallet open.",
        memory_table(figures).markdown(),
        *_soaked(figures.soak),
        picture("memory.svg", "Resident memory over the soak"),
        *_second_agent(figures.second_agent),
        "## Parts of Ujuzi",
        part_table(figures).markdown(),
        _lost(figures),
        _METHOD,
    ]
    body = "\n\n".join(section.strip() for section in chapters if section)
    return f"{_HEAD}\n{_listed(body)}\n\n{body}\n"


def _listed(body: str) -> str:
    """Links to the chapters."""
    headings = re.findall(r"^## (.+)$", body, re.MULTILINE)
    links = (f"[{one}](#{re.sub(r'[^a-z0-9 -]', '', one.lower()).replace(' ', '-')})" for one in headings)
    return f"On this page: {' · '.join(links)}"


def _partly(figures: Figures) -> str:
    if figures.whole:
        return ""
    return f" It was ended before it was whole: {len(figures.courses)} of its {figures.planned} courses."


def _soaked(soak: Soak | None) -> list[str]:
    if soak is None:
        return ["No soak was run."]
    verdict = {True: "flat", False: "not flat", None: "too short to tell"}[soak.flat]
    gained = ", ".join(f"{name} {gain:+.1%}" for name, gain in soak.growth.items())
    return [
        (
            f"A soak of {soak.minutes:g} minutes on {soak.made_at}: a learner came every {soak.every_seconds:g} s, {soak.in_flight} at a time at most, got a credential, proved it and left; {soak.finished} did, "
            f"{soak.lost} were lost, {soak.doubled} doubled. Memory is {verdict} (wanted: no process gains more than {MOST_GROWTH:.0%} between the second quarter of the time and "
            f"the last): {gained or 'too few samples'}."
        )
    ]


def _lost(figures: Figures) -> str:
    lost = [one for one in figures.courses if one.reasons]
    if not lost:
        return ""
    lines = [
        f"- {one.side}, {one.deed}, {one.in_flight} in flight: "
        + "; ".join(f"{number}: {reason}" for reason, number in one.reasons.items())
        for one in lost
    ]
    return "## Why exchanges were lost\n\n" + "\n".join(lines)


def _second_agent(second: SecondAgent | None) -> tuple[str, ...]:
    if second is None:
        return ()
    return (
        "## A second agent",
        (
            f"Measured on {second.made_at} with Ujuzi alone: the same issuing with one agent for learners' wallets, and with two in shards that share the wallets. "
            f"With {second.cores} cores all programs compete for them, so a second agent can add little to the rate; what it takes over shows in each one's processor time."
        ),
        second_agent_table(second).markdown(),
    )
