"""An order to issue that fails now leaves its exchange open."""

import pytest
from acapy_agent.anoncreds.revocation.revocation import AnonCredsRevocationError
from acapy_agent.protocols.issue_credential.v2_0.models.cred_ex_record import V20CredExRecord
from acapy_agent.storage.error import StorageError
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
