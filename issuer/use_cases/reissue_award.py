"""Issue an award again to a learner who lost it, after an officer made sure that it is she who asks."""

from dataclasses import dataclass
from uuid import UUID

from issuer.domain.award import Award, issue_again
from issuer.domain.claim import claim_digest, claim_token, code_digest, new_code
from issuer.domain.message import Kind
from issuer.domain.reissue import Reissue
from issuer.errors import AwardUnknown
from issuer.ports import NewId, Records
from issuer.use_cases import work
from issuer.use_cases.order_revocations import order_revocations
from issuer.use_cases.tell_graduate import TellGraduate
from shared.ports.clock import Clock


@dataclass(frozen=True)
class ReissueAward:
    """The old credential is revoked at once: whoever found her telephone could go on using it.

    The new link always has a code: it may be sent where the finder reads along.
    """

    records: Records
    new_id: NewId
    clock: Clock
    secret: bytes
    tell_graduate: TellGraduate | None = None

    async def __call__(
        self, organisation: str, award_id: UUID, reissue: Reissue, *, beyond_limit: bool, notify: bool = False
    ) -> tuple[Award, str]:
        """Return the new award and its one-time code; with `notify` its link, never the code, is sent.

        Raises AwardUnknown, AwardRefusesAction, ReissueLimitReached or AwardChanged.
        """
        now = self.clock()
        async with self.records.transaction() as tx:
            old = await tx.award(organisation, award_id)
            if old is None:
                raise AwardUnknown(f"There is no award {award_id}; GET /v1/awards lists all.")
            new_award_id, code = self.new_id(), new_code()
            new, superseded, credentials = issue_again(
                old,
                new_award_id,
                claim_digest=claim_digest(claim_token(self.secret, new_award_id)),
                code_digest=code_digest(self.secret, new_award_id, code),
                reissue=reissue,
                beyond_limit=beyond_limit,
                now=now,
            )
            await tx.add_award(new)
            await tx.save_award(superseded)
            await order_revocations(tx, old, credentials, reason=reissue.told, new_id=self.new_id, now=now)
            await tx.tell(
                work.AWARD_REISSUED,
                {"organisation": organisation, "award_id": str(old.id), "by": str(new.id)},
            )
            if notify and self.tell_graduate is not None:
                await self.tell_graduate.replaced(tx, old, new, Kind.REISSUED, now=now)
        return new, code
