from datetime import UTC, date, datetime, timedelta

import pytest

from services.trust_registry.domain.issuing import Issue, Register, Scheme, next_list
from services.trust_registry.domain.register import Entity, Grant, checked, granted
from services.trust_registry.domain.status import Change, changed
from services.trust_registry.errors import ChangeRefused, EntryRefused
from shared.vc.trust_list import Action, Status
from tests.unit.trust.lists import ISSUER, NOW, STRANGER, at, authorization, period

ENTITY = Entity(id="e1", names={"en": "Trust"}, country="KE", dids=(ISSUER,))
GRANT = Grant(action="issue", resources=("*",), valid_from=date(2025, 1, 1))
SCHEME = Scheme(name="demo", authority="Skills Quality Authority", territory="KE")


def issue(**changes: object) -> Issue:
    values: dict[str, object] = {
        "number": 4,
        "revision": 9,
        "issued": NOW,
        "next_update": NOW + timedelta(hours=24),
        "digest": "zFour",
        "compact": "a.b.c",
    }
    return Issue(**(values | changes))  # type: ignore[arg-type] # keywords by name


def register(newest: Issue | None, revision: int = 9) -> Register:
    return Register(revision=revision, validity=timedelta(hours=24), entities=(ENTITY,), newest=newest)


# --- granting


def test_an_authorization_is_in_force_from_its_first_day() -> None:
    made = granted(ENTITY, GRANT, authorization_id="a1", now=NOW)

    assert [(p.status, p.since) for p in made.periods] == [("granted", datetime(2025, 1, 1, tzinfo=UTC))]
    assert made.dids == (ISSUER,)


def test_an_authorization_for_later_is_listed_from_now_on() -> None:
    later = Grant(action="issue", resources=("*",), valid_from=date(2027, 1, 1))

    made = granted(ENTITY, later, authorization_id="a1", now=NOW)

    assert (made.periods[0].since, made.valid_from) == (NOW, date(2027, 1, 1))


@pytest.mark.parametrize("dids", [(), (STRANGER,), (ISSUER, STRANGER)])
def test_only_the_organisation_s_own_dids_can_be_authorised(dids: tuple[str, ...]) -> None:
    grant = Grant(action="issue", resources=("*",), valid_from=date(2025, 1, 1), dids=dids)

    with pytest.raises(EntryRefused, match="expected DIDs of this organisation"):
        granted(ENTITY, grant, authorization_id="a1", now=NOW)


def test_an_authorization_without_a_resource_is_refused() -> None:
    nothing = Grant(action="issue", resources=(), valid_from=date(2025, 1, 1))

    with pytest.raises(EntryRefused, match=r"expected at least one resource: '\*' for everything"):
        granted(ENTITY, nothing, authorization_id="a1", now=NOW)


@pytest.mark.parametrize(
    ("action", "attributes", "complaint"),
    [
        ("issue", ("title",), "expected attributes with verify alone, found them with issue"),
        (
            "verify",
            ("title", "Family name"),
            "expected the name of an attribute such as title, found 'Family name'",
        ),
    ],
)
def test_what_may_be_seen_is_named_by_attributes_of_a_permission_to_verify(
    action: Action, attributes: tuple[str, ...], complaint: str
) -> None:
    grant = Grant(action=action, resources=("*",), valid_from=date(2025, 1, 1), attributes=attributes)

    with pytest.raises(EntryRefused, match=complaint):
        granted(ENTITY, grant, authorization_id="a1", now=NOW)


@pytest.mark.parametrize(
    ("entity", "complaint"),
    [
        (Entity(id="e", names={}, country="KE", dids=(ISSUER,)), "a name in at least one language"),
        (Entity(id="e", names={"en": " "}, country="KE", dids=(ISSUER,)), "a name in at least one language"),
        (Entity(id="e", names={"en": "X"}, country="KE", dids=()), "expected at least one DID"),
        (Entity(id="e", names={"en": "X"}, country="Kenya", dids=(ISSUER,)), "two capital letters"),
        (Entity(id="e", names={"en": "X"}, country="KE", dids=("https://x",)), "expected a DID such as"),
    ],
)
def test_an_organisation_nobody_can_recognise_is_refused(entity: Entity, complaint: str) -> None:
    with pytest.raises(EntryRefused, match=complaint):
        checked(entity)


# --- changing


ALLOWED: dict[Change, set[Status]] = {
    "suspend": {"granted"},
    "reinstate": {"suspended", "lapsed"},
    "lapse": {"granted", "suspended"},
    "withdraw": {"granted", "suspended", "lapsed"},
    "compromise": {"granted", "suspended", "lapsed", "withdrawn"},
}


@pytest.mark.parametrize("change", ALLOWED)
@pytest.mark.parametrize("status", ["granted", "suspended", "lapsed", "withdrawn", "compromised"])
def test_a_change_follows_the_table_and_appends(change: Change, status: Status) -> None:
    before = authorization(period(status, at(2026, 6, 1)))
    stand = True if change == "withdraw" else None

    def attempt() -> tuple[Status, ...]:
        after = changed(before, change, reason="r", effective_at=None, earlier_awards_stand=stand, now=NOW)
        assert after.periods[:-1] == before.periods
        assert (after.periods[-1].since, after.periods[-1].earlier_awards_stand) == (NOW, stand)
        return tuple(p.status for p in after.periods[-1:])

    if status in ALLOWED[change]:
        assert attempt()[0] != status
    else:
        with pytest.raises(ChangeRefused, match=f"to {change}, found one that is {status}"):
            attempt()


def test_a_change_needs_a_reason() -> None:
    with pytest.raises(ChangeRefused, match="expected a reason to lapse: it is published"):
        changed(authorization(), "lapse", reason=" ", effective_at=None, earlier_awards_stand=None, now=NOW)


@pytest.mark.parametrize(("change", "stand"), [("withdraw", None), ("lapse", True)])
def test_only_a_withdrawal_says_whether_earlier_awards_stand(change: Change, stand: bool | None) -> None:
    with pytest.raises(ChangeRefused, match="expected earlier_awards_stand with withdraw, and only there"):
        changed(authorization(), change, reason="r", effective_at=None, earlier_awards_stand=stand, now=NOW)


# --- issuing


def test_the_first_list_is_number_one() -> None:
    first = next_list(SCHEME, register(None), validity=timedelta(hours=1), now=NOW)

    assert (first.sequence, first.previous) == (1, None)


def test_the_next_list_follows_the_newest() -> None:
    following = next_list(
        SCHEME, register(issue()), validity=timedelta(hours=1), now=NOW + timedelta(microseconds=5)
    )

    assert (following.sequence, following.previous) == (5, "zFour")
    assert (following.issued, following.next_update) == (NOW, NOW + timedelta(hours=1))


def test_a_list_is_due_when_half_its_time_is_over_or_the_register_changed() -> None:
    assert register(None).needs_issue(NOW)
    assert register(issue(), revision=10).needs_issue(NOW)
    assert not register(issue()).needs_issue(NOW + timedelta(hours=11))
    assert register(issue()).needs_issue(NOW + timedelta(hours=12))


def test_a_list_of_a_validity_of_its_own_is_left_to_go_stale() -> None:
    assert not register(issue(renew=False)).needs_issue(NOW + timedelta(days=30))
    assert register(issue(renew=False), revision=10).needs_issue(NOW)
