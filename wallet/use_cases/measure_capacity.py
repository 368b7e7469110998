"""Tell an operator how full the installation is; of no single wallet."""

from wallet.domain.capacity import Capacity
from wallet.use_cases.desk import Locks


async def measure_capacity(*, locks: Locks) -> Capacity:
    """Raises AgentTrouble while the agent cannot say."""
    return Capacity(
        held=await locks.book.held(now=locks.clock()),
        open=len(locks.open_wallets.all()),
        room=await locks.sealed.room(),
        quota=locks.quota,
    )
