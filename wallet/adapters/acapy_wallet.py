"""Learners' stores at the ACA-Py agent: the one place that knows its admin API's names and JSON."""

import asyncio
import base64
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from http import HTTPStatus
from typing import Any

import base58
from pydantic import JsonValue

from shared.adapters.acapy_client import AcapyClient, AgentRefused, AgentUnavailable, AgentUnknown, in_path
from shared.adapters.acapy_retention import delete_what_is_past
from shared.contracts.agent_events import KEPT_UNTIL
from shared.vc.dateint import DateMalformed, from_rfc3339
from wallet.domain.capacity import Room
from wallet.domain.credential import HeldCredential
from wallet.domain.invitation import Invitation
from wallet.domain.offer import OfferExchange, OfferState
from wallet.domain.request import RequestExchange, RequestState
from wallet.errors import (
    WRONG_KEY,
    AgentRefuses,
    AgentSilent,
    ArchiveRefused,
    CredentialUnknown,
    InstallationFull,
    InvitationRefused,
    NotThere,
    OfferUnknown,
    RequestUnknown,
    StoreFull,
    WalletError,
    WalletLocked,
    WalletUnknown,
    WrongKey,
)
from wallet.ports import Note

log = logging.getLogger(__name__)

_NO_OFFER = "No offer of that id is in this wallet; GET /v1/offers lists all."
_NO_CREDENTIAL = "No credential of that id is in this wallet; GET /v1/credentials lists all."
_NO_REQUEST = "No request of that id is in this wallet; GET /v1/requests lists all."
_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)
PAGE = 500
CONNECT_TRIES = 3
CONNECT_PAUSE = 0.5
FULL = HTTPStatus.CONFLICT
_FORMATS = ("anoncreds", "indy")
_DECLINED_BY_US = "created problem report"
"""How the agent begins the reason of an exchange that this side ended."""

_OFFER_STATES = {
    "offer-received": OfferState.OPEN,
    "request-sent": OfferState.ACCEPTED,
    "credential-received": OfferState.ARRIVED,
    "done": OfferState.STORED,
    "credential-revoked": OfferState.STORED,
}
_REQUEST_STATES = {
    "request-received": RequestState.OPEN,
    "presentation-sent": RequestState.ANSWERED,
    "done": RequestState.CLOSED,
}
_DEAD_CONNECTIONS = frozenset({"abandoned", "error"})


