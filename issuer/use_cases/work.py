"""Names of what the issuer asks of its own workers and tells its own streams."""

from collections.abc import Mapping
from typing import Final

from issuer.domain.organisation import Definition

PREPARE_DEFINITION: Final = "work.issuer.prepare-definition"
PUBLISH_REVOCATION: Final = "work.issuer.publish-revocation"
PUBLISH_STATUS: Final = "work.issuer.publish-status"

CREDENTIAL_ISSUED: Final = "events.credential.issued.v1"
AWARD_REVOKED: Final = "events.award.revoked.v1"
AWARD_SUPERSEDED: Final = "events.award.superseded.v1"
AWARD_REISSUED: Final = "events.award.reissued.v1"
AWARD_SUSPENDED: Final = "events.award.suspended.v1"
AWARD_REINSTATED: Final = "events.award.reinstated.v1"
QUESTION_ASKED: Final = "events.question.asked.v1"
QUESTION_ANSWERED: Final = "events.question.answered.v1"
EDITION_PUBLISHED: Final = "events.edition.published.v1"


def definition_order(definition: Definition) -> Mapping[str, str]:
    """What the order to make this definition says."""
    return {"organisation": definition.organisation, "profile_version": definition.profile_version}
