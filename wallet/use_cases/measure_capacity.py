"""Tell an operator how full the installation is; of no single wallet."""

from wallet.domain.capacity import Capacity, ShardHeld
from wallet.domain.shard import together
from wallet.errors import AgentSilent
from wallet.use_cases.desk import Locks


async def measure_capacity(*, locks: Locks) -> Capacity:
    """Raises AgentSilent while no agent says anything."""
    rooms, wallets = await locks.sealed.rooms(), await locks.book.by_shard()
    answered = [room for room in rooms.values() if room is not None]
    if not answered:
        raise AgentSilent("No agent answered in time. Try again in a moment.")
    return Capacity(
        held=await locks.book.held(now=locks.clock()),
        open=len(await locks.book.wallets_with_sessions()),
        room=together(answered),
        quota=locks.quota,
        shards={
            name: ShardHeld(wallets.get(name, 0), rooms.get(name)) for name in sorted({*rooms, *wallets})
        },
    )
