"""Names of what the issuer asks of its own workers and tells its own streams."""

from typing import Final

PREPARE_DEFINITION: Final = "work.issuer.prepare-definition"
PUBLISH_REVOCATION: Final = "work.issuer.publish-revocation"

CREDENTIAL_ISSUED: Final = "events.credential.issued.v1"
AWARD_REVOKED: Final = "events.award.revoked.v1"
AWARD_SUPERSEDED: Final = "events.award.superseded.v1"
AWARD_REISSUED: Final = "events.award.reissued.v1"
EDITION_PUBLISHED: Final = "events.edition.published.v1"