class AcapySealedWallets:
    """`SealedWallets` through the plugin's admin routes."""

    def __init__(self, agent: AcapyClient) -> None:
        """`agent` holds the admin key."""
        self._agent = agent

    async def create(self, wallet_key: bytes) -> str:
        """Make a locked store."""
        async with _translated(), _unless_full():
            made = await self._agent.post("/ujuzi/wallets", {"wallet_key": _base58(wallet_key)})
        return str(made["wallet_id"])

    async def take_in(self, store: bytes) -> str:
        """Make a locked store of a sealed copy."""
        try:
            async with _translated(), _unless_full():
                encoded = base64.b64encode(store).decode()
                made = await self._agent.post("/ujuzi/wallets/import", {"store": encoded})
        except AgentRefuses as error:
            refused = error.__cause__
            if isinstance(refused, AgentRefused) and refused.status == HTTPStatus.BAD_REQUEST:
                raise ArchiveRefused("What the archive holds is not a wallet's store.") from error
            raise
        return str(made["wallet_id"])

    async def open(self, wallet_id: str, wallet_key: bytes) -> str:
        """Open a store."""
        path = f"/ujuzi/wallets/{in_path(wallet_id)}/open"
        try:
            async with _translated(WalletUnknown("No wallet of that id lives here.")):
                opened = await self._agent.post(path, {"wallet_key": _base58(wallet_key)})
        except AgentRefuses as error:
            if isinstance(error.__cause__, AgentRefused) and error.__cause__.status == HTTPStatus.FORBIDDEN:
                raise WrongKey(WRONG_KEY) from error
            raise
        return str(opened["token"])

    async def close(self, wallet_id: str) -> None:
        """Lock a store."""
        try:
            async with _translated(WalletUnknown("gone")):
                await self._agent.post(f"/ujuzi/wallets/{in_path(wallet_id)}/close")
        except WalletUnknown:
            return

    async def state(self, wallet_id: str) -> tuple[str, int]:
        """State and number of waiting envelopes."""
        async with _translated(WalletUnknown("No wallet of that id lives here.")):
            found = await self._agent.get(f"/ujuzi/wallets/{in_path(wallet_id)}")
        return str(found["state"]), int(found["waiting"])

    async def delete(self, wallet_id: str) -> None:
        """Remove a store."""
        try:
            async with _translated(WalletUnknown("gone")):
                await self._agent.delete(f"/ujuzi/wallets/{in_path(wallet_id)}")
        except WalletUnknown:
            return

    async def has_keys_out(self, wallet_id: str) -> bool:
        """Ask which keys of the wallet the agent takes envelopes for."""
        async with _translated():
            found = await self._agent.get(f"/ujuzi/wallets/{in_path(wallet_id)}/keys")
        return bool(found["keys"])

    async def room(self) -> Room:
        """Ask the agent, which has the disk."""
        async with _translated():
            return Room(**await self._agent.get("/ujuzi/room"))

    def opened(self, agent_token: str) -> "AcapyStore":
        """The open store."""
        return AcapyStore(self._agent.with_token(agent_token))


