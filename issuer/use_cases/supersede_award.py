"""Correct an award: a new one with its own claim link takes the place of the old one, which is revoked."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from issuer.domain.award import Award, Issued, prepare, supersede
from issuer.domain.claim import claim_digest, claim_token, code_digest, new_code
from issuer.domain.graduate import Graduate, as_cells, read_graduate, says_the_same
from issuer.domain.message import Kind
from issuer.errors import AwardRefusesAction, AwardUnknown, AwardValuesRefused
from issuer.ports import NewId, Records
from issuer.use_cases import work
from issuer.use_cases.order_revocations import order_revocations
from issuer.use_cases.tell_graduate import TellGraduate
from shared.ports.clock import Clock


@dataclass(frozen=True)
class SupersedeAward:
    """An award in a wallet must be corrected in what its credential says: the very same is issued again by ReissueAward.

    One that is in no wallet yet may be given a new link and code without any correction.
    """

    records: Records
    new_id: NewId
    clock: Clock
    secret: bytes
    tell_graduate: TellGraduate | None = None

    async def __call__(
        self,
        organisation: str,
        award_id: UUID,
        corrections: Mapping[str, str],
        *,
        reason: str,
        notify: bool = False,
    ) -> tuple[Award, str | None]:
        """Return the new award, and its one-time code if the old one had a code; with `notify` its link, never the code, is sent.

        `corrections` holds cells as a spreadsheet would. Raises AwardUnknown, AwardValuesRefused,
        AwardRefusesAction or AwardChanged.
        """
        now = self.clock()
        async with self.records.transaction() as tx:
            old = await tx.award(organisation, award_id)
            template = await tx.template(organisation, old.template_id) if old else None
            if old is None or template is None:
                raise AwardUnknown(f"There is no award {award_id}; GET /v1/awards lists all.")
            graduate = read_graduate(
                {**as_cells(old.graduate), **corrections},
                row=old.row,
                today=now.date(),
                grading=template.grading,
                default_language=template.language,
            )
            if not isinstance(graduate, Graduate):
                raise AwardValuesRefused(graduate)
            unchanged = says_the_same(old.graduate, graduate)
            if unchanged and isinstance(old.state, Issued):
                raise AwardRefusesAction(
                    "Nothing that the credential says would change. If the learner lost it, check her identity and "
                    f"issue it again: POST /v1/awards/{award_id}/reissue."
                )
            new_award_id = self.new_id()
            code = new_code() if old.code_digest else None
            new = prepare(
                new_award_id,
                organisation=organisation,
                batch_id=old.batch_id,
                template_id=old.template_id,
                edition_id=old.edition_id,
                row=old.row,
                graduate=graduate,
                identity_salt=old.identity_salt if unchanged else secrets.token_urlsafe(16),
                claim_digest=claim_digest(claim_token(self.secret, new_award_id)),
                code_digest=code_digest(self.secret, new_award_id, code) if code else None,
                now=now,
                replaces=old.id,
                origin=old.origin if unchanged else None,
                reissues=old.reissues,
            )
            superseded, credentials = supersede(old, new.id, reason, now=now)
            await tx.add_award(new)
            await tx.save_award(superseded)
            await order_revocations(tx, old, credentials, reason=reason, new_id=self.new_id, now=now)
            await tx.tell(
                work.AWARD_SUPERSEDED,
                {"organisation": organisation, "award_id": str(old.id), "by": str(new.id)},
            )
            if notify and self.tell_graduate is not None:
                await self.tell_graduate.replaced(tx, old, new, Kind.CORRECTED, now=now)
        return new, code
