"""A connection comes about though each of its messages was noted and then not sent, as when an agent dies in between."""

import pytest

from shared.adapters.acapy_client import AcapyClient, AcapyError
from shared.adapters.jetstream import ensure_streams
from shared.contracts.streams import DIDCOMM_OUT
from tests.support.agents import Party
from tests.support.flows import invite, new_learner
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

SECONDS = 30


async def silence(party: Party) -> None:
    """From here on nothing the party's agent sends is stored."""
    config = (await party.bus.js.stream_info(DIDCOMM_OUT.name)).config
    config.subjects = ["nowhere.*"]
    await party.bus.js.update_stream(config)


async def let_speak(party: Party) -> None:
    await ensure_streams(party.bus.js)


async def becomes(api: AcapyClient, invitation_id: str, state: str) -> str:
    """Id of the connection by this invitation, once it is in this state."""

    async def found() -> str | None:
        connections = await api.get("/connections", params={"invitation_msg_id": invitation_id})
        return next(
            (one["connection_id"] for one in connections["results"] if one["rfc23_state"] == state), None
        )

    return await until(found, SECONDS, f"a connection is {state}")


async def test_a_connection_cut_short_after_each_step_is_finished(parties: dict[str, Party]) -> None:
    issuer, wallet = parties["issuer"], parties["wallet"]
    learner = await new_learner(wallet)
    made = await invite(issuer)
    invitation_id = made["invi_msg_id"]

    await silence(wallet)
    with pytest.raises(AcapyError):
        await learner.api.post(
            "/out-of-band/receive-invitation",
            made["invitation"],
            params={"auto_accept": True, "use_existing_connection": False},
        )
    hers = await becomes(learner.api, invitation_id, "request-sent")
    await let_speak(wallet)

    await silence(issuer)
    assert (await learner.api.post(f"/ujuzi/exchanges/connection/{hers}/repeat", {}))["said"]
    await becomes(issuer.admin, invitation_id, "response-sent")
    await silence(wallet)
    await let_speak(issuer)

    await becomes(learner.api, invitation_id, "response-received")
    await let_speak(wallet)

    await becomes(learner.api, invitation_id, "completed")
    await becomes(issuer.admin, invitation_id, "completed")
    assert not (await learner.api.post(f"/ujuzi/exchanges/connection/{hers}/repeat", {}))["said"]


async def test_a_request_to_connect_that_comes_twice_is_answered_as_one(parties: dict[str, Party]) -> None:
    issuer = parties["issuer"]
    learner = await new_learner(parties["wallet"])
    made = await invite(issuer)
    await silence(issuer)
    await learner.api.post(
        "/out-of-band/receive-invitation",
        made["invitation"],
        params={"auto_accept": True, "use_existing_connection": False},
    )
    hers = await becomes(learner.api, made["invi_msg_id"], "request-sent")
    assert (await learner.api.post(f"/ujuzi/exchanges/connection/{hers}/repeat", {}))["said"]
    await let_speak(issuer)

    await becomes(learner.api, made["invi_msg_id"], "completed")
    await becomes(issuer.admin, made["invi_msg_id"], "completed")
