"""An award in its first envelope: the AnonCreds attributes, with the digest of the same award's open form."""

from datetime import date

from issuer.domain.award import Award
from shared.vc import award as vc
from shared.vc.achievement import Edition


def anoncreds_attributes(award: Award, edition: Edition) -> dict[str, str]:
    """Return the profile's attributes; the same award gives the same ones, however often it is offered or issued again."""
    return vc.attributes(award.edition_id, edition, _facts(award))


def ends_on(award: Award, edition: Edition) -> date | None:
    """Return the last day of the credential's validity, None if it has none."""
    return vc.expiry(edition, _facts(award))


def _facts(award: Award) -> vc.AwardFacts:
    graduate = award.graduate
    return vc.AwardFacts(
        award_id=str(award.origin),
        given_name=graduate.given_name,
        family_name=graduate.family_name or None,
        awarded_on=graduate.awarded_on,
        salt=award.identity_salt,
        grade=graduate.grade or None,
        grade_pct=graduate.grade_pct,
    )