class AcapyStore:
    """`LearnerStore` of one tenant."""

    def __init__(self, agent: AcapyClient) -> None:
        """`agent` holds the tenant's token."""
        self._agent = agent

    async def connection_from(self, invitation_id: str) -> str | None:
        """The live connection made from an invitation."""
        async with _translated():
            found = await self._agent.get("/connections", params={"invitation_msg_id": invitation_id})
        alive = (one for one in found["results"] if one.get("state") not in _DEAD_CONNECTIONS)
        return next((str(one["connection_id"]) for one in alive), None)

    async def connect(self, invitation: Invitation) -> str:
        """Answer an invitation; a short-form did:peer:4 that is not known yet is tried again."""
        try:
            async with _translated():
                record = await _again_if_not_found(
                    lambda: self._agent.post(
                        "/out-of-band/receive-invitation",
                        dict(invitation.message),
                        params={"auto_accept": True, "use_existing_connection": False},
                    )
                )
        except AgentRefuses as error:
            if isinstance(error.__cause__, AgentRefused) and error.__cause__.status == FULL:
                raise StoreFull(
                    "Expected a wallet with room for more, found it as large as one may be here. "
                    "What ended goes by itself in time. Open the link with another wallet, or keep it for later."
                ) from error
            raise InvitationRefused(
                "The invitation cannot be answered. Ask the sender for a new link."
            ) from error
        return str(record["connection_id"])

    async def unanswered_connections(self) -> Sequence[str]:
        """Connections in the agent's state for them."""
        async with _translated():
            found = await self._agent.get("/connections", params={"state": "request"})
        return [str(one["connection_id"]) for one in found["results"]]

    async def connect_again(self, connection_id: str) -> None:
        """Repeat the exchange's last message."""
        async with _translated():
            await self._agent.post(f"/ujuzi/exchanges/connection/{in_path(connection_id)}/repeat", {})

    async def offers(self) -> Sequence[OfferExchange]:
        """All offers."""
        return [_offer(found) async for found in self._pages("/issue-credential-2.0/records")]

    async def offer(self, offer_id: str) -> OfferExchange:
        """One offer."""
        async with _translated(OfferUnknown(_NO_OFFER)):
            return _offer(
                await self._agent.get(
                    f"/issue-credential-2.0/records/{_record(offer_id, OfferUnknown(_NO_OFFER))}"
                )
            )

    async def request_credential(self, offer_id: str) -> None:
        """Ask for the credential offered."""
        async with _translated(OfferUnknown(_NO_OFFER)):
            await self._agent.post(
                f"/issue-credential-2.0/records/{_record(offer_id, OfferUnknown(_NO_OFFER))}/send-request",
                {"auto_remove": False},
            )

    async def request_credential_again(self, offer_id: str) -> None:
        """Repeat the exchange's last message."""
        async with _translated(OfferUnknown(_NO_OFFER)):
            await self._agent.post(f"/ujuzi/exchanges/credential/{in_path(offer_id)}/repeat", {})

    async def refuse_offer(self, offer_id: str, reason: str) -> None:
        """Send a problem report."""
        async with _translated(OfferUnknown(_NO_OFFER)):
            await self._agent.post(
                f"/issue-credential-2.0/records/{_record(offer_id, OfferUnknown(_NO_OFFER))}/problem-report",
                {"description": reason},
            )

    async def store_credential(self, offer_id: str) -> str:
        """Store under the exchange's own id, so that doing it again cannot make a second credential."""
        async with _translated(OfferUnknown(_NO_OFFER)):
            stored = await self._agent.post(
                f"/issue-credential-2.0/records/{_record(offer_id, OfferUnknown(_NO_OFFER))}/store",
                {"credential_id": offer_id},
            )
        detail = _part(stored, "anoncreds") or _part(stored, "indy")
        return str(detail.get("cred_id_stored") or offer_id)

    async def credentials(self) -> Sequence[HeldCredential]:
        """All credentials."""
        return [_held(found) async for found in self._pages("/credentials")]

    async def credential(self, credential_id: str) -> HeldCredential:
        """One credential."""
        async with _translated(CredentialUnknown(_NO_CREDENTIAL)):
            return _held(
                await self._agent.get(
                    f"/credential/{_record(credential_id, CredentialUnknown(_NO_CREDENTIAL))}"
                )
            )

    async def remove_credential(self, credential_id: str) -> None:
        """Remove one."""
        try:
            async with _translated(CredentialUnknown("gone")):
                await self._agent.delete(f"/credential/{_record(credential_id, CredentialUnknown('gone'))}")
        except CredentialUnknown:
            return

    async def requests(self) -> Sequence[RequestExchange]:
        """All requests."""
        return [_request(found) async for found in self._pages("/present-proof-2.0/records")]

    async def request(self, request_id: str) -> RequestExchange:
        """One request."""
        async with _translated(RequestUnknown(_NO_REQUEST)):
            return _request(
                await self._agent.get(
                    f"/present-proof-2.0/records/{_record(request_id, RequestUnknown(_NO_REQUEST))}"
                )
            )

    async def present(self, request_id: str, presentation: Mapping[str, JsonValue]) -> None:
        """Prove and send."""
        async with _translated(RequestUnknown(_NO_REQUEST)):
            await self._agent.post(
                f"/present-proof-2.0/records/{_record(request_id, RequestUnknown(_NO_REQUEST))}/send-presentation",
                {"anoncreds": dict(presentation), "auto_remove": False},
            )

    async def present_again(self, request_id: str) -> None:
        """Repeat the exchange's last message."""
        async with _translated(RequestUnknown(_NO_REQUEST)):
            await self._agent.post(f"/ujuzi/exchanges/presentation/{in_path(request_id)}/repeat", {})

    async def refuse_request(self, request_id: str, reason: str) -> None:
        """Send a problem report."""
        async with _translated(RequestUnknown(_NO_REQUEST)):
            await self._agent.post(
                f"/present-proof-2.0/records/{_record(request_id, RequestUnknown(_NO_REQUEST))}/problem-report",
                {"description": reason},
            )

    async def send_message(self, connection_id: str, *, message_id: str, content: str) -> None:
        """Send a basic message 1.0."""
        message = {"connection_id": connection_id, "message_id": message_id, "content": content}
        async with _translated():
            await self._agent.post("/ujuzi/messages", message)

    async def keep_in_touch(self, connection_id: str, *, until: datetime) -> None:
        """Note it beside the connection, where the agent's retention looks."""
        mark = {"metadata": {KEPT_UNTIL: {"until": until.isoformat()}}}
        with suppress(NotThere):
            await self._call(self._agent.post(f"/connections/{in_path(connection_id)}/metadata", mark))

    async def note(self, category: str, note_id: str) -> JsonValue:
        """One note."""
        try:
            found: JsonValue = await self._call(self._agent.get(_note_path(category, note_id)))
        except NotThere:
            return None
        return found

    async def notes(self, category: str) -> Mapping[str, JsonValue]:
        """The notes of a category."""
        found = await self._call(self._agent.get(f"/ujuzi/notes/{in_path(category)}"))
        return {str(note["id"]): note["value"] for note in found["notes"]}

    async def notes_of(self, *categories: str) -> Sequence[Mapping[str, JsonValue]]:
        """The notes of several categories."""
        found = (await self._call(self._agent.get("/ujuzi/notes", params={"of": categories})))["notes"]
        return [{str(note["id"]): note["value"] for note in found[category]} for category in categories]

    async def sealed_copy(self) -> bytes:
        """The store's file."""
        async with _translated():
            found = await self._agent.get("/ujuzi/store")
        return base64.b64decode(found["store"])

    async def write_note(self, category: str, note_id: str, value: Mapping[str, JsonValue]) -> None:
        """Keep a note."""
        await self._call(self._agent.put(_note_path(category, note_id), dict(value)))

    async def write_notes(self, notes: Sequence[Note]) -> None:
        """Keep several notes."""
        await self._call(self._agent.put("/ujuzi/notes", {"notes": [note._asdict() for note in notes]}))

    async def has_connections(self) -> bool:
        """One is enough."""
        async with _translated():
            return bool((await self._agent.get("/connections", params={"limit": 1}))["results"])

    async def delete_past(self) -> int:
        """Let the agent do it."""
        async with _translated():
            return await delete_what_is_past(self._agent)

    async def _call(self, answer: Awaitable[Any]) -> Any:  # noqa: ANN401 - the agent's JSON
        async with _translated(NotThere("gone")):
            return await answer

    async def _pages(self, path: str) -> AsyncIterator[Mapping[str, Any]]:
        """Every record: the agent gives out a page at a time, and ten credentials unless told otherwise."""
        offset = 0
        while True:
            async with _translated():
                found = await self._agent.get(path, params={"limit": PAGE, "offset": offset})
            for one in found["results"]:
                yield one
            offset += PAGE
            if len(found["results"]) < PAGE:
                return


