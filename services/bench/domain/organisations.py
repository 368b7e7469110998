"""A trust list of organisations nobody knows, as long as real ones. No I/O."""

from datetime import date, datetime, timedelta

from shared.vc.trust_list import Authorization, Level, StatusPeriod, TrustedEntity, TrustList


def did_of(number: int) -> str:
    """The DID of one of them."""
    return f"did:webvh:QmTnJ5kN9pVd{number:08}xYzAbCdEfGhJkLmNpQrStUv:issuer{number}.example.org:orgs:trust"


def organisation(number: int, *, now: datetime) -> TrustedEntity:
    """One of them: accredited for one field and up to a level, with what shows it."""
    return TrustedEntity(
        id=f"01930000-0000-7000-8000-{number:012}",
        names={"en": f"Organisation {number}", "fr": f"Organisme {number}"},
        country="KE",
        external_ids=(f"https://ror.org/{number:09}",),
        authorizations=(
            Authorization(
                id=f"01930000-0000-7000-9000-{number:012}",
                action="issue",
                dids=(did_of(number),),
                resources=("isced-f:061",),
                valid_from=date(2025, 1, 1),
                jurisdictions=("KE", "UG"),
                highest_level=Level(framework="eqf", level=5),
                evidence_url=f"https://authority.example.org/decisions/{number}",
                evidence_digest="zQmTnJ5kN9pVdxYzAbCdEfGhJkLmNpQrStUv",
                periods=(StatusPeriod(status="granted", since=now - timedelta(days=300)),),
            ),
        ),
    )


def trust_list(organisations: int, *, now: datetime) -> TrustList:
    """So many of them on a list that was issued now and is good for a day."""
    return TrustList(
        name="demo",
        operator_names={"en": "Skills Quality Authority"},
        territory="KE",
        sequence=1,
        issued=now,
        next_update=now + timedelta(days=1),
        four_eyes=True,
        entities=tuple(organisation(number, now=now) for number in range(organisations)),
    )
