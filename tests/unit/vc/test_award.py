import hashlib
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from shared.contracts.attributes import ATTRIBUTES, INTEGERS, NO_EXPIRY, NO_FAMILY_NAME
from shared.vc.achievement import build, read
from shared.vc.award import AwardFacts, AwardFaulty, attributes, expiry, open_form, twin_digest
from shared.vc.jcs import digest_multibase
from tests.support.dids import NOW
from tests.support.programmes import programmes

DID = "did:webvh:QmX:issuer.ujuzi.test:orgs:school"
ID = f"{DID}/resources/zQmX"
EDITIONS = {
    key: read(build(template, issuer_did=DID, issuer_name="School", now=NOW))
    for key, template in programmes().items()
}
DATA, FIRST_AID = EDITIONS["data-analytics"], EDITIONS["first-aid"]
AMINA = AwardFacts(
    award_id="01978d5e-0000-7000-8000-000000000001",
    given_name="Amina",
    family_name="Wanjiru",
    awarded_on=date(2026, 1, 31),
    salt="0123456789abcdef",
    grade_pct=82,
)


def test_an_award_has_exactly_the_profiles_attributes_in_order_and_its_integers_fit() -> None:
    values = attributes(ID, DATA, AMINA)
    assert tuple(values) == ATTRIBUTES
    assert all(0 <= int(values[name]) < 2**31 for name in INTEGERS)
    assert values | {"twin_digest": ""} == {
        "given_name": "Amina",
        "family_name": "Wanjiru",
        "awarded_dateint": "20260131",
        "expiry_dateint": str(NO_EXPIRY),
        "grade": "pass",
        "grade_pct": "82",
        "eqf_level": "4",
        "workload_hours": "120",
        "credits_x10": "40",
        "achievement_id": ID,
        "awarding_body_id": DID,
        "issuer_country": "KE",
        "title": "Data Analytics Foundations",
        "profile_version": "1.0",
        "twin_digest": "",
    }


def test_what_is_not_known_is_declared() -> None:
    values = attributes(
        ID, replace(DATA, levels={"acqf": 5}, credits=None), replace(AMINA, family_name=None, grade_pct=None)
    )
    assert values["family_name"] == NO_FAMILY_NAME
    assert (values["eqf_level"], values["credits_x10"], values["grade_pct"], values["grade"]) == (
        "0",
        "0",
        "0",
        "pass",
    )


@pytest.mark.parametrize(
    ("awarded", "ends"),
    [
        (date(2026, 1, 31), date(2029, 1, 31)),
        (date(2024, 2, 29), date(2027, 2, 28)),
        (date(2026, 12, 1), date(2029, 12, 1)),
    ],
)
def test_validity_runs_in_whole_months_from_the_day_of_the_award(awarded: date, ends: date) -> None:
    assert expiry(FIRST_AID, replace(AMINA, awarded_on=awarded)) == ends
    assert expiry(DATA, AMINA) is None
    assert expiry(DATA, replace(AMINA, expires_on=ends)) == ends


def test_the_open_form_is_an_achievement_credential_without_the_learners_name() -> None:
    form = open_form(ID, FIRST_AID, AMINA)
    assert form["type"] == ["VerifiableCredential", "AchievementCredential"]
    assert form["id"] == f"urn:uuid:{AMINA.award_id}"
    assert form["issuer"]["id"] == DID
    assert (form["awardedDate"], form["validUntil"]) == ("2026-01-31T00:00:00Z", "2029-01-31T23:59:59Z")
    assert form["credentialSubject"]["achievement"]["id"] == ID
    assert form["credentialSubject"]["result"] == [{"type": ["Result"], "value": "82"}]
    identity = form["credentialSubject"]["identifier"][0]
    hashed = hashlib.sha256(b"Amina Wanjiru0123456789abcdef").hexdigest()
    assert identity["identityHash"] == f"sha256${hashed}"
    assert "Amina" not in str(form)
    assert "Wanjiru" not in str(form)


@pytest.mark.parametrize(
    "change",
    [
        {"given_name": "Aminah"},
        {"salt": "another-salt-here"},
        {"grade_pct": 83},
        {"awarded_on": date(2026, 2, 1)},
    ],
)
def test_the_twin_digest_is_the_open_forms_and_differs_with_every_fact(change: dict[str, Any]) -> None:
    digest = twin_digest(ID, DATA, AMINA)
    assert (
        digest == digest_multibase(open_form(ID, DATA, AMINA)) == attributes(ID, DATA, AMINA)["twin_digest"]
    )
    assert digest == twin_digest(ID, DATA, replace(AMINA))
    assert digest != twin_digest(ID, DATA, replace(AMINA, **change))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"given_name": " "}, "given name was expected"),
        ({"family_name": ""}, "family name that is a text or declared missing"),
        ({"grade_pct": 101}, "0 to 100 percent"),
        ({"expires_on": date(2026, 1, 31)}, "expire before or on the day"),
        ({"salt": "short"}, "salt of at least 16"),
    ],
)
def test_facts_that_cannot_be_are_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(AwardFaulty, match=reason):
        replace(AMINA, **change)


def test_names_and_grades_stay_out_of_what_is_printed() -> None:
    assert "Amina" not in repr(AMINA)
    assert "82" not in repr(AMINA)
