"""The verifier's agent over ACA-Py's admin API: its names and JSON stay in this file."""

import base64
import json
import re
from collections.abc import Awaitable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from shared.adapters.acapy_client import AcapyClient, AcapyError, AgentRefused, AgentUnknown, in_path
from shared.contracts.agent_events import CONNECTED, KEPT_UNTIL
from shared.ports.errors import Unavailable
from verifier.domain.request import Exchange, Invitation
from verifier.errors import AgentTrouble
from verifier.ports import AgentRecord, Written

GOAL_CODE = "ujuzi.request-proof"
LONGEST_GOAL = 100
LONGEST_WORD = 400
_CODE = re.compile(r"^[a-z][a-z0-9_-]*: ")
HANDSHAKE = "https://didcomm.org/didexchange/1.1"
CONFLICT = 409
_MESSAGES = "/ujuzi/notes/basic-messages"


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Service(_Wire):
    recipientKeys: list[str] = Field(min_length=1)  # noqa: N815 - ACA-Py's name


class _InvitationMessage(_Wire):
    id: str = Field(alias="@id")
    services: list[_Service | str] = Field(min_length=1)


class _ProofRecord(_Wire):
    pres_ex_id: str
    connection_id: str = ""
    thread_id: str = ""
    state: str
    error_msg: str | None = None
    updated_at: AwareDatetime
    by_format: dict[str, Any] = {}

    @property
    def exchange(self) -> Exchange:
        return Exchange(self.pres_ex_id, self.connection_id, self.thread_id)


class _Connection(_Wire):
    connection_id: str
    rfc23_state: str = ""
    state: str = ""


class _Message(_Wire):
    connection_id: str
    message_id: str
    content: str
    at: AwareDatetime


class _Note(_Wire):
    id: str
    value: _Message


