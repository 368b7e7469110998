"""The issuer's agent over ACA-Py's admin API: the only module here that knows its routes, names and states."""

import base64
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from issuer.adapters.acapy_calls import calling
from issuer.domain.award import Exchange, SentCredential
from issuer.domain.suspension import Status, StatusNotice
from issuer.errors import AgentRefuses, UnknownToAgent
from issuer.ports import ExchangeReport, Invitation, Stage
from shared.adapters.acapy_client import AcapyClient, in_path
from shared.contracts.agent_events import CONNECTED
from shared.contracts.attributes import ATTRIBUTES, SCHEMA_NAME, SCHEMA_VERSION

REGISTRY_SIZE: Final = 1024
DEFINITION_TAG: Final = "revocable"
GOAL_CODE: Final = "ujuzi.claim-award"
_DEFINITION_SECONDS: Final = 240.0
_STAGES: Final[Mapping[str, Stage]] = {
    "offer-sent": Stage.OFFERED,
    "request-received": Stage.REQUESTED,
    "credential-issued": Stage.SENT,
    "done": Stage.DONE,
    "credential-revoked": Stage.DONE,
    "abandoned": Stage.ENDED,
}


class AcapyAgent:
    """Issues through the agent at `client`; invitations point people to `base_url`."""

    def __init__(self, client: AcapyClient, *, base_url: str) -> None:
        self._client = client
        self._base_url = base_url

    async def invite(self, *, award_id: UUID, organisation: str) -> Invitation:
        """Make an invitation for one wallet."""
        made = await calling(
            self._client.post(
                "/out-of-band/create-invitation",
                {
                    "alias": str(award_id),
                    "handshake_protocols": ["https://didcomm.org/didexchange/1.1"],
                    "accept": ["didcomm/aip2;env=rfc19", "didcomm/aip1"],
                    "protocol_version": "1.1",
                    "my_label": organisation,
                    "goal_code": GOAL_CODE,
                    "goal": "Claim your award",
                },
                params={"auto_accept": True, "multi_use": False},
            )
        )
        invitation = json.dumps(made["invitation"], ensure_ascii=False, separators=(",", ":")).encode()
        encoded = base64.urlsafe_b64encode(invitation).rstrip(b"=").decode()
        return Invitation(msg_id=made["invi_msg_id"], url=f"{self._base_url}/i?oob={encoded}")

    async def connection_for(self, invitation_msg_id: str) -> str | None:
        """Look for the completed connection of an invitation."""
        found = await calling(
            self._client.get("/connections", params={"invitation_msg_id": invitation_msg_id})
        )
        for connection in found["results"]:
            if connection.get("state") in CONNECTED:
                return str(connection["connection_id"])
        return None

    async def invitation_of(self, connection_id: str) -> str | None:
        """Ask for the connection."""
        try:
            found = await calling(self._client.get(f"/connections/{in_path(connection_id)}"))
        except UnknownToAgent:
            return None
        invitation: str | None = found.get("invitation_msg_id")
        return invitation

    async def exchanges_on(self, connection_id: str) -> Sequence[ExchangeReport]:
        """Return the exchanges we began on a connection."""
        found = await calling(
            self._client.get(
                "/issue-credential-2.0/records", params={"connection_id": connection_id, "role": "issuer"}
            )
        )
        return [report for entry in found["results"] if (report := _report(entry)) is not None]

    async def offer(
        self,
        *,
        connection_id: str,
        credential_definition_id: str,
        attributes: Mapping[str, str],
        comment: str,
    ) -> Exchange:
        """Send an offer; it is issued only on our order."""
        record = await calling(
            self._client.post(
                "/issue-credential-2.0/send-offer",
                {
                    "connection_id": connection_id,
                    "auto_issue": False,
                    "auto_remove": False,
                    "comment": comment,
                    "credential_preview": {
                        "@type": "issue-credential/2.0/credential-preview",
                        "attributes": [{"name": name, "value": value} for name, value in attributes.items()],
                    },
                    "filter": {"anoncreds": {"cred_def_id": credential_definition_id}},
                },
            )
        )
        return Exchange(connection_id=record["connection_id"], cred_ex_id=record["cred_ex_id"])

    async def exchange(self, cred_ex_id: str) -> ExchangeReport | None:
        """Return what the agent knows of an exchange."""
        try:
            found = await calling(self._client.get(f"/issue-credential-2.0/records/{cred_ex_id}"))
        except UnknownToAgent:
            return None
        return _report(found)

    async def issue(self, cred_ex_id: str) -> SentCredential:
        """Send the credential."""
        done = await calling(
            self._client.post(f"/issue-credential-2.0/records/{cred_ex_id}/issue", {}, timeout=60.0)
        )
        report = _report(done)
        if report is None or report.credential is None:
            raise AgentRefuses("The agent issued a credential without a place in a status list.")
        return report.credential

    async def say_again(self, cred_ex_id: str) -> None:
        """Repeat the exchange's last message, unless the exchange is gone."""
        try:
            await calling(self._client.post(f"/ujuzi/exchanges/credential/{in_path(cred_ex_id)}/repeat", {}))
        except UnknownToAgent:
            return

    async def abandon(self, cred_ex_id: str, reason: str) -> None:
        """Send a problem report, unless the exchange is gone."""
        try:
            await calling(
                self._client.post(
                    f"/issue-credential-2.0/records/{cred_ex_id}/problem-report", {"description": reason}
                )
            )
        except UnknownToAgent:
            return

    async def make_schema(self, issuer_did: str) -> str:
        """Find or make the profile's schema."""
        found = await calling(
            self._client.get(
                "/anoncreds/schemas",
                params={
                    "schema_issuer_id": issuer_did,
                    "schema_name": SCHEMA_NAME,
                    "schema_version": SCHEMA_VERSION,
                },
            )
        )
        if found["schema_ids"]:
            return str(found["schema_ids"][0])
        made = await calling(
            self._client.post(
                "/anoncreds/schema",
                {
                    "schema": {
                        "issuerId": issuer_did,
                        "name": SCHEMA_NAME,
                        "version": SCHEMA_VERSION,
                        "attrNames": list(ATTRIBUTES),
                    },
                    "options": {},
                },
            )
        )
        return _finished(made["schema_state"], "schema_id")

    async def make_definition(self, issuer_did: str, schema_id: str) -> str:
        """Find or make the revocable definition, and wait until its status registry can take credentials."""
        found = await calling(
            self._client.get(
                "/anoncreds/credential-definitions", params={"issuer_id": issuer_did, "schema_id": schema_id}
            )
        )
        if found["credential_definition_ids"]:
            definition_id = str(found["credential_definition_ids"][0])
        else:
            made = await calling(
                self._client.post(
                    "/anoncreds/credential-definition",
                    {
                        "credential_definition": {
                            "issuerId": issuer_did,
                            "schemaId": schema_id,
                            "tag": DEFINITION_TAG,
                        },
                        "options": {"support_revocation": True, "revocation_registry_size": REGISTRY_SIZE},
                        "wait_for_revocation_setup": True,
                    },
                    timeout=_DEFINITION_SECONDS,
                )
            )
            definition_id = _finished(made["credential_definition_state"], "credential_definition_id")
        await calling(self._client.get(f"/anoncreds/revocation/active-registry/{in_path(definition_id)}"))
        return definition_id

    async def set_status(
        self, rev_reg_id: str, cred_rev_ids: Collection[str], status: Status
    ) -> Mapping[str, str]:
        """Change the agent's list, by our plugin: ACA-Py takes no revocation back, and writes over what others change."""
        answer = await calling(
            self._client.post(
                "/ujuzi/status",
                {
                    "rev_reg_id": rev_reg_id,
                    "cred_rev_ids": [int(one) for one in cred_rev_ids],
                    "state": status.value,
                },
                timeout=60.0,
            )
        )
        refused: Mapping[str, str] = answer["refused"]
        return refused

    async def tell_status(self, credential: SentCredential, notice: StatusNotice) -> None:
        """Send a notice."""
        await calling(
            self._client.post(
                "/ujuzi/status/notice",
                {
                    "connection_id": credential.exchange.connection_id,
                    "notice": {
                        "id": str(notice.id),
                        "rev_reg_id": credential.rev_reg_id,
                        "cred_rev_id": int(credential.cred_rev_id),
                        "state": notice.status.value,
                        "reason": notice.reason,
                        "words": notice.words,
                        "language": notice.language,
                        "at": notice.at.isoformat(),
                    },
                },
            )
        )

    async def republish_status(self, rev_reg_id: str) -> None:
        """Publish the agent's list anew."""
        await calling(self._client.post("/ujuzi/status/republish", {"rev_reg_id": rev_reg_id}))


def _report(entry: Mapping[str, Any]) -> ExchangeReport | None:
    record = entry.get("cred_ex_record", entry)
    stage = _STAGES.get(record["state"])
    if stage is None:
        return None
    exchange = Exchange(record["connection_id"], record["cred_ex_id"])
    detail = entry.get("anoncreds") or {}
    credential = None
    if detail.get("rev_reg_id") and detail.get("cred_rev_id"):
        credential = SentCredential(exchange, detail["rev_reg_id"], str(detail["cred_rev_id"]))
    return ExchangeReport(exchange, stage, credential)


def _finished(state: Mapping[str, Any], id_name: str) -> str:
    if state.get("state") != "finished" or not state.get(id_name):
        raise AgentRefuses(
            f"The agent did not finish making the object: its state is {state.get('state')!r}."
        )
    return str(state[id_name])
