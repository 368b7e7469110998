"""What an agent tells of itself; its streams are told of by its party's web app."""

from collections.abc import Sequence

from services.agent.adapters.link import Link
from services.agent.adapters.room import MeasureRoom
from services.agent.adapters.sealed_wallets import SealedWallets
from shared.adapters.prometheus import Metrics
from shared.ports.metrics import WALLETS_OPEN, Reading


def metrics_of(link: Link, wallets: SealedWallets | None) -> Metrics:
    """The agent's disk and, of the wallets' agent, how many are open."""
    metrics = Metrics(link.settings.metrics_host, link.settings.metrics_port)
    metrics = metrics.also(disk=MeasureRoom(link.jetstream).measure)
    if wallets is None:
        return metrics

    async def wallets_open() -> Sequence[Reading]:
        return [Reading(WALLETS_OPEN, wallets.open_count)]

    return metrics.also(wallets=wallets_open)