class AcapyLearners:
    """Implements AskLearners and Correspondence."""

    def __init__(self, client: AcapyClient, *, base_url: str, label: str) -> None:
        """`base_url` is the service's own, under which invitations open; `label` the organisation's name."""
        self._client = client
        self._base_url = base_url
        self._label = label

    async def invite(self, request_id: str, purpose: str) -> Invitation:
        """Make a single-use out-of-band 1.1 invitation without attachments."""
        made = await _asking(
            self._client.post(
                "/out-of-band/create-invitation",
                {
                    "handshake_protocols": [HANDSHAKE],
                    "goal_code": GOAL_CODE,
                    "goal": purpose[:LONGEST_GOAL],
                    "my_label": self._label,
                    "alias": request_id,
                    "accept": ["didcomm/aip2;env=rfc19"],
                },
                params={"auto_accept": "true", "multi_use": "false"},
            )
        )
        message = made["invitation"]
        read = _read(_InvitationMessage, message)
        service = read.services[0]
        if isinstance(service, str):
            raise AgentTrouble("the agent made an invitation without a key: expected an inline service")
        oob = (
            base64.urlsafe_b64encode(json.dumps(message, separators=(",", ":")).encode()).decode().rstrip("=")
        )
        return Invitation(f"{self._base_url}/i?oob={oob}", read.id, service.recipientKeys[0])

    async def send(self, connection_id: str, request: Mapping[str, object], comment: str) -> AgentRecord:
        """Send the request; one that was sent over this connection before, by a process that died, is taken up."""
        for sent in await self._records({"connection_id": connection_id}):
            if _asked(sent).get("name") == request["name"]:
                return _record(sent)
        made = await _asking(
            self._client.post(
                "/present-proof-2.0/send-request",
                {
                    "connection_id": connection_id,
                    "comment": comment,
                    "presentation_request": {"anoncreds": request},
                    "auto_verify": False,
                    "auto_remove": False,
                },
            )
        )
        return _record(_read(_ProofRecord, made))

    async def say_again(self, exchange_id: str) -> None:
        """Repeat the exchange's last message, unless the exchange is gone."""
        try:
            await _asking(
                self._client.post(f"/ujuzi/exchanges/presentation/{in_path(exchange_id)}/repeat", {})
            )
        except AgentUnknown:
            return

    async def connection_by(self, invitation_message_id: str) -> str | None:
        """Id of the completed connection that took up this invitation."""
        answer = await _asking(
            self._client.get("/connections", params={"invitation_msg_id": invitation_message_id})
        )
        for item in answer["results"]:
            found = _read(_Connection, item)
            if found.rfc23_state == "completed" or found.state in CONNECTED:
                return found.connection_id
        return None

    async def record(self, exchange_id: str) -> AgentRecord | None:
        """The exchange as the agent has it."""
        try:
            answer = await _asking(self._client.get(f"/present-proof-2.0/records/{in_path(exchange_id)}"))
        except AgentUnknown:
            return None
        return _record(_read(_ProofRecord, answer))

    async def close(self, exchange_id: str, *, verified: bool) -> None:
        """Tell the wallet; a record that is closed or gone is no error."""
        try:
            await _asking(
                self._client.post(
                    f"/ujuzi/presentations/{in_path(exchange_id)}/close", {"verified": verified}
                )
            )
        except AgentUnknown:
            return
        except AgentRefused as error:
            if error.status != CONFLICT:
                raise AgentTrouble(str(error)) from error

    async def remove(self, exchange_id: str) -> None:
        """Delete the exchange."""
        try:
            await _asking(self._client.delete(f"/present-proof-2.0/records/{in_path(exchange_id)}"))
        except AgentUnknown:
            return

    async def arrived(self) -> Sequence[Written]:
        """The notes the agent made of messages."""
        answer = await _asking(self._client.get(_MESSAGES))
        notes = sorted((_read(_Note, each) for each in answer["notes"]), key=lambda note: note.value.at)
        return [
            Written(note.id, note.value.connection_id, note.value.message_id, note.value.content)
            for note in notes
        ]

    async def taken(self, written_id: str) -> None:
        """Delete the note."""
        await _asking(self._client.delete(f"{_MESSAGES}/{in_path(written_id)}"))

    async def write(self, connection_id: str, *, message_id: str, content: str) -> bool:
        """Send a basic message 1.0 under this id."""
        message = {"connection_id": connection_id, "message_id": message_id, "content": content}
        try:
            await _asking(self._client.post("/ujuzi/messages", message))
        except AgentUnknown:
            return False
        return True

    async def keep_in_touch(self, connection_id: str, *, until: datetime) -> None:
        """Note it beside the connection, where the agent's retention looks."""
        try:
            await _asking(
                self._client.post(
                    f"/connections/{in_path(connection_id)}/metadata",
                    {"metadata": {KEPT_UNTIL: {"until": until.isoformat()}}},
                )
            )
        except AgentUnknown:
            return

    async def _records(self, query: Mapping[str, str]) -> list[_ProofRecord]:
        answer = await _asking(self._client.get("/present-proof-2.0/records", params=query))
        return [_read(_ProofRecord, item) for item in answer["results"]]


async def _asking(call: Awaitable[Any]) -> Any:  # noqa: ANN401 - the agent's JSON
    """Translate the client's errors; what the agent does not know or refuses stays told apart for those who care."""
    try:
        return await call
    except (AgentUnknown, AgentRefused) as error:
        if isinstance(error, AgentUnknown) or error.status == CONFLICT:
            raise
        raise AgentTrouble(f"the agent refused with status {error.status}") from error
    except (AcapyError, Unavailable) as error:
        raise AgentTrouble(str(error)) from error


def _read[T: BaseModel](model: type[T], answer: object) -> T:
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        raise AgentTrouble(f"the agent's answer has another form than expected: {model.__name__}") from error


def _record(read: _ProofRecord) -> AgentRecord:
    presented = read.by_format.get("pres")
    return AgentRecord(
        exchange=read.exchange,
        state=read.state,
        request=_asked(read),
        presentation=presented.get("anoncreds", presented)
        if isinstance(presented, dict) and presented
        else None,
        changed_at=read.updated_at.astimezone(UTC),
        error=_word(read.error_msg),
    )


def _asked(record: _ProofRecord) -> dict[str, object]:
    asked = record.by_format.get("pres_request")
    found = asked.get("anoncreds") if isinstance(asked, dict) else None
    return found if isinstance(found, dict) else {}


def _word(error: str | None) -> str:
    """The learner's own words out of the agent's account of a problem report, which is `code: words`."""
    return _CODE.sub("", error or "").strip()[:LONGEST_WORD]
