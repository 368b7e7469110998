"""KeepMembers in memory, on SQLite and on PostgreSQL: links, sessions, ways in, and the last administrator."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.adapters.sql_members import SqlMembers
from shared.ports.members import (
    EmailTaken,
    Identity,
    IdentityTaken,
    KeepMembers,
    LastAdmin,
    LastWayIn,
    LinkSpent,
    Member,
    MemberUnknown,
    Passkey,
    Session,
    Suspended,
)
from tests.support.databases import migrated
from tests.support.member_fakes import MemoryMembers

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
ROLES = {"reader": frozenset({"read"}), "admin": frozenset({"admin"})}
AMINA = Member(
    id="a", name="Amina", email="amina@example.org", roles=frozenset({"admin", "reader"}), created_at=NOW
)
BARAKA = replace(AMINA, id="b", name="Baraka", email="baraka@example.org")
KEY = Passkey("k1", b"\x01\x02", 3, NOW)
ACCOUNT = Identity("https://login.example", "7")


@pytest.fixture
async def members(memory_or_url: str | None, tmp_path: Path) -> AsyncIterator[KeepMembers]:
    if memory_or_url is None:
        yield MemoryMembers()
        return
    async with migrated(memory_or_url, tmp_path) as db:
        yield SqlMembers(db)


async def joined(members: KeepMembers, member: Member = AMINA) -> Member:
    await members.invite(member, f"link of {member.id}", expires_at=NOW + DAY)
    return await members.redeem(f"link of {member.id}", now=NOW)


def suspended(member: Member) -> Member:
    return replace(member, suspended_at=NOW)


async def test_who_is_invited_is_found_and_an_address_is_anybodys_once(members: KeepMembers) -> None:
    await members.invite(AMINA, "link", expires_at=NOW + DAY)
    assert await members.find("a") == AMINA
    assert await members.with_email("amina@example.org") == AMINA
    assert await members.with_email("nobody@example.org") is None
    with pytest.raises(EmailTaken, match="has that e-mail address already"):
        await members.invite(replace(BARAKA, email=AMINA.email), "other", expires_at=NOW + DAY)
    with pytest.raises(MemberUnknown, match="No member has this id"):
        await members.find("b")


async def test_members_are_listed_page_by_page(members: KeepMembers) -> None:
    await members.invite(BARAKA, "2", expires_at=NOW + DAY)
    await members.invite(AMINA, "1", expires_at=NOW + DAY)
    assert await members.page(after=None, limit=1) == [AMINA]
    assert await members.page(after="a", limit=5) == [BARAKA]


async def test_of_two_who_use_a_link_at_once_one_comes_in(members: KeepMembers) -> None:
    await members.invite(AMINA, "link", expires_at=NOW + DAY)
    tries = await asyncio.gather(*(members.redeem("link", now=NOW) for _ in range(2)), return_exceptions=True)
    assert [type(each) for each in tries if isinstance(each, Exception)] == [LinkSpent]
    assert replace(AMINA, joined_at=NOW) in tries


async def test_a_link_is_spent_by_time_and_by_a_newer_one(members: KeepMembers) -> None:
    await members.invite(AMINA, "first", expires_at=NOW + DAY)
    with pytest.raises(LinkSpent, match="is too old"):
        await members.redeem("first", now=NOW + DAY)
    await members.renew_link("a", "second", expires_at=NOW + DAY)
    with pytest.raises(LinkSpent, match="replaced by a newer one"):
        await members.redeem("first", now=NOW)
    assert (await members.redeem("second", now=NOW)).joined_at == NOW
    with pytest.raises(MemberUnknown, match="No member has this id"):
        await members.renew_link("z", "third", expires_at=NOW + DAY)


async def test_a_session_is_its_members_until_it_ends(members: KeepMembers) -> None:
    member = await joined(members)
    session = Session("a", "link", NOW, NOW)
    await members.begin_session("token", session)
    assert await members.session("token", now=NOW) == (session, member)
    assert await members.session("another", now=NOW) is None
    await members.end_session("token")
    assert await members.session("token", now=NOW) is None


async def test_use_keeps_a_session_alive_and_two_idle_hours_end_it(members: KeepMembers) -> None:
    await joined(members)
    await members.begin_session("token", Session("a", "passkey", NOW, NOW))
    later = NOW + timedelta(minutes=119)
    assert await members.session("token", now=later) is not None
    assert await members.session("token", now=later + timedelta(minutes=119)) is not None
    assert await members.session("token", now=later + timedelta(minutes=239)) is None


async def test_suspending_signs_out_and_takes_the_link_away(members: KeepMembers) -> None:
    await joined(members)
    await joined(members, BARAKA)
    await members.renew_link("b", "link", expires_at=NOW + DAY)
    await members.begin_session("token", Session("b", "link", NOW, NOW))
    assert (await members.change("b", suspended, ROLES)).state == "suspended"
    assert await members.session("token", now=NOW) is None
    with pytest.raises(LinkSpent, match="used already"):
        await members.redeem("link", now=NOW)
    with pytest.raises(Suspended, match="suspended"):
        await members.renew_link("b", "again", expires_at=NOW + DAY)
    await members.change("b", lambda member: replace(member, suspended_at=None), ROLES)
    assert await members.session("token", now=NOW) is None


async def test_of_two_administrators_who_shut_each_other_out_one_stays(members: KeepMembers) -> None:
    await joined(members)
    await joined(members, BARAKA)
    tries = await asyncio.gather(
        *(members.change(each, suspended, ROLES) for each in ("a", "b")), return_exceptions=True
    )
    assert [type(each) for each in tries if isinstance(each, Exception)] == [LastAdmin]


async def test_signing_out_everywhere_ends_ones_own_sessions(members: KeepMembers) -> None:
    await joined(members)
    await joined(members, BARAKA)
    for token, owner in (("1", "a"), ("2", "a"), ("3", "b")):
        await members.begin_session(token, Session(owner, "link", NOW, NOW))
    await members.end_sessions("a")
    assert [bool(await members.session(token, now=NOW)) for token in "123"] == [False, False, True]


async def test_a_passkey_is_one_members(members: KeepMembers) -> None:
    amina, _ = await joined(members), await joined(members, BARAKA)
    await members.add_passkey("a", KEY)
    with pytest.raises(IdentityTaken, match="known here already"):
        await members.add_passkey("b", KEY)
    await members.used_passkey("k1", sign_count=4)
    assert await members.passkey("k1") == (replace(KEY, sign_count=4), amina)
    assert await members.passkey("k2") is None
    await members.remove_passkey("b", "k1")
    with pytest.raises(LastWayIn, match="only way to sign in"):
        await members.remove_passkey("a", "k1")
    await members.add_identity("a", ACCOUNT, now=NOW)
    await members.remove_passkey("a", "k1")
    assert (await members.ways_in("a")).passkeys == []


async def test_an_account_elsewhere_is_one_members(members: KeepMembers) -> None:
    amina, _ = await joined(members), await joined(members, BARAKA)
    for _ in range(2):
        await members.add_identity("a", ACCOUNT, now=NOW)
    with pytest.raises(IdentityTaken, match="somebody else here"):
        await members.add_identity("b", ACCOUNT, now=NOW)
    assert await members.with_identity(ACCOUNT) == amina
    assert await members.with_identity(replace(ACCOUNT, issuer="https://other.example")) is None
    assert (await members.ways_in("a")).identities == [ACCOUNT]


async def test_an_attempt_is_taken_once_and_in_time(members: KeepMembers) -> None:
    for token in ("one", "two"):
        await members.begin_attempt(token, {"purpose": "x"}, expires_at=NOW + timedelta(minutes=10))
    assert await members.take_attempt("one", now=NOW) == {"purpose": "x"}
    assert await members.take_attempt("one", now=NOW) is None
    assert await members.take_attempt("two", now=NOW + timedelta(minutes=10)) is None


async def test_organisations_know_nothing_of_each_others_members(members: KeepMembers) -> None:
    here, there = replace(AMINA, organisation="umoja"), replace(AMINA, id="c", organisation="elimu")
    await members.invite(here, "1", expires_at=NOW + DAY)
    await members.invite(there, "2", expires_at=NOW + DAY)
    await members.invite(replace(AMINA, id="d"), "3", expires_at=NOW + DAY)

    assert await members.with_email(AMINA.email, "umoja") == here
    assert await members.with_email(AMINA.email, "elimu") == there
    assert await members.with_email(AMINA.email, "other") is None
    assert await members.page(after=None, limit=5, organisation="umoja") == [here]
    assert [each.id for each in await members.page(after=None, limit=5)] == ["d"]
    with pytest.raises(EmailTaken, match="has that e-mail address already"):
        await members.invite(replace(here, id="e"), "4", expires_at=NOW + DAY)


async def test_an_organisation_keeps_an_administrator_of_its_own(members: KeepMembers) -> None:
    await joined(members, replace(AMINA, organisation="umoja"))
    await joined(members, replace(BARAKA, organisation="elimu"))
    with pytest.raises(LastAdmin, match="Nobody would be left"):
        await members.change("a", suspended, ROLES)
