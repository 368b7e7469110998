"""How the agent's answers are read, and its refusals told apart."""

import base64
import json
from typing import Any

import httpx
import pytest

from issuer.adapters.acapy_agent import AcapyAgent
from issuer.domain.award import Exchange, SentCredential
from issuer.domain.suspension import Status, StatusNotice
from issuer.errors import AgentRefuses, AgentSilent, UnknownToAgent
from issuer.ports import Stage
from shared.adapters.acapy_client import AcapyClient
from tests.support.agent_http import asking
from tests.support.issuer import START, new_id

EXCHANGE = Exchange("connection", "exchange")


def agent(answers: dict[str, Any]) -> tuple[AcapyAgent, list[httpx.Request]]:
    """An agent that answers these paths; a number is a status."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        found = answers.get(f"{request.method} {request.url.path}", 404)
        return (
            httpx.Response(found, text="why") if isinstance(found, int) else httpx.Response(200, json=found)
        )

    client = AcapyClient("http://agent", "key", ask=asking(httpx.MockTransport(answer)))
    return AcapyAgent(client, base_url="https://issuer.example"), asked


def record(state: str, **detail: str) -> dict[str, Any]:
    shown = {"cred_ex_id": "exchange", "connection_id": "connection", "state": state}
    return {"cred_ex_record": shown, "anoncreds": detail or None}


async def test_an_invitation_is_an_address_any_wallet_can_read() -> None:
    invitation = {"@type": "https://didcomm.org/out-of-band/1.1/invitation", "label": "Ünï"}
    acapy, (*_,) = agent(
        {"POST /out-of-band/create-invitation": {"invi_msg_id": "id", "invitation": invitation}}
    )
    made = await acapy.invite(award_id=new_id(), organisation="Test")
    address, oob = made.url.split("?oob=")
    assert (made.msg_id, address) == ("id", "https://issuer.example/i")
    assert json.loads(base64.urlsafe_b64decode(oob + "==")) == invitation


@pytest.mark.parametrize(
    ("state", "stage"),
    [
        ("offer-sent", Stage.OFFERED),
        ("request-received", Stage.REQUESTED),
        ("credential-issued", Stage.SENT),
        ("done", Stage.DONE),
        ("abandoned", Stage.ENDED),
    ],
)
async def test_the_agents_states_are_stages(state: str, stage: Stage) -> None:
    path = "GET /issue-credential-2.0/records/exchange"
    acapy, _ = agent({path: record(state, rev_reg_id="registry", cred_rev_id="7")})
    report = await acapy.exchange("exchange")
    assert report is not None
    assert (report.stage, report.exchange) == (stage, EXCHANGE)
    assert report.credential == SentCredential(EXCHANGE, "registry", "7")


async def test_an_exchange_the_agent_does_not_know_is_none_and_need_not_be_abandoned() -> None:
    acapy, _ = agent({})
    assert await acapy.exchange("exchange") is None
    await acapy.abandon("exchange", "why")


async def test_a_credential_without_a_place_in_a_status_list_is_refused() -> None:
    path = "POST /issue-credential-2.0/records/exchange/issue"
    acapy, _ = agent({path: record("credential-issued")})
    with pytest.raises(AgentRefuses, match="status list"):
        await acapy.issue("exchange")


async def test_what_the_agent_does_not_know_it_refuses() -> None:
    acapy, _ = agent({})
    with pytest.raises(UnknownToAgent, match="does not know this record"):
        await acapy.issue("exchange")


async def test_refusal_and_silence_are_told_apart() -> None:
    path = "POST /issue-credential-2.0/records/exchange/issue"
    acapy, _ = agent({path: 400})
    with pytest.raises(AgentRefuses, match="status 400"):
        await acapy.issue("exchange")
    acapy, _ = agent({path: 503})
    with pytest.raises(AgentSilent):
        await acapy.issue("exchange")


async def test_a_schema_and_a_definition_already_made_are_used() -> None:
    acapy, asked = agent(
        {
            "GET /anoncreds/schemas": {"schema_ids": ["schema"]},
            "GET /anoncreds/credential-definitions": {"credential_definition_ids": ["definition"]},
            "GET /anoncreds/revocation/active-registry/definition": {"result": {}},
        }
    )
    assert await acapy.make_definition("did", await acapy.make_schema("did")) == "definition"
    assert {request.method for request in asked} == {"GET"}


async def test_a_definition_without_a_status_registry_is_not_there_yet() -> None:
    acapy, _ = agent({"GET /anoncreds/credential-definitions": {"credential_definition_ids": ["definition"]}})
    with pytest.raises(AgentRefuses):
        await acapy.make_definition("did", "schema")


async def test_an_object_that_is_not_finished_is_refused() -> None:
    acapy, _ = agent(
        {
            "GET /anoncreds/schemas": {"schema_ids": []},
            "POST /anoncreds/schema": {"schema_state": {"state": "failed"}},
        }
    )
    with pytest.raises(AgentRefuses, match="failed"):
        await acapy.make_schema("did")


async def test_only_a_completed_connection_counts() -> None:
    results = [{"connection_id": "a", "state": "request"}, {"connection_id": "b", "state": "active"}]
    acapy, _ = agent({"GET /connections": {"results": results}})
    assert await acapy.connection_for("invitation") == "b"
    acapy, _ = agent({"GET /connections": {"results": results[:1]}})
    assert await acapy.connection_for("invitation") is None


async def test_a_connection_says_by_which_invitation_it_came() -> None:
    acapy, _ = agent({"GET /connections/a": {"connection_id": "a", "invitation_msg_id": "invitation"}})
    assert await acapy.invitation_of("a") == "invitation"
    assert await acapy.invitation_of("b") is None


async def test_a_status_is_set_and_told_by_our_plugin() -> None:
    acapy, asked = agent(
        {
            "POST /ujuzi/status": {"changed": [7], "refused": {"8": "final"}},
            "POST /ujuzi/status/notice": {"told": True},
        }
    )
    credential = SentCredential(EXCHANGE, "registry", "7")
    notice = StatusNotice(new_id(), Status.SUSPENDED, "A doubt.", "Suspended: A doubt.", "en", START)
    assert await acapy.set_status("registry", ["7", "8"], Status.SUSPENDED) == {"8": "final"}
    await acapy.tell_status(credential, notice)
    changed, told = (json.loads(request.content) for request in asked)
    assert changed == {"rev_reg_id": "registry", "cred_rev_ids": [7, 8], "state": "suspended"}
    assert told["connection_id"] == "connection"
    assert told["notice"] == {
        "id": str(notice.id),
        "rev_reg_id": "registry",
        "cred_rev_id": 7,
        "state": "suspended",
        "reason": "A doubt.",
        "words": "Suspended: A doubt.",
        "language": "en",
        "at": START.isoformat(),
    }


async def test_a_status_list_the_agent_does_not_have_is_refused_with_its_reason() -> None:
    acapy, _ = agent({"POST /ujuzi/status": 409})
    with pytest.raises(AgentRefuses, match="409: why"):
        await acapy.set_status("registry", ["7"], Status.VALID)
