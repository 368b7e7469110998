"""The exchange of `ujuzi up` with a second agent for learners' wallets: a program of its own, for the benchmark."""

from collections.abc import Sequence
from functools import partial

from services.launcher.adapters.drawn import base58_key
from services.launcher.adapters.free_ports import free_base_port
from services.launcher.domain.cluster import Shard, several_shards
from services.launcher.domain.exchange import Program, Secrets, Site, programs_of
from services.launcher.main import exchange_in, introduce, run_as_program


def plan(site: Site, secrets: Secrets) -> Sequence[Program]:
    """Wallets are dealt out to the two agents as they are made."""
    second = Shard("b", free_base_port(1), base58_key())
    return several_shards(programs_of(site, secrets), (second,), standby=False)


if __name__ == "__main__":
    run_as_program(partial(exchange_in, database_url=None, prepare=introduce, plan=plan))
