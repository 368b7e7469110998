"""How full the wallet is, over its HTTP API."""

from services.launcher.adapters.http_json import JsonApi
from services.launcher.domain.capacity import Fullness, Limit


class HttpCapacity:
    """Asks with a key of scope admin."""

    def __init__(self, wallet: JsonApi) -> None:
        self._wallet = wallet

    async def __call__(self) -> Fullness:
        """All of it. Raises ServiceRefused."""
        found = await self._wallet.get("/v1/capacity")
        return Fullness(
            found["wallets"],
            found["waiting"],
            found["stores"],
            [
                Limit(one["name"], one["used"], one["limit"], one["percent"], one["set_by"])
                for one in found["limits"]
            ],
        )
