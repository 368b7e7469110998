"""Agent events as our services may see them: ids and states, nothing that was said."""

from collections.abc import Mapping
from dataclasses import dataclass

_RECORD_ID = {
    "connections": "connection_id",
    "issue_credential_v2_0": "cred_ex_id",
    "present_proof_v2_0": "pres_ex_id",
    "revocation_notification": "note_id",
    "basic_message": "note_id",
}
_ROLE = {"connections": "their_role"}
_STATE = {"connections": "rfc23_state"}


@dataclass(frozen=True)
class Announcement:
    """One record reached a state."""

    topic: str
    record_id: str
    state: str
    role: str | None
    connection_id: str | None
    thread_id: str | None
    invitation_msg_id: str | None


def _text(payload: Mapping[str, object], key: str) -> str | None:
    value = payload.get(key)
    return value if isinstance(value, str) and value else None


def announce(topic: str, payload: Mapping[str, object]) -> Announcement | None:
    """What to tell of this record event; None if it is of no interest.

    Only the fields named here are ever copied, so a claim, label or comment cannot come along.
    """
    if topic not in _RECORD_ID:
        return None
    record_id = _text(payload, _RECORD_ID[topic])
    state = _text(payload, _STATE.get(topic, "state")) or _text(payload, "state")
    if record_id is None or state is None:
        return None
    return Announcement(
        topic=topic,
        record_id=record_id,
        state=state,
        role=_text(payload, _ROLE.get(topic, "role")),
        connection_id=_text(payload, "connection_id"),
        thread_id=_text(payload, "thread_id"),
        invitation_msg_id=_text(payload, "invitation_msg_id") or _text(payload, "invi_msg_id"),
    )
