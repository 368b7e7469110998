"""Compare unfinished awards with the agent: an event can be lost if the agent crashes (ACAPY.md)."""

import logging
from dataclasses import dataclass
from datetime import datetime

from issuer.domain.award import Accepted, Invited, Offered
from issuer.errors import AgentRefuses, AwardChanged, NotReady
from issuer.ports import CredentialAgent, Records
from issuer.use_cases import work
from issuer.use_cases.follow_exchange import FollowExchange
from issuer.use_cases.offer_award import OfferAward

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reconcile:
    """Runs at start and on a timer; everything it calls is idempotent."""

    records: Records
    agent: CredentialAgent
    offer_award: OfferAward
    follow_exchange: FollowExchange

    async def __call__(self, *, since: datetime | None = None) -> None:
        """Return when every unfinished award that moved since then was looked at. Raises AgentSilent."""
        async with self.records.transaction() as tx:
            awards = await tx.awards_in_exchange(since=since)
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
            except (AgentRefuses, NotReady) as error:
                log.warning("award %s could not be reconciled: %s", award.id, type(error).__name__)
