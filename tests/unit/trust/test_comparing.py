"""What changed between two lists, and whether they follow one another."""

from dataclasses import replace
from datetime import date

import pytest

from services.trust_registry.domain.comparing import chained, differences
from services.trust_registry.domain.issuing import Issue
from shared.vc.trust_list import DidPeriod
from tests.unit.trust.lists import ISSUER, NOW, at, authorization, period, trust_list


def issue(number: int, previous: str | None) -> Issue:
    return Issue(
        number=number,
        revision=1,
        issued=NOW,
        next_update=NOW,
        digest=f"z{number}",
        compact="",
        previous=previous,
    )


def test_the_same_list_again_differs_in_nothing() -> None:
    assert differences(trust_list(authorization()), trust_list(authorization(), sequence=8)) == ()


def test_each_thing_that_is_otherwise_is_named_once() -> None:
    before = trust_list(authorization(), four_eyes=False)
    [known] = before.entities
    later = replace(
        known,
        names={"en": "Renamed"},
        country="UG",
        external_ids=(),
        did_periods={ISSUER: DidPeriod(until=date(2026, 1, 1))},
        authorizations=(
            authorization(period("suspended", at(2026, 2, 1)), period("granted", at(2026, 3, 1))),
            authorization(id="auth-2", action="verify"),
        ),
    )

    found = differences(before, trust_list(entities=(later,), four_eyes=True))

    assert [(each.what, each.before, each.after) for each in found if each.what != "names"] == [
        ("rule", "one-person", "two-persons"),
        ("country", "KE", "UG"),
        ("external_ids", "https://example.test/ror/1", ""),
        ("did_days", "", f"{ISSUER} … to 2026-01-01"),
        ("status", "granted", "suspended"),
        ("status", "suspended", "granted"),
        ("authorization_added", "", f"verify, *, by {ISSUER}, from 2025-01-01"),
    ]
    assert [each.after for each in found if each.what == "names"] == ["en: Renamed"]


def test_what_was_taken_out_or_rewritten_shows_even_though_no_registry_does_that() -> None:
    before = trust_list(authorization(), authorization(id="auth-2"))
    [known] = before.entities
    rewritten = replace(known, authorizations=(authorization(valid_from=date(2020, 1, 1)),))

    assert [found.what for found in differences(before, trust_list(entities=(rewritten,)))] == [
        "authorization_changed",
        "authorization_removed",
    ]
    assert [found.what for found in differences(before, trust_list(entities=()))] == ["organisation_removed"]


@pytest.mark.parametrize(
    ("issues", "before", "expected"),
    [
        ([issue(1, None), issue(2, "z1")], None, [True, True]),
        ([issue(1, "z0")], None, [False]),
        ([issue(2, "zElse")], issue(1, None), [False]),
        ([issue(2, None)], issue(1, None), [False]),
        ([issue(5, None)], issue(1, None), [True]),
        ([issue(5, "z4")], issue(1, None), [False]),
    ],
)
def test_a_fork_shows_in_the_chain(issues: list[Issue], before: Issue | None, expected: list[bool]) -> None:
    links = chained(issues, before=before)

    assert [link.holds for link in links] == expected
    assert all(link.holds or link.why for link in links)
