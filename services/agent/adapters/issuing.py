"""Issuing that failed and may succeed in a moment: the service that ordered it decides whether the exchange is over.

ACA-Py's route abandons an exchange for any failure, one of the moment too, and tells the learner that it is over: an object that
could not be looked up just after a restart, say, or a database that was busy.
"""

import logging
from collections.abc import Awaitable, Callable

from acapy_agent.anoncreds.issuer import AnonCredsIssuerError
from acapy_agent.anoncreds.revocation.revocation import AnonCredsRevocationError
from acapy_agent.protocols.issue_credential.v2_0.formats.handler import V20CredFormatError
from acapy_agent.protocols.issue_credential.v2_0.manager import V20CredManager, V20CredManagerError
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_issue import V20CredIssue
from acapy_agent.protocols.issue_credential.v2_0.models.cred_ex_record import V20CredExRecord
from acapy_agent.storage.error import StorageError
from aiohttp import web

from services.agent.errors import StoreRestored

LOGGER = logging.getLogger(__name__)

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
            raise web.HTTPConflict(reason=f"Not issued: {type(error).__name__}") from error

    return issue_or_refuse
