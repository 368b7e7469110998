"""Whose key is this: a learner's wallet, this agent's own store, or nobody's."""

from acapy_agent.core.profile import Profile
from acapy_agent.protocols.routing.v1_0.models.route_record import RouteRecord
from acapy_agent.storage.error import StorageNotFoundError

from services.agent.domain.owner import Owner


async def keys_of(root: Profile, wallet_id: str) -> list[str]:
    """The keys for which envelopes go to this learner's wallet; works for locked wallets."""
    async with root.session() as session:
        routes = await RouteRecord.query(session, {"wallet_id": wallet_id})
    return [str(route.recipient_key) for route in routes]


async def owner_of(root: Profile, verkey: str) -> Owner | None:
    """Who owns this raw base58 key. Works for locked wallets: their routes are in the agent's own store."""
    async with root.session() as session:
        if root.settings.get("multitenant.enabled"):
            try:
                route = await RouteRecord.retrieve_by_recipient_key(session, verkey)
            except StorageNotFoundError:
                pass
            else:
                return Owner(route.wallet_id)
        if await session.handle.fetch_key(verkey) is not None:
            return Owner(None)
    return None
