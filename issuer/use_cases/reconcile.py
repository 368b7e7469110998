"""Compare unfinished awards with the agent, and say again what wallets did not answer: events and envelopes can be lost."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from issuer.domain.award import Accepted, Award, Invited, Offered
from issuer.errors import AgentSilent, AwardChanged
from issuer.ports import CredentialAgent, Records, Transaction
from issuer.use_cases import work
from issuer.use_cases.follow_exchange import FollowExchange
from issuer.use_cases.offer_award import OfferAward
from shared.contracts.errors import UjuziError
from shared.contracts.reminders import Reminders
from shared.ports.clock import Clock

log = logging.getLogger(__name__)

REMINDED_FOR: Final = timedelta(hours=1)
"""How long after its last move an award's wallet is told again what it did not answer."""
_SILENT: Final = 3
"""After so many calls without an answer the agent is away."""


@dataclass(frozen=True)
class Reconcile:
    """Runs at start and on a timer; everything it calls is idempotent."""

    records: Records
    agent: CredentialAgent
    offer_award: OfferAward
    follow_exchange: FollowExchange
    clock: Clock
    _reminders: Reminders = field(default_factory=Reminders)

    async def __call__(self, *, since: datetime | None = None) -> None:
        """Return when every unfinished award that moved since then was looked at: one that fails holds up no other.

        Raises AgentSilent, at the end or when the agent is away.
        """
        async with self.records.transaction() as tx:
            awards = await tx.awards_in_exchange(since=since)
            for revocation in await tx.unpublished_revocations():
                await tx.tell(work.PUBLISH_REVOCATION, {"revocation_id": str(revocation.id)})
            for change in await tx.unpublished_status_changes():
                await tx.tell(work.PUBLISH_STATUS, {"change_id": str(change.id)})
            unanswered = await self._unanswered(tx, awards)
        silent = 0
        for award in awards:
            try:
                await self._advance(award)
                if award.exchange is not None and award.exchange.cred_ex_id in unanswered:
                    await self.agent.say_again(award.exchange.cred_ex_id)
                    self._reminders.said(award.exchange.cred_ex_id, now=self.clock())
            except AwardChanged:
                continue  # an event was quicker
            except AgentSilent:
                silent += 1
                if silent == _SILENT:
                    raise
            except UjuziError as error:
                log.warning("award %s could not be reconciled: %s", award.id, type(error).__name__)
        if silent:
            raise AgentSilent(f"The agent did not answer for {silent} awards.")

    async def _unanswered(self, tx: Transaction, awards: Sequence[Award]) -> Sequence[str]:
        """Exchanges to say something again in; a definition that still is not made is ordered again at once."""
        now = self.clock()
        waiting = [
            award.exchange.cred_ex_id
            for award in awards
            if award.exchange is not None and now - award.updated_at < REMINDED_FOR
        ]
        definitions = {
            f"{work.PREPARE_DEFINITION} {each.organisation}": each
            for each in await tx.unfinished_definitions()
        }
        due = self._reminders.due([*waiting, *definitions], now=now)
        for name in due:
            if name in definitions:
                await tx.tell(work.PREPARE_DEFINITION, work.definition_order(definitions[name]))
                self._reminders.said(name, now=now)
        return due

    async def _advance(self, award: Award) -> None:
        match award.state:
            case Invited(invitation_msg_id, _):
                connection_id = await self.agent.connection_for(invitation_msg_id)
                if connection_id is not None:
                    await self.offer_award(invitation_msg_id=invitation_msg_id, connection_id=connection_id)
            case Offered(exchange) | Accepted(exchange, _):
                await self.follow_exchange(exchange.cred_ex_id)
            case _:
                pass
