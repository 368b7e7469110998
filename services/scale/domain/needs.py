"""What so many learners need in a year like any other: arithmetic over measured costs and stated habits."""

from dataclasses import dataclass
from math import ceil
from typing import Final

from services.scale.domain.costs import Costs
from services.scale.domain.status import (
    DAYS_A_YEAR,
    ReadNeeds,
    Status,
    StatusNeeds,
    read_needs,
    status_needs,
)

HOUR: Final = 3600.0
MINUTE: Final = 60.0
FULL: Final = 0.6
"""How busy a core or process is at most planned to be: beyond it, waiting grows fast."""


@dataclass(frozen=True, slots=True)
class Habits:
    """Of one learner; nobody has measured these. The busiest hour is a part of all that happens in a year."""

    holds: float = 3
    claims_a_year: float = 1
    proofs_a_year: float = 4
    visits_a_year: float = 12
    busiest_hour: float = 1 / 1000
    visit_minutes: float = 5
    idle_minutes: float = 15
    """How long a wallet stays open after its last use."""
    learners_a_verifier: float = 10_000
    years: float = 5
    """How long it has been going on."""


@dataclass(frozen=True, slots=True)
class Needs:
    """In cores, bytes, and numbers, for one country on one installation of each party (verifiers: all together)."""

    learners: int
    claims_an_hour: float
    """In the busiest hour, as all rates here."""
    proofs_an_hour: float
    issuer_cores: float
    wallet_cores: float
    verifier_cores: float
    infrastructure_cores: float
    """NATS and PostgreSQL."""
    issuer_agents: int
    wallet_agents: int
    verifiers: int
    open_wallets: float
    memory_bytes: float
    store_bytes: float
    issuer_database_bytes: float
    agent_database_bytes: float
    verifier_database_bytes: float
    messages_a_day: float
    message_bytes_a_second: float
    """In the busiest hour."""
    wire_bytes_a_second: float
    """In the busiest hour: between parties, and to phones."""
    mail_hours: float
    """To write once to all who claim in a year, by one process."""
    status: StatusNeeds
    reads: ReadNeeds


def needs(costs: Costs, learners: int, habits: Habits, status: Status) -> Needs:
    """Return them; years are counted from an empty installation."""
    claims, proofs, visits = (
        learners * each * habits.busiest_hour / HOUR
        for each in (habits.claims_a_year, habits.proofs_a_year, habits.visits_a_year)
    )
    verifiers = max(1, round(learners / habits.learners_a_verifier))
    issuer = claims * (costs.claim_issuer + costs.award_prepared)
    open_wallets = visits * MINUTE * (habits.visit_minutes + habits.idle_minutes)
    wallet_agent = (
        claims * costs.claim_wallet_agent
        + proofs * costs.proof_wallet_agent
        + visits * costs.wallet_unlocked
        + open_wallets * costs.open_wallet_second
    )
    wallet = wallet_agent + claims * costs.claim_wallet_service + proofs * costs.proof_wallet_service
    issuer_agents = processes(claims * costs.claim_issuer_agent)
    wallet_agents = processes(wallet_agent)
    services = 4 + 2 * verifiers
    claimed = learners * habits.claims_a_year * habits.years
    a_month = DAYS_A_YEAR / 30
    return Needs(
        learners=learners,
        claims_an_hour=claims * HOUR,
        proofs_an_hour=proofs * HOUR,
        issuer_cores=issuer,
        wallet_cores=wallet,
        verifier_cores=proofs * (costs.proof_verifier_service + costs.proof_verifier_agent),
        infrastructure_cores=claims * (costs.claim_nats + costs.claim_postgresql)
        + proofs * (costs.proof_nats + costs.proof_postgresql),
        issuer_agents=issuer_agents,
        wallet_agents=wallet_agents,
        verifiers=verifiers,
        open_wallets=open_wallets,
        memory_bytes=open_wallets * costs.open_wallet_memory
        + services * costs.service_memory
        + (issuer_agents + wallet_agents + verifiers) * costs.agent_memory,
        store_bytes=learners * (costs.store_bytes + (habits.holds - 1) * costs.store_credential_bytes),
        issuer_database_bytes=claimed * costs.award_bytes,
        agent_database_bytes=learners
        * (
            habits.claims_a_year * habits.years * costs.agent_standing_bytes
            + habits.claims_a_year / a_month * (costs.agent_claim_bytes - costs.agent_standing_bytes)
        ),
        verifier_database_bytes=learners * habits.proofs_a_year * 400 / DAYS_A_YEAR * costs.request_bytes
        + learners * habits.proofs_a_year / a_month * costs.agent_proof_bytes,
        messages_a_day=learners
        * (habits.claims_a_year * costs.claim_messages + habits.proofs_a_year * costs.proof_messages)
        / DAYS_A_YEAR,
        message_bytes_a_second=claims * costs.claim_message_bytes + proofs * costs.proof_message_bytes,
        wire_bytes_a_second=claims * (costs.claim_wire + costs.phone_wire) + proofs * costs.proof_wire,
        mail_hours=learners * habits.claims_a_year * costs.mail_seconds / HOUR,
        status=status_needs(costs, status, learners * habits.holds, habits.years),
        reads=read_needs(
            costs,
            status,
            credentials=learners * habits.holds,
            years=habits.years,
            verifiers=verifiers,
            proofs_a_day=learners * habits.proofs_a_year / DAYS_A_YEAR,
        ),
    )


