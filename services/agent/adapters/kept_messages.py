"""Exchanges written and shown from the JSON their messages are kept as.

ACA-Py makes models of all messages of an exchange each time it writes or shows it, and JSON of the models again: to write one
at all, a second time for a log that is off, and a third time for the event.
"""

import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from acapy_agent.core.profile import ProfileSession
from acapy_agent.messaging.models.base_record import BaseRecord
from acapy_agent.messaging.util import time_now
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_format import V20CredFormat
from acapy_agent.protocols.issue_credential.v2_0.models.cred_ex_record import V20CredExRecord
from acapy_agent.protocols.present_proof.v2_0.messages.pres_format import V20PresFormat
from acapy_agent.protocols.present_proof.v2_0.models.pres_exchange import V20PresExRecord
from acapy_agent.storage.base import BaseStorage
from uuid_utils import uuid4

type Exchange = V20CredExRecord | V20PresExRecord
type Save = Callable[..., Awaitable[str]]
type Serialize = Callable[..., Any]

ATTACHED = {
    V20CredExRecord: {
        "cred_proposal": "filters~attach",
        "cred_offer": "offers~attach",
        "cred_request": "requests~attach",
        "cred_issue": "credentials~attach",
    },
    V20PresExRecord: {
        "pres_proposal": "proposals~attach",
        "pres_request": "request_presentations~attach",
        "pres": "presentations~attach",
    },
}
"""The messages of an exchange, and where each has its attachments."""

FIELDS = {
    V20CredExRecord: (
        "connection_id", "verification_method", "parent_thread_id", "initiator", "role", "state", "auto_offer",
        "auto_issue", "auto_remove", "auto_remove_on_failure", "error_msg", "trace",
    ),
    V20PresExRecord: (
        "connection_id", "initiator", "role", "state", "verified", "verified_msgs", "auto_present", "auto_verify",
        "error_msg", "trace", "auto_remove", "auto_remove_on_failure",
    ),
}  # fmt: skip
"""What else is kept of an exchange."""

_FORMATS = {V20CredExRecord: V20CredFormat.Format, V20PresExRecord: V20PresFormat.Format}
_NOT_SHOWN = "verification_method"


def kept(exchange: Exchange) -> dict[str, Mapping[str, Any]]:
    """The messages there are, as they are kept."""
    found = ((name, getattr(exchange, f"_{name}")) for name in ATTACHED[type(exchange)])
    return {name: message.ser for name, message in found if message is not None}


def written(exchange: Exchange) -> dict[str, Any]:
    """What an exchange writes in its record, as ACA-Py's own `record_value`."""
    return {name: getattr(exchange, name) for name in FIELDS[type(exchange)]} | kept(exchange)


def showing(serialize: Serialize) -> Serialize:
    """What shows an exchange; whatever is out of the ordinary is left to ACA-Py."""

    def show(self: Exchange, *, as_string: bool = False, unknown: str | None = None) -> Any:  # noqa: ANN401  JSON
        if as_string or type(self) not in ATTACHED:
            return serialize(self, as_string=as_string, unknown=unknown)
        try:
            by_format = _by_format(self)
        except (AttributeError, LookupError, StopIteration, TypeError, ValueError):
            return serialize(self, unknown=unknown)
        value = self.value
        value.pop(_NOT_SHOWN, None)
        preview = value.get("cred_proposal", {}).get("credential_preview")
        shown = value | {self.RECORD_ID_NAME: self._id, "cred_preview": preview, "by_format": by_format}
        return {name: one for name, one in shown.items() if one is not None}

    return show


def writing_once(save: Save) -> Save:
    """What writes a record; ACA-Py's own if the log it serialises for is on."""

    async def write(
        self: BaseRecord,
        session: ProfileSession,
        *,
        reason: str | None = None,
        log_params: Mapping[str, Any] | None = None,
        log_override: bool = False,
        event: bool | None = None,
    ) -> str:
        if log_override or (self.LOG_STATE_FLAG and session.settings.get(self.LOG_STATE_FLAG)):
            return await save(
                self, session, reason=reason, log_params=log_params, log_override=log_override, event=event
            )
        self.updated_at = time_now()
        storage = session.inject(BaseStorage)
        new = not self._id or self._new_with_id
        if new:
            self._id = self._id or str(uuid4())
            self.created_at = self.updated_at
            await storage.add_record(self.storage_record)
            self._new_with_id = False
        else:
            record = self.storage_record
            await storage.update_record(record, record.value, record.tags)
        await self.post_save(session, new, self._last_state, event)
        self._last_state = self.state
        return str(self._id)

    return write


def _by_format(exchange: Exchange) -> dict[str, dict[str, Any]]:
    formats, places = _FORMATS[type(exchange)], ATTACHED[type(exchange)]
    return {
        name: {
            form.api: _content(message, places[name], formats, form)
            for form in (formats.get(one["format"]) for one in message["formats"])
        }
        for name, message in kept(exchange).items()
    }


def _content(message: Mapping[str, Any], place: str, formats: Any, form: Any) -> Any:  # noqa: ANN401  of two enumerations
    """The first attachment under the first name of this format."""
    named = next(one["attach_id"] for one in message["formats"] if formats.get(one["format"]) is form)
    data = next(one["data"] for one in message[place] if one["@id"] == named)
    if "base64" in data:
        return json.loads(base64.b64decode(data["base64"] + "=" * (-len(data["base64"]) % 4)))
    return data["json"] or None
