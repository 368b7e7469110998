"""Compare unfinished awards with the agent: an event can be lost if the agent crashes (ACAPY.md)."""

from dataclasses import dataclass

from issuer.domain.award import Accepted, Invited, Offered
from issuer.errors import AwardChanged
from issuer.ports import CredentialAgent, Records
from issuer.use_cases import work
from issuer.use_cases.follow_exchange import FollowExchange
from issuer.use_cases.offer_award import OfferAward


@dataclass(frozen=True)
class Reconcile:
    """Runs at start and on a timer; everything it calls is idempotent."""

    records: Records
    agent: CredentialAgent
    offer_award: OfferAward
    follow_exchange: FollowExchange

    async def __call__(self) -> None:
        """Return when every unfinished award was looked at. Raises AgentTrouble."""
        async with self.records.transaction() as tx:
            awards = await tx.awards_in_exchange()
            for revocation in await tx.unpublished_revocations():
                await tx.tell(work.PUBLISH_REVOCATION, {"revocation_id": str(revocation.id)})
        for award in awards:
            try:
                match award.state:
                    case Invited(invitation_msg_id):
                        connection_id = await self.agent.connection_for(invitation_msg_id)
                        if connection_id is not None:
                            await self.offer_award(
                                invitation_msg_id=invitation_msg_id, connection_id=connection_id
                            )
                    case Offered(exchange) | Accepted(exchange, _):
                        await self.follow_exchange(exchange.cred_ex_id)
                    case _:
                        pass
            except AwardChanged:
                continue  # an event was quicker
