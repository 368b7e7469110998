"""Bring an award to where its credential exchange is, as the agent knows it.

Events may come twice, late, out of order or, if the agent crashed, not at all (reconciliation calls this too). One that
tells the next step of what is known here is believed: the agent tells it after its commit, and itself refuses to issue
twice. Of everything else the agent is asked how far the exchange really is, which costs it as much as a step.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from issuer.domain import award as states
from issuer.domain.award import Accepted, Award, Exchange, Issued, Offered, SentCredential
from issuer.errors import AgentRefuses, AwardChanged
from issuer.ports import CredentialAgent, ExchangeReport, NewId, Records, Stage, Transaction
from issuer.use_cases import work
from issuer.use_cases.order_revocations import order_revocations
from shared.ports.clock import Clock
from shared.ports.tracing import carrier_of, span

_ISSUING = timedelta(seconds=70)
"""How long one worker has for issuing before another may take it for dead; longer than the agent's time-out."""
_REPLACED = "Replaced by a newly issued credential of the same award."


@dataclass(frozen=True)
class FollowExchange:
    """Idempotent. Issues only in the award's current exchange; refuses every stray."""

    records: Records
    agent: CredentialAgent
    new_id: NewId
    clock: Clock

    async def __call__(self, cred_ex_id: str, *, told: Stage | None = None) -> None:
        """Return when the award is where the exchange is. Raises AgentTrouble or AwardChanged: try again.

        `told` is how far it had come when the agent told of it.
        """
        if told is not None and await self._next_step(cred_ex_id, told):
            return
        report = await self.agent.exchange(cred_ex_id)
        async with self.records.reading() as tx:
            award = await tx.award_by_exchange(cred_ex_id)
        if award is None and report is not None and report.stage is Stage.REQUESTED:
            award = await self._adopt(report.exchange)
            if award is None:
                await self.agent.abandon(cred_ex_id, "This offer is no longer open: use the newest one.")
        if award is None:
            return
        with span("follow", parent=carrier_of(award.trace), award_id=str(award.id)):
            await self._follow(award, cred_ex_id, report)

    async def _next_step(self, cred_ex_id: str, told: Stage) -> bool:
        """Take the step that was told, if it is the next one of the award as it is known here; whether it was taken."""
        async with self.records.reading() as tx:
            award = await tx.award_by_exchange(cred_ex_id)
        if award is None or award.exchange is None or award.exchange.cred_ex_id != cred_ex_id:
            return False
        with span("follow", parent=carrier_of(award.trace), award_id=str(award.id)):
            match told, award.state:
                case Stage.REQUESTED, Offered(exchange):
                    await self._issue(award, exchange)
                case Stage.DONE, Accepted(_, credential) if credential is not None:
                    await self._change(award, cred_ex_id, self._acknowledged)
                case _:
                    return False
        return True

    async def _follow(self, award: Award, cred_ex_id: str, report: ExchangeReport | None) -> None:
        """Bring the award to where this report says its exchange is."""
        if report is None:
            if not isinstance(award.state, Issued):
                await self._change(award, cred_ex_id, self._ended)
            return
        match report.stage:
            case Stage.OFFERED:
                return
            case Stage.REQUESTED:
                await self._issue(award, report.exchange)
            case Stage.SENT | Stage.DONE:
                await self._record_sent(award, report)
            case Stage.ENDED:
                await self._change(award, cred_ex_id, self._ended)

    async def _adopt(self, exchange: Exchange) -> Award | None:
        """Take up an offer whose sender died before it was noted; None if the award has another one by now."""
        invitation_msg_id = await self.agent.invitation_of(exchange.connection_id)
        if invitation_msg_id is None:
            return None
        async with self.records.transaction() as tx:
            award = await tx.award_by_invitation(invitation_msg_id)
            if award is not None:
                await tx.save_award(states.offer(award, exchange, now=self.clock()))
            return await tx.award_by_exchange(exchange.cred_ex_id)

    async def _issue(self, award: Award, exchange: Exchange) -> None:
        if isinstance(award.state, Offered):
            # Committed before the agent issues: whoever reclaims the award from here on leaves a leftover behind.
            async with self.records.transaction() as tx:
                await tx.save_award(states.accept(award, exchange, now=self.clock()))
        elif self.clock() - award.updated_at < _ISSUING:
            raise AwardChanged("The credential of this award is being issued right now.")
        try:
            credential = await self.agent.issue(exchange.cred_ex_id)
        except AgentRefuses:
            # Someone else issued or ended this exchange between our question and our order: see how it stands.
            report = await self.agent.exchange(exchange.cred_ex_id)
            if report is None or report.stage in {Stage.OFFERED, Stage.REQUESTED}:
                raise
            await self(exchange.cred_ex_id)
            return
        await self._sent(award, credential)

    async def _record_sent(self, award: Award, report: ExchangeReport) -> None:
        if report.credential is None:
            raise AgentRefuses(
                "The agent sent a credential but does not say which place in the status list it has."
            )
        await self._sent(award, report.credential)
        if report.stage is Stage.DONE:
            await self._change(award, report.exchange.cred_ex_id, self._acknowledged)

    async def _sent(self, known: Award, credential: SentCredential) -> None:
        """Note the credential on the award; if the award moved on meanwhile, revoke it as an orphan."""
        now = self.clock()
        async with self.records.transaction() as tx:
            award = await tx.award(known.organisation, known.id)
            if award is None:
                return
            if award.exchange != credential.exchange:
                if credential not in states.credentials_out(award):
                    await order_revocations(
                        tx, award, (credential,), reason=_REPLACED, new_id=self.new_id, now=now
                    )
                return
            if credential in states.credentials_out(award):
                return
            if isinstance(award.state, Offered):
                award = states.accept(award, credential.exchange, now=now)
            leftovers = award.leftovers
            await tx.save_award(states.send(award, credential, now=now))
            await order_revocations(tx, award, leftovers, reason=_REPLACED, new_id=self.new_id, now=now)

    async def _change(
        self, known: Award, cred_ex_id: str, change: Callable[[Transaction, Award], Awaitable[None]]
    ) -> None:
        async with self.records.transaction() as tx:
            award = await tx.award(known.organisation, known.id)
            if award is not None and award.exchange is not None and award.exchange.cred_ex_id == cred_ex_id:
                await change(tx, award)

    async def _acknowledged(self, tx: Transaction, award: Award) -> None:
        if isinstance(award.state, Accepted):
            await tx.save_award(states.acknowledge(award, now=self.clock()))
            await tx.tell(
                work.CREDENTIAL_ISSUED,
                {
                    "organisation": award.organisation,
                    "award_id": str(award.id),
                    "batch_id": str(award.batch_id),
                    "edition_id": award.edition_id,
                },
            )

    async def _ended(self, tx: Transaction, award: Award) -> None:
        if isinstance(award.state, Offered | Accepted):
            await tx.save_award(states.end_exchange(award, now=self.clock()))
