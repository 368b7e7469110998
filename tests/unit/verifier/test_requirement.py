from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from shared.vc.jcs import digest_multibase
from tests.support.anoncreds_world import DATA_ANALYSIS, FIRST_AID
from verifier.domain.levels import LevelAsked, level_in
from verifier.domain.requirement import Alternative, Need, Requirement, askable
from verifier.entry.shapes import AskBody, RequirementBody
from verifier.errors import RequirementInvalid

TODAY = date(2026, 6, 1)
GOOD = Requirement("Application: analyst", (Need((Alternative(DATA_ANALYSIS),)),), ("title",), 30)
BODY: dict[str, Any] = {
    "purpose": "Application: analyst",
    "need": [{"skill": DATA_ANALYSIS, "level": {"framework": "eqf", "at_least": 4}}],
    "reveal": ["title", "awarding_body"],
    "keep_days": 30,
}


def test_a_requirement_bears_the_digest_of_what_was_sent_and_of_nothing_personal() -> None:
    sent = RequirementBody.model_validate(BODY).to_domain()
    assert sent.digest == digest_multibase(BODY)
    turned = dict(reversed(BODY.items()))
    assert RequirementBody.model_validate(turned).to_domain().digest == sent.digest
    stricter = BODY | {"keep_days": 29}
    assert (
        RequirementBody.model_validate(stricter).to_domain().digest
        == digest_multibase(stricter)
        != sent.digest
    )
    named = BODY | {"name_match": "shown"}
    asked = AskBody.model_validate(named | {"applicant": {"given_name": "Nomvula", "family_name": "Dlamini"}})
    assert asked.to_domain().digest == digest_multibase(named)


def test_a_good_requirement_is_askable() -> None:
    assert askable(GOOD, today=TODAY) is GOOD


@pytest.mark.parametrize(
    ("change", "where", "what"),
    [
        ({"purpose": " "}, "purpose", "is empty"),
        ({"purpose": "x" * 401}, "purpose", "401 characters"),
        ({"purpose": "two\nlines"}, "purpose", "line break"),
        ({"needs": ()}, "need", "is empty"),
        ({"needs": GOOD.needs * 6}, "need", "6 needs"),
        ({"needs": (Need((Alternative(),)),)}, "need.0", "asks nothing"),
        ({"needs": (Need((Alternative("data analysis"),)),)}, "need.0.skill", "not a URI"),
        ({"needs": (Need((Alternative(FIRST_AID),) * 11),)}, "need.0.any_of", "11 alternatives"),
        ({"needs": (Need((Alternative(FIRST_AID),), date(2027, 1, 1)),)}, "need.0.awarded_after", "future"),
        ({"reveal": ("shoe_size",)}, "reveal", "'shoe_size' is no attribute"),
        ({"reveal": ("twin_digest",)}, "reveal", "never asked"),
        ({"reveal": ("title", "title")}, "reveal", "twice"),
        ({"reveal": ("family_name",), "name": "shown"}, "reveal", "promises only to compare"),
        ({"keep_days": 0}, "keep_days", "is 0"),
        ({"keep_days": 366}, "keep_days", "is 366"),
        ({"expires_in": timedelta(seconds=1)}, "expires_in", "is 1 seconds"),
        ({"expires_in": timedelta(days=31)}, "expires_in", "must be from"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(change: dict[str, Any], where: str, what: str) -> None:
    with pytest.raises(RequirementInvalid) as refused:
        askable(replace(GOOD, **change), today=TODAY)
    assert [fault.where for fault in refused.value.faults] == [where]
    assert what in refused.value.faults[0].what


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(RequirementInvalid) as refused:
        askable(replace(GOOD, purpose="", keep_days=0), today=TODAY)
    assert [fault.where for fault in refused.value.faults] == ["purpose", "keep_days"]


@pytest.mark.parametrize(
    ("needs", "reveal", "where"),
    [
        (GOOD.needs, (), "need.0.skill"),
        ((Need((Alternative(None, LevelAsked("acqf", 5)),)),), (), "need.0.level.framework"),
        ((Need((Alternative(None, LevelAsked("eqf", 5)),)),), ("title",), "reveal"),
        ((Need((Alternative(None, None, 10), Alternative(None, None, 20))),), (), "need.0.any_of"),
    ],
)
def test_a_hidden_programme_cannot_be_asked_what_only_it_tells(
    needs: tuple[Need, ...], reveal: tuple[str, ...], where: str
) -> None:
    with pytest.raises(RequirementInvalid) as refused:
        askable(replace(GOOD, needs=needs, reveal=reveal, hide_programme=True), today=TODAY)
    assert where in [fault.where for fault in refused.value.faults]


@pytest.mark.parametrize("missing", ["purpose", "need", "reveal", "keep_days"])
def test_a_body_without_a_mandatory_part_is_refused(missing: str) -> None:
    with pytest.raises(ValidationError, match=missing):
        RequirementBody.model_validate({name: value for name, value in BODY.items() if name != missing})


@pytest.mark.parametrize(
    "need",
    [
        {"skill": DATA_ANALYSIS, "citizenship": "KE"},
        {"skill": DATA_ANALYSIS, "level": {"framework": "eqf", "at_least": 4, "at_most": 5}},
        {"skill": DATA_ANALYSIS, "any_of": [{"skill": FIRST_AID}]},
        {"any_of": [{"skill": FIRST_AID, "age": 18}]},
        {"skill": DATA_ANALYSIS, "awarded_after": "yesterday"},
    ],
)
def test_a_need_that_would_not_be_understood_is_refused(need: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RequirementBody.model_validate(BODY | {"need": [need]})


def test_a_body_becomes_the_domains_requirement() -> None:
    any_of = {"any_of": [{"skill": DATA_ANALYSIS}, {"skill": FIRST_AID, "workload_hours": {"at_least": 20}}]}
    found = RequirementBody.model_validate(BODY | {"need": [*BODY["need"], any_of]}).to_domain()
    assert found.needs == (
        Need((Alternative(DATA_ANALYSIS, LevelAsked("eqf", 4)),)),
        Need((Alternative(DATA_ANALYSIS), Alternative(FIRST_AID, None, 20))),
    )


def test_levels_of_different_frameworks_are_compared_only_by_the_published_table() -> None:
    assert level_in("eqf", {"eqf": 4, "qf-ehea": 1}) == 4
    assert level_in("eqf", {"qf-ehea": 1}) == 6
    assert level_in("qf-ehea", {"eqf": 7}) == 2
    assert level_in("eqf", {"acqf": 7, "ke-nqf": 6}) is None