def processes(cores: float) -> int:
    """How many processes of one core each, none busier than is planned."""
    return max(1, ceil(cores / FULL))


@dataclass(frozen=True, slots=True)
class Limit:
    """What is reached first by so many learners, and what to do then."""

    what: str
    learners: float
    then: str


@dataclass(frozen=True, slots=True)
class Machine:
    """What one of each can take, as installed."""

    wallets: int = 20_000
    """WALLET_MOST_WALLETS."""
    disk: float = 2e12
    network: float = 125e6
    """Bytes a second."""
    memory: float = 16e9
    mail_hours: float = 24.0


def limits(costs: Costs, habits: Habits, status: Status, machine: Machine = Machine()) -> list[Limit]:
    """How many learners a single one of each bears, fewest first."""
    one = needs(costs, MANY, habits, status)

    def until(need: float, bears: float) -> float:
        return bears * MANY / need if need else float("inf")

    agent = FULL
    found = [
        Limit("wallets on one wallet service: the setting", machine.wallets, "raise `WALLET_MOST_WALLETS`"),
        Limit(
            "one wallets' agent otherwise, one core, busiest hour",
            until(_wallet_agent(costs, habits), agent),
            "more wallet agents with leased shards",
        ),
        Limit(
            "one issuer's agent, one core, busiest hour",
            until(MANY * habits.claims_a_year * habits.busiest_hour / HOUR * costs.claim_issuer_agent, agent),
            "more issuer's agents on one PostgreSQL",
        ),
        Limit(
            "one process writing to graduates, a day for everybody",
            until(one.mail_hours, machine.mail_hours),
            "more issuer processes, or a provider's bulk interface",
        ),
        Limit(
            "open wallets looked after, one core",
            until(one.open_wallets * costs.open_wallet_second, agent),
            "more wallet services",
        ),
        Limit(
            "memory for open wallets, 16 GB",
            until(one.open_wallets * costs.open_wallet_memory, machine.memory),
            "more wallet agents",
        ),
        Limit(
            "learners' stores, a disk of 2 TB",
            until(one.store_bytes, machine.disk),
            "shards on several volumes",
        ),
        Limit(
            "status lists of the years, a disk of 2 TB",
            until(one.status.list_bytes_a_year * habits.years, machine.disk),
            "larger registries; lists kept packed",
        ),
        Limit(
            "reading status, 1 Gbit/s of the issuer's host",
            until(one.reads.bytes_a_second, machine.network),
            "a cache before the issuer",
        ),
        Limit("heartbeat, one core", until(one.status.heartbeat_cores, agent), "larger registries"),
    ]
    return sorted(found, key=lambda each: each.learners)


MANY: Final = 10_000_000


def _wallet_agent(costs: Costs, habits: Habits) -> float:
    each = (
        habits.claims_a_year * costs.claim_wallet_agent
        + habits.proofs_a_year * costs.proof_wallet_agent
        + habits.visits_a_year * costs.wallet_unlocked
    )
    return MANY * each * habits.busiest_hour / HOUR
