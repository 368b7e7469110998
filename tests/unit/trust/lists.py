"""Trust lists for tests: one authority, one issuer, one authorization, each changeable by keyword."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from shared.vc.trust_decision import AwardDate, EditionFacts, Snapshot, TrustQuestion
from shared.vc.trust_list import Authorization, Status, StatusPeriod, TrustedEntity, TrustList

ISSUER = "did:webvh:QmIssuer:issuer.ujuzi.test:orgs:trust"
STRANGER = "did:webvh:QmStranger:elsewhere.test"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SKILL = "http://data.europa.eu/esco/skill/2b92a5b2-6758-4ee3-9fb4-b6387a55cc8f"
OTHER_SKILL = "http://data.europa.eu/esco/skill/1d21f6ad-340f-45da-a0a3-4e83867f47a6"
EDITION = f"{ISSUER}/resources/zEdition"


def at(year: int, month: int, day: int, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def period(status: Status, since: datetime, *, stand: bool | None = None, reason: str = "") -> StatusPeriod:
    return StatusPeriod(status=status, since=since, earlier_awards_stand=stand, reason=reason)


def authorization(*later: StatusPeriod, **changes: object) -> Authorization:
    values: dict[str, Any] = {
        "id": "auth-1",
        "action": "issue",
        "dids": (ISSUER,),
        "resources": ("*",),
        "valid_from": date(2025, 1, 1),
        "periods": (period("granted", at(2025, 1, 1)), *later),
    }
    return Authorization(**(values | changes))


def trust_list(*authorizations: Authorization, **changes: object) -> TrustList:
    values: dict[str, Any] = {
        "name": "demo",
        "operator_names": {"en": "Skills Quality Authority"},
        "territory": "KE",
        "sequence": 7,
        "issued": NOW - timedelta(hours=1),
        "next_update": NOW + timedelta(hours=23),
        "entities": (
            TrustedEntity(
                id="entity-1",
                names={"en": "Digital Skills Trust", "sw": "Amana ya Ujuzi wa Dijitali"},
                country="KE",
                external_ids=("https://example.test/ror/1",),
                authorizations=authorizations,
            ),
        ),
    }
    return TrustList(**(values | changes))


def snapshot(*authorizations: Authorization, **changes: object) -> Snapshot:
    return Snapshot(
        name="demo",
        url="https://registry.ujuzi.test/lists/demo",
        trust_list=trust_list(*authorizations, **changes),
        checked_at=NOW,
    )


def edition(**changes: object) -> EditionFacts:
    values: dict[str, Any] = {
        "edition_id": EDITION,
        "country": "KE",
        "skills": frozenset({SKILL}),
        "levels": {"eqf": 4},
    }
    return EditionFacts(**(values | changes))


def question(awarded: AwardDate | int | None = 20260301, **changes: object) -> TrustQuestion:
    values: dict[str, Any] = {
        "did": ISSUER,
        "action": "issue",
        "edition": edition(),
        "awarded": AwardDate.on(awarded) if isinstance(awarded, int) else awarded,
    }
    return TrustQuestion(**(values | changes))
