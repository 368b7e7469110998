"""What every side issues and asks for: the same attributes with the same values, the same requests. No I/O."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from services.bench.domain.plan import Present
from shared.contracts.attributes import NO_EXPIRY, SCHEMA_VERSION
from shared.vc.dateint import to_dateint

AWARDED_ON: Final = date(2026, 3, 2)

VALUES: Final[Mapping[str, str]] = {
    "given_name": "Amina",
    "family_name": "Wanjiru",
    "awarded_dateint": str(to_dateint(AWARDED_ON)),
    "expiry_dateint": str(NO_EXPIRY),
    "grade": "88 %",
    "grade_pct": "88",
    "eqf_level": "4",
    "workload_hours": "120",
    "credits_x10": "40",
    "achievement_id": "https://issuer.ujuzi.test/orgs/digital-skills-trust/editions/zQmTnJ5kN9pVdxYzAbCdEfGhJkLmNpQrStUvWxYz123456",
    "awarding_body_id": "did:webvh:QmTnJ5kN9pVdxYzAbCdEfGhJkLmNpQrStUvWxYz1234567:issuer.ujuzi.test:orgs:digital-skills-trust",
    "issuer_country": "KE",
    "title": "Data Analytics Foundations",
    "profile_version": SCHEMA_VERSION,
    "twin_digest": "zQmTnJ5kN9pVdxYzAbCdEfGhJkLmNpQrStUvWxYz1234567",
}
"""A credential as stock agents and the bare library issue it: as long as Ujuzi's own."""

_REVEALED: Final[Mapping[int, tuple[str, ...]]] = {
    0: ("achievement_id", "title", "awarding_body_id", "awarded_dateint"),
    1: ("achievement_id", "title", "awarding_body_id", "awarded_dateint"),
    3: ("issuer_country",),
}
_PROVEN: Final[Mapping[int, Mapping[str, int]]] = {
    0: {},
    1: {"expiry_dateint": 20261122},
    3: {"awarded_dateint": 20200101, "expiry_dateint": 20261122, "eqf_level": 4},
}


def requirement(asked: Present) -> dict[str, object]:
    """The verifier API's requirement that compiles to this request."""
    skill = "http://data.europa.eu/esco/skill/2b92a5b2-6758-4ee3-9fb4-b6387a55cc8f"
    hidden = asked.predicates > 1
    return {
        "purpose": "Application: junior data analyst",
        "need": [
            {
                **({} if hidden else {"skill": skill}),
                "level": {"framework": "eqf", "at_least": 4},
                "not_expired": asked.predicates > 0,
            }
        ],
        "reveal": ["issuer_country"] if hidden else ["title", "awarding_body"],
        "hide_programme": hidden,
        "keep_days": 30,
    }


def proof_request(asked: Present, definition_id: str, *, nonce: str, now: int) -> dict[str, Any]:
    """The AnonCreds request, in the form Ujuzi's verifier sends; `now` in seconds since 1970."""
    interval = {"non_revoked": {"to": now}} if asked.not_revoked else {}
    restrictions = [{"cred_def_id": definition_id}]
    return {
        "name": "benchmark",
        "version": "1.0",
        "nonce": nonce,
        "requested_attributes": {
            "need_0": {"names": list(_REVEALED[asked.predicates]), "restrictions": restrictions, **interval}
        },
        "requested_predicates": {
            f"need_0_{name}": {
                "name": name, "p_type": ">=", "p_value": value, "restrictions": restrictions, **interval,
            }
            for name, value in _PROVEN[asked.predicates].items()
        },
        **interval,
    }  # fmt: skip
