"""A learner goes on from her claim page: hand her wallet an invitation."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from issuer.domain.award import Award, invite
from issuer.domain.claim import claim_digest, try_code, wrong_code
from issuer.domain.delivery import is_over, waits
from issuer.domain.organisation import Definition, Organisation
from issuer.errors import (
    AgentTrouble,
    AwardChanged,
    ClaimLinkOver,
    ClaimLinkUnknown,
    NotReady,
    OrganisationSuspended,
)
from issuer.ports import CredentialAgent, Invitation, Records, Transaction
from shared.ports.clock import Clock
from shared.ports.tracing import carrier_of, span

_ATTEMPTS: Final = 3

type Noted = Callable[[Transaction], Awaitable[None]]


@dataclass(frozen=True)
class BeginClaim:
    """Each call gives a fresh invitation and ends what an earlier one began: one award, one credential."""

    records: Records
    agent: CredentialAgent
    clock: Clock
    secret: bytes

    async def __call__(self, token: str, *, code: str | None) -> tuple[Award, Invitation]:
        """Return the award and an invitation for one wallet.

        Raises ClaimLinkUnknown, ClaimLinkOver, ClaimCodeWrong, ClaimAlreadyUsed, NotReady, OrganisationSuspended, AgentTrouble
        or AwardChanged. A button pressed twice makes two calls at once: the later one wins and both get an answer.
        """
        for _ in range(_ATTEMPTS - 1):
            with suppress(AwardChanged):
                return await self._once(token, code)
        return await self._once(token, code)

    async def _once(self, token: str, code: str | None) -> tuple[Award, Invitation]:
        async with self.records.transaction() as tx:
            award = await tx.award_by_claim(claim_digest(token))
            if award is None:
                raise ClaimLinkUnknown(
                    "No award waits behind this link. Check that you copied all of it, "
                    "or ask the organisation that sent it."
                )
            link = await tx.claim_link(award.id)
            if link is not None and waits(award) and is_over(link.until, now=self.clock()):
                raise ClaimLinkOver(
                    f"This link could be used until {link.until.isoformat()}. The award still waits for you: "
                    "ask the organisation that sent it for a new link."
                )
            tried = try_code(award, self.secret, code)
            if tried is not award:
                await tx.save_award(tried)
            organisation = await tx.organisation(award.organisation)
            definition = await tx.definition(award.organisation)
        if tried is not award:
            raise wrong_code(tried)
        return award, await self.invite(award, organisation, definition)

    async def invite(
        self,
        award: Award,
        organisation: Organisation | None,
        definition: Definition | None,
        *,
        noted: Noted | None = None,
    ) -> Invitation:
        """Invite a wallet to an award whose learner was made sure of; `noted` joins the same transaction.

        Raises ClaimAlreadyUsed, NotReady, OrganisationSuspended, AgentTrouble or AwardChanged.
        """
        invite(award, "", now=self.clock())  # refuse a used link before the agent is bothered
        if organisation is not None and organisation.suspended_at is not None:
            raise OrganisationSuspended(
                f"{organisation.name} gives no awards at present. Ask there when your link works again."
            )
        if organisation is None or definition is None or definition.credential_definition_id is None:
            raise NotReady("The organisation is still preparing its credentials. Try again in a minute.")

        with span("claim", parent=carrier_of(award.trace), award_id=str(award.id)):
            invitation = await self.agent.invite(award_id=award.id, organisation=organisation.name)
            async with self.records.transaction() as tx:
                await tx.save_award(invite(award, invitation.msg_id, now=self.clock()))
                if noted is not None:
                    await noted(tx)
        if award.exchange is not None:
            with suppress(
                AgentTrouble
            ):  # courtesy only: a request in the old exchange is refused when it comes
                await self.agent.abandon(award.exchange.cred_ex_id, "The award is being offered anew.")
        return invitation