@asynccontextmanager
async def _translated(missing: WalletError | None = None) -> AsyncIterator[None]:
    """The client's errors in the wallet's words; `missing` is raised for a record the agent does not know."""
    try:
        yield
    except AgentUnavailable as error:
        raise AgentSilent(
            "The agent did not answer in time. Nothing was lost: try again in a moment."
        ) from error
    except AgentUnknown as error:
        raise missing or AgentRefuses("The agent does not know what it was asked for.") from error
    except AgentRefused as error:
        if error.status == HTTPStatus.UNAUTHORIZED:
            raise WalletLocked("The wallet is locked. Unlock it and call again.") from error
        raise AgentRefuses(f"The agent refused (status {error.status}). {error.reason}") from error


@asynccontextmanager
async def _unless_full() -> AsyncIterator[None]:
    """A disk that is nearly full takes no further wallet."""
    try:
        yield
    except AgentRefused as error:
        if error.status == FULL:
            raise InstallationFull(
                "Expected room for another wallet, found the disk nearly full. Wallets that are here go on. Take a wallet "
                "elsewhere: the link you were sent works there too. Whoever runs this service can make room."
            ) from error
        raise


async def _again_if_not_found(call: Any) -> Any:  # noqa: ANN401 - the agent's JSON
    for remaining in range(CONNECT_TRIES - 1, -1, -1):
        try:
            return await call()
        except (AgentUnavailable, AgentRefused) as error:
            if not remaining or "DIDNotFound" not in str(error):
                raise
            log.info("the sender's DID is not known yet; trying again")
            await asyncio.sleep(CONNECT_PAUSE)
    raise AssertionError


