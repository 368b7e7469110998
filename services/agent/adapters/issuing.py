"""Issuing and storing that failed, where the exchange need not be over.

ACA-Py's route abandons an exchange for any failure of issuing, one of the moment too, and tells the learner that it is over: an
object that could not be looked up just after a restart, say, or a database that was busy. The service that ordered it decides.

And it keeps a credential, then in another transaction the exchange that says so. After a death in between, storing finds the name
taken, abandons the exchange and tells the issuer that it failed, though the learner has her credential.
"""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final, Protocol

from acapy_agent.anoncreds.holder import AnonCredsHolderError, _make_cred_info
from acapy_agent.anoncreds.issuer import AnonCredsIssuerError
from acapy_agent.anoncreds.models.issuer_cred_rev_record import IssuerCredRevRecord
from acapy_agent.anoncreds.revocation.revocation import AnonCredsRevocationError
from acapy_agent.core.profile import Profile
from acapy_agent.messaging.util import datetime_now, str_to_datetime
from acapy_agent.protocols.issue_credential.v2_0.formats.handler import V20CredFormatError
from acapy_agent.protocols.issue_credential.v2_0.manager import V20CredManager, V20CredManagerError
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_issue import V20CredIssue
from acapy_agent.protocols.issue_credential.v2_0.models.cred_ex_record import V20CredExRecord
from acapy_agent.protocols.issue_credential.v2_0.models.detail.anoncreds import V20CredExRecordAnonCreds
from acapy_agent.storage.error import StorageError
from acapy_agent.wallet.error import WalletNotFoundError
from aiohttp import web

from services.agent.errors import StoreRestored

LOGGER = logging.getLogger(__name__)

UNDER_WAY: Final = timedelta(minutes=2)
"""No order is between two of its writes for as long."""

type Issue = Callable[..., Awaitable[tuple[V20CredExRecord, V20CredIssue]]]


def leaving_open(issue: Issue, may_issue: Callable[[], None]) -> Issue:
    """Answer 409 to an order that could not be carried out; the exchange stays as it is. `may_issue` raises StoreRestored."""

    async def issue_or_refuse(
        manager: V20CredManager, cred_ex_record: V20CredExRecord, **more: object
    ) -> tuple[V20CredExRecord, V20CredIssue]:
        try:
            may_issue()
            return await issue(manager, cred_ex_record, **more)
        except (
            AnonCredsIssuerError,
            AnonCredsRevocationError,
            StorageError,
            StoreRestored,
            V20CredFormatError,
            V20CredManagerError,
        ) as error:
            LOGGER.exception("Exchange %s could not be issued in now", cred_ex_record.cred_ex_id)
            if isinstance(error, V20CredFormatError):
                await forget_cut_off(manager.profile, cred_ex_record.cred_ex_id)
            raise web.HTTPConflict(reason=f"Not issued: {type(error).__name__}") from error

    return issue_or_refuse


async def forget_cut_off(profile: Profile, cred_ex_id: str) -> None:
    """Let the next order issue, if this exchange was being issued in when the process died.

    ACA-Py keeps a credential's detail, then in another transaction the exchange that holds it, and sends it after that. With a detail
    and no credential it refuses for ever. Younger ones may be another order's, under way; the place in the status list stays taken.
    """
    async with profile.transaction() as txn:
        exchange = await V20CredExRecord.retrieve_by_id(txn, cred_ex_id, for_update=True)
        details = await V20CredExRecordAnonCreds.query_by_cred_ex_id(txn, cred_ex_id)
        if exchange.state != V20CredExRecord.STATE_REQUEST_RECEIVED or not all(
            datetime_now() - str_to_datetime(detail.created_at) > UNDER_WAY for detail in details
        ):
            return
        for place in await IssuerCredRevRecord.query(txn, {"cred_ex_id": cred_ex_id}):
            await place.delete_record(txn)
        for detail in details:
            await detail.delete_record(txn)
        await txn.commit()


class Received(Protocol):
    """A credential of the anoncreds library."""

    def to_dict(self) -> dict[str, object]:
        """As a document."""


class Holder(Protocol):
    """ACA-Py's holder of a wallet."""

    async def get_credential(self, credential_id: str) -> str:
        """What it tells of a credential, as JSON; raises WalletNotFoundError."""


type Store = Callable[..., Awaitable[str]]


def storing_again(store: Store) -> Store:
    """Be content where the very credential is there already under its name."""

    async def store_or_find(  # noqa: PLR0917  as ACA-Py calls it
        holder: Holder,
        credential_definition: Mapping[str, object],
        received: Received,
        request_metadata: Mapping[str, object],
        mime_types: Mapping[str, str] | None = None,
        credential_id: str | None = None,
        rev_reg_def: Mapping[str, object] | None = None,
    ) -> str:
        try:
            return await store(
                holder,
                credential_definition,
                received,
                request_metadata,
                mime_types,
                credential_id,
                rev_reg_def,
            )
        except AnonCredsHolderError:
            if credential_id is None or not await _is_there(holder, credential_id, received):
                raise
            return credential_id

    return store_or_find


async def _is_there(holder: Holder, credential_id: str, received: Received) -> bool:
    try:
        held = json.loads(await holder.get_credential(credential_id))
    except (AnonCredsHolderError, WalletNotFoundError):
        return False
    return bool(held == _make_cred_info(credential_id, received))
