"""A wallet connected with an award's invitation: send it the offer."""

from contextlib import suppress
from dataclasses import dataclass, field

from issuer.domain.award import Award, Exchange, Invited, begin_offer, offer
from issuer.domain.envelope import anoncreds_attributes
from issuer.errors import AgentTrouble, NotReady
from issuer.ports import CredentialAgent, Records, Stage
from shared.ports.clock import Clock
from shared.ports.tracing import carrier_of, span
from shared.ports.turns import OneAtATime, TakeTurns


@dataclass(frozen=True)
class OfferAward:
    """Idempotent: an offer that went out before a crash is found on the connection and adopted."""

    records: Records
    agent: CredentialAgent
    clock: Clock
    turns: TakeTurns = field(default_factory=OneAtATime)

    async def __call__(self, *, invitation_msg_id: str, connection_id: str) -> None:
        """Do nothing if the invitation is no award's current one. Raises AgentTrouble or NotReady: try again."""
        # The event and the timer may come at once: whoever is second finds the offer of the first.
        async with self.turns(f"offer {invitation_msg_id}"):
            await self._offer(invitation_msg_id, connection_id)

    async def _offer(self, invitation_msg_id: str, connection_id: str) -> None:
        async with self.records.reading() as tx:
            award = await tx.award_by_invitation(invitation_msg_id)
            if award is None:
                return
            template = await tx.template(award.organisation, award.template_id)
            organisation = await tx.organisation(award.organisation)
            definition = await tx.definition(award.organisation)
        if template is None or template.published is None or organisation is None:
            raise NotReady("The award's edition is not there.")
        if definition is None or definition.credential_definition_id is None:
            raise NotReady("The credential definition is still being made.")

        with span("offer", parent=carrier_of(award.trace), award_id=str(award.id)):
            exchange = await self._begun(award, connection_id)
            if exchange is None:
                exchange = await self.agent.offer(
                    connection_id=connection_id,
                    credential_definition_id=definition.credential_definition_id,
                    attributes=anoncreds_attributes(award, template.published.edition),
                    comment=f"{organisation.name}: {template.title}",
                )
        if not await self._record(award, invitation_msg_id, exchange):
            with suppress(AgentTrouble):  # courtesy only: a request in this exchange is refused when it comes
                await self.agent.abandon(exchange.cred_ex_id, "The award is being offered anew.")

    async def _begun(self, award: Award, connection_id: str) -> Exchange | None:
        """Note that an offer is made on this connection; return the one that was made after an earlier such note.

        The agent reads all its exchanges to find those of a connection, so it is asked only where there may be one.
        """
        if isinstance(award.state, Invited) and award.state.connection_id != connection_id:
            async with self.records.transaction() as tx:
                await tx.save_award(begin_offer(award, connection_id))
            return None
        earlier = [r for r in await self.agent.exchanges_on(connection_id) if r.stage is not Stage.ENDED]
        return earlier[0].exchange if earlier else None

    async def _record(self, offered: Award, invitation_msg_id: str, exchange: Exchange) -> bool:
        """Make the exchange the award's current one; False if the award moved on while the offer was sent."""
        async with self.records.transaction() as tx:
            award = await tx.award(offered.organisation, offered.id)
            if award is None or not _still_invited(award, invitation_msg_id):
                return award is not None and award.exchange == exchange
            await tx.save_award(offer(award, exchange, now=self.clock()))
        return True


def _still_invited(award: Award, invitation_msg_id: str) -> bool:
    return isinstance(award.state, Invited) and award.state.invitation_msg_id == invitation_msg_id
