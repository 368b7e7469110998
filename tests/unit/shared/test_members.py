"""The rules about members: who may sign in, what roles include, and who must stay."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.ports.api_keys import ADMIN, OPERATE
from shared.ports.members import (
    FRESH,
    IDLE,
    SESSION_LASTS,
    Identity,
    LastAdmin,
    LastWayIn,
    Member,
    NotAMember,
    Passkey,
    Session,
    SignedIn,
    WaysIn,
    checked_member,
    keep_an_admin,
    roles_within,
    scopes_of,
)

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
ROLES = {"reader": frozenset({"read"}), "editor": frozenset({"read", "write"}), "admin": frozenset({"admin"})}
AMINA = Member(
    id="a", name="Amina", email="amina@example.org", roles=frozenset({"admin"}), created_at=NOW, joined_at=NOW
)
BARAKA = replace(AMINA, id="b", email="baraka@example.org")
KEY = Passkey("k1", b"", 0, NOW)


def session(*, began: timedelta, used: timedelta) -> Session:
    return Session("a", "passkey", NOW - began, NOW - used)


@pytest.mark.parametrize(
    ("joined", "suspended", "state"),
    [(None, None, "invited"), (NOW, None, "active"), (NOW, NOW, "suspended"), (None, NOW, "suspended")],
)
def test_a_member_is_invited_until_joined_and_suspended_above_all(
    joined: datetime | None, suspended: datetime | None, state: str
) -> None:
    assert replace(AMINA, joined_at=joined, suspended_at=suspended).state == state


@pytest.mark.parametrize(
    ("began", "used", "over"),
    [
        (timedelta(hours=3), timedelta(minutes=1), False),
        (timedelta(hours=3), IDLE - timedelta(seconds=1), False),
        (timedelta(hours=3), IDLE, True),
        (SESSION_LASTS - timedelta(seconds=1), timedelta(0), False),
        (SESSION_LASTS, timedelta(0), True),
    ],
)
def test_a_session_ends_when_nobody_used_it_and_in_any_case_after_twelve_hours(
    began: timedelta, used: timedelta, *, over: bool
) -> None:
    assert session(began=began, used=used).over(NOW) is over


@pytest.mark.parametrize(("age", "fresh"), [(timedelta(0), True), (FRESH, False)])
def test_a_session_is_fresh_for_a_quarter_of_an_hour(age: timedelta, *, fresh: bool) -> None:
    assert session(began=age, used=timedelta(0)).fresh(NOW) is fresh


def test_roles_include_scopes_and_a_role_that_is_gone_includes_nothing() -> None:
    assert scopes_of(["reader", "editor"], ROLES) == {"read", "write"}
    assert scopes_of(["gone"], ROLES) == frozenset()


def test_an_administrator_may_everything_and_others_what_their_roles_include() -> None:
    now = session(began=timedelta(0), used=timedelta(0))
    assert SignedIn(AMINA, now, frozenset({"admin"})).may("write")
    reader = SignedIn(AMINA, now, frozenset({"read"}))
    assert reader.may("read")
    assert not reader.may("write")
    assert reader.who == "member:a"


def test_a_name_and_an_address_are_kept_tidy() -> None:
    checked = checked_member(replace(AMINA, name="  Amina   Odhiambo ", email=" Amina@Example.org "), ROLES)
    assert (checked.name, checked.email) == ("Amina Odhiambo", "amina@example.org")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": " "}, "a name of 1 to 120 characters"),
        ({"name": "x" * 121}, "a name of 1 to 120 characters"),
        ({"name": "Amina\u202e"}, "a name of 1 to 120 characters"),
        ({"email": "amina"}, "an e-mail address"),
        ({"email": "amina@example"}, "an e-mail address"),
        ({"email": "a b@example.org"}, "an e-mail address"),
        ({"email": "<a>@example.org"}, "an e-mail address"),
        ({"email": f"{'a' * 200}@example.org"}, "an e-mail address"),
        ({"roles": frozenset()}, "roles reader, editor, admin, found none"),
        ({"roles": frozenset({"boss", "reader"})}, "found boss"),
    ],
)
def test_who_cannot_be_a_member_is_refused(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(NotAMember, match=reason):
        checked_member(replace(AMINA, **changes), ROLES)  # type: ignore[arg-type]  # changes differ in type


@pytest.mark.parametrize(
    "changes", [{"suspended_at": NOW}, {"roles": frozenset({"editor"})}, {"joined_at": None}]
)
def test_the_last_administrator_stays(changes: dict[str, object]) -> None:
    gone = replace(AMINA, **changes)  # type: ignore[arg-type]  # changes differ in type
    invited = replace(BARAKA, joined_at=None)
    with pytest.raises(LastAdmin, match="Nobody would be left who may manage members"):
        keep_an_admin([AMINA, invited], [gone, invited], ROLES)
    keep_an_admin([AMINA, BARAKA], [gone, BARAKA], ROLES)


def test_where_nobody_administers_yet_nothing_is_lost() -> None:
    invited = replace(AMINA, joined_at=None)
    keep_an_admin([invited], [replace(invited, roles=frozenset({"reader"}))], ROLES)


def test_the_only_way_to_sign_in_stays() -> None:
    with pytest.raises(LastWayIn, match="only way to sign in"):
        WaysIn([KEY], []).without("k1")
    WaysIn([KEY, replace(KEY, id="k2")], []).without("k1")
    WaysIn([KEY], [Identity("https://login.example", "7")]).without("k1")


def test_an_administrator_of_an_organisation_does_not_run_the_service() -> None:
    now = session(began=timedelta(0), used=timedelta(0))
    hers = SignedIn(replace(AMINA, organisation="umoja"), now, frozenset({ADMIN}))
    assert hers.may("awards:read")
    assert not hers.may(OPERATE)
    assert SignedIn(AMINA, now, frozenset({ADMIN})).may(OPERATE)


def test_the_operators_roles_are_not_given_within_an_organisation() -> None:
    roles = {"admin": frozenset({ADMIN}), "operator": frozenset({OPERATE})}
    assert list(roles_within("umoja", roles)) == ["admin"]
    assert list(roles_within(None, roles)) == ["operator"]
    alone = {"admin": frozenset({ADMIN})}
    assert roles_within(None, alone) == alone
