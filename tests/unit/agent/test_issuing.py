"""An order to issue that fails now leaves its exchange open."""

from datetime import timedelta

import pytest
from acapy_agent.anoncreds.models.issuer_cred_rev_record import IssuerCredRevRecord
from acapy_agent.anoncreds.revocation.revocation import AnonCredsRevocationError
from acapy_agent.messaging.util import datetime_now, datetime_to_str
from acapy_agent.protocols.issue_credential.v2_0.formats.anoncreds.handler import AnonCredsCredFormatHandler
from acapy_agent.protocols.issue_credential.v2_0.manager import V20CredManager
from acapy_agent.protocols.issue_credential.v2_0.models.cred_ex_record import V20CredExRecord
from acapy_agent.protocols.issue_credential.v2_0.models.detail.anoncreds import V20CredExRecordAnonCreds
from acapy_agent.storage.error import StorageError
from acapy_agent.utils.testing import create_test_profile
from aiohttp import web

from services.agent.adapters.issuing import leaving_open
from services.agent.errors import StoreRestored


def may() -> None:
    pass


async def test_what_was_issued_is_handed_on() -> None:
    async def issue(_: object, record: V20CredExRecord, **more: object) -> tuple[V20CredExRecord, object]:
        return record, more["comment"]

    record = V20CredExRecord(cred_ex_id="one")
    assert await leaving_open(issue, may)(None, record, comment="given") == (record, "given")


@pytest.mark.parametrize("failure", [AnonCredsRevocationError("busy"), StorageError("away")])
async def test_a_failure_is_answered_and_the_exchange_stays(failure: Exception) -> None:
    async def issue(*_: object, **__: object) -> tuple[V20CredExRecord, object]:
        raise failure

    record = V20CredExRecord(cred_ex_id="one", state="request-received")
    with pytest.raises(web.HTTPConflict, match=f"Not issued: {type(failure).__name__}"):
        await leaving_open(issue, may)(None, record)
    assert record.state == "request-received"


async def test_a_fault_of_ours_is_not_taken_for_one() -> None:
    async def issue(*_: object, **__: object) -> tuple[V20CredExRecord, object]:
        raise KeyError("fault")

    with pytest.raises(KeyError, match="fault"):
        await leaving_open(issue, may)(None, V20CredExRecord(cred_ex_id="one"))


async def test_nothing_is_issued_from_a_restored_store_before_its_lists_were_replaced() -> None:
    async def issue(*_: object, **__: object) -> tuple[V20CredExRecord, object]:
        raise AssertionError("nothing may be issued")

    def may_not() -> None:
        raise StoreRestored("being replaced")

    record = V20CredExRecord(cred_ex_id="one", state="request-received")
    with pytest.raises(web.HTTPConflict, match="Not issued: StoreRestored"):
        await leaving_open(issue, may_not)(None, record)
    assert record.state == "request-received"


@pytest.mark.parametrize(
    ("state", "age", "left"),
    [
        ("request-received", timedelta(minutes=3), 0),
        ("request-received", timedelta(seconds=30), 1),
        ("credential-issued", timedelta(minutes=3), 1),
    ],
)
async def test_what_a_death_in_mid_issuing_left_keeps_nobody_from_issuing_for_ever(
    state: str, age: timedelta, left: int
) -> None:
    profile = await create_test_profile({"wallet.type": "askar-anoncreds"})
    at = datetime_to_str(datetime_now() - age)
    record = V20CredExRecord(cred_ex_id="one", state=state, role="issuer", initiator="self", new_with_id=True)
    detail = V20CredExRecordAnonCreds(cred_ex_id="one", rev_reg_id="list", cred_rev_id="7", created_at=at)
    place = IssuerCredRevRecord(state="issued", cred_ex_id="one", rev_reg_id="list", cred_rev_id="7")
    other = IssuerCredRevRecord(state="issued", cred_ex_id="other", rev_reg_id="list", cred_rev_id="8")
    async with profile.session() as session:
        await record.save(session)
        await V20CredExRecord(cred_ex_id="other", state=state, new_with_id=True).save(session)
        await session.handle.insert(
            V20CredExRecordAnonCreds.RECORD_TYPE, "detail", detail.to_json(), {"cred_ex_id": "one"}
        )
        for one in (place, other):
            await one.save(session)
    manager = V20CredManager(profile)

    async def issue(asked: V20CredManager, record: V20CredExRecord) -> tuple[V20CredExRecord, object]:
        await AnonCredsCredFormatHandler(asked.profile)._check_uniqueness(record.cred_ex_id)
        return record, "issued"

    with pytest.raises(web.HTTPConflict, match="Not issued: V20CredFormatError"):
        await leaving_open(issue, may)(manager, record)

    async with profile.session() as session:
        details = await V20CredExRecordAnonCreds.query_by_cred_ex_id(session, "one")
        places = await IssuerCredRevRecord.query(session, {"rev_reg_id": "list"})
    assert len(details) == left
    assert {one.cred_ex_id for one in places} == ({"one", "other"} if left else {"other"})
    if not left:
        assert await leaving_open(issue, may)(manager, record) == (record, "issued")
