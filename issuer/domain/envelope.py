"""An award in its envelopes: the AnonCreds attributes that are offered, and the open form whose digest they carry."""

from typing import Any

from issuer.domain.award import Award
from shared.vc import award as vc
from shared.vc.achievement import Edition


def anoncreds_attributes(award: Award, edition: Edition) -> dict[str, str]:
    """Return the profile's attributes; the same award gives the same ones, however often it is offered."""
    return vc.attributes(award.edition_id, edition, _facts(award))


def open_form(award: Award, edition: Edition) -> dict[str, Any]:
    """Return the same award as an unsigned Open Badges 3.0 credential."""
    return vc.open_form(award.edition_id, edition, _facts(award))


def _facts(award: Award) -> vc.AwardFacts:
    graduate = award.graduate
    return vc.AwardFacts(
        award_id=str(award.id),
        given_name=graduate.given_name,
        family_name=graduate.family_name or None,
        awarded_on=graduate.awarded_on,
        salt=award.identity_salt,
        grade=graduate.grade or None,
        grade_pct=graduate.grade_pct,
    )
