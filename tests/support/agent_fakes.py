"""Hand-written stand-ins for what the agent plugin needs."""

from collections.abc import Mapping

from services.agent.errors import LeaseLost


class MemoryLease:
    """`Lease` among those who share a list: the last one in it holds the lease."""

    def __init__(self, claims: list["MemoryLease"]) -> None:
        self._claims = claims
        self.paused = False
        """As if this process had not run for a while."""
        claims.append(self)
        self._number = len(claims)
        self.consumer = f"agent-{self._number}"

    @property
    def fence(self) -> Mapping[str, str]:
        """Names the claim."""
        return {"claim": str(self._number)}

    async def confirm(self) -> None:
        """Raises LeaseLost."""
        self.paused = False
        if self._claims[-1] is not self:
            raise LeaseLost(f"its stores now belong to claim {len(self._claims)}")

    async def still_held(self) -> None:
        """Raises LeaseLost after a pause."""
        if self.paused:
            await self.confirm()

    async def run(self) -> None:
        """Nothing to keep."""