def _note_path(category: str, note_id: str) -> str:
    return f"/ujuzi/notes/{in_path(category)}/{in_path(note_id)}"


def _record(identifier: str, missing: WalletError) -> str:
    """A record's id in a path. The agent calls records by UUID4 and takes anything else for a bad call, not for unknown."""
    if not _UUID4.fullmatch(identifier):
        raise missing
    return identifier


def _base58(key: bytes) -> str:
    return str(base58.b58encode(key), "ascii")


def _held(found: Mapping[str, Any]) -> HeldCredential:
    index = found.get("cred_rev_id")
    return HeldCredential(
        id=str(found.get("referent") or found.get("credential_id")),
        schema_id=str(found["schema_id"]),
        cred_def_id=str(found["cred_def_id"]),
        attributes={str(name): str(raw) for name, raw in found["attrs"].items()},
        rev_reg_id=found.get("rev_reg_id") or None,
        rev_index=int(index) if index not in {None, ""} else None,
    )


def _offer(found: Mapping[str, Any]) -> OfferExchange:
    record = found["cred_ex_record"]
    offered = _by_format(record, "cred_offer")
    issued = _by_format(record, "cred_issue")
    detail = _part(found, "anoncreds") or _part(found, "indy")
    state = _OFFER_STATES.get(record.get("state"))
    if state is None:
        state = OfferState.DECLINED if _declined_by_us(record) else OfferState.BROKEN
    preview = _part(_part(record, "cred_offer"), "credential_preview") or _part(record, "cred_preview")
    return OfferExchange(
        id=str(record["cred_ex_id"]),
        connection_id=record.get("connection_id"),
        state=state,
        cred_def_id=str(offered.get("cred_def_id", "")),
        schema_id=str(offered.get("schema_id", "")),
        attributes={str(one["name"]): str(one["value"]) for one in preview.get("attributes", [])},
        received_at=_moment(record.get("created_at")),
        issued_cred_def_id=issued.get("cred_def_id"),
        issued={name: str(value["raw"]) for name, value in issued["values"].items()} if issued else None,
        credential_id=detail.get("cred_id_stored"),
    )


def _request(found: Mapping[str, Any]) -> RequestExchange:
    state = _REQUEST_STATES.get(str(found.get("state")))
    if state is None:
        state = RequestState.DECLINED if _declined_by_us(found) else RequestState.BROKEN
    if found.get("state") == "done":
        state = {"true": RequestState.VERIFIED, "false": RequestState.REJECTED}.get(
            str(found.get("verified")), state
        )
    return RequestExchange(
        id=str(found["pres_ex_id"]),
        connection_id=found.get("connection_id"),
        state=state,
        proof_request=_by_format(found, "pres_request"),
        comment=_part(found, "pres_request").get("comment"),
    )


def _declined_by_us(record: Mapping[str, Any]) -> bool:
    return str(record.get("error_msg") or "").startswith(_DECLINED_BY_US)


def _by_format(record: Mapping[str, Any], message: str) -> Mapping[str, Any]:
    attached = _part(_part(record, "by_format"), message)
    return next((attached[name] for name in _FORMATS if attached.get(name)), {})


def _part(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = found.get(name)
    return part if isinstance(part, Mapping) else {}


def _moment(text: object) -> datetime | None:
    try:
        return from_rfc3339(text)
    except DateMalformed:
        return None
