"""Order that credentials be put on their status lists; a worker does it and tries until it is published."""

from collections.abc import Iterable
from datetime import datetime

from issuer.domain.award import Award, SentCredential
from issuer.domain.revocation import Revocation
from issuer.ports import NewId, Transaction
from issuer.use_cases import work


async def order_revocations(
    tx: Transaction,
    award: Award,
    credentials: Iterable[SentCredential],
    *,
    reason: str,
    new_id: NewId,
    now: datetime,
) -> None:
    """Store one revocation for each credential and a work item with it, in the caller's transaction.

    An order to suspend or reinstate it, if there is one, is void from then on.
    """
    for credential in credentials:
        revocation = Revocation(new_id(), award.organisation, award.id, credential, reason, requested_at=now)
        await tx.save_revocation(revocation)
        await tx.drop_status_change(credential)
        await tx.tell(work.PUBLISH_REVOCATION, {"revocation_id": str(revocation.id)})
