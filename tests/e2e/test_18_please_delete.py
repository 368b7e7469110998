"""A learner asks from her history that what she showed be deleted; the verifier does it, or says why not. Real components."""

from typing import Any

import pytest

from services.launcher.domain.story import JUNIOR, ClaimableAward
from services.launcher.errors import ServiceRefused
from tests.support.exchange import RunningExchange
from tests.support.wait import until

SECONDS = 60


async def test_what_a_learner_showed_is_deleted_when_she_asks_and_she_is_told_even_while_locked(
    exchange: RunningExchange, awards: list[ClaimableAward]
) -> None:
    graduate = await exchange.new_graduate()
    await graduate.take_award(await exchange.issuer.claim(awards.pop().claim_url))
    learner, verifier = graduate.learner, exchange.verifier_api

    async def share() -> tuple[str, dict[str, Any]]:
        """The request, judged, and the entry of her history."""
        made = await verifier.post("/v1/requests", JUNIOR.body())
        await graduate.answer(made["invitation_url"])

        async def judged() -> bool:
            return bool((await verifier.get(f"/v1/requests/{made['id']}"))["state"] == "judged")

        await until(judged, SECONDS, "there is a verdict")
        return str(made["id"]), (await learner.history())[0]

    async def stands(entry_id: str, state: str) -> dict[str, Any]:
        async def there() -> dict[str, Any] | None:
            entry = next(one for one in await learner.history() if one["id"] == entry_id)
            deletion: dict[str, Any] = entry["deletion"]
            return deletion if deletion["state"] == state else None

        return await until(there, SECONDS, f"her history says {state}")

    async def asked(request_id: str) -> dict[str, Any]:
        async def there() -> dict[str, Any] | None:
            found = await verifier.get(f"/v1/requests/{request_id}")
            return found if "deletion" in found else None

        return await until(there, SECONDS, "the verifier knows her wish")

    first, entry = await share()
    assert entry["deletion"]["can_ask"]
    for _ in range(2):
        wished = await learner.please_delete(entry["id"], "pt")
        assert (wished["deletion"]["state"], wished["deletion"]["sent"]) == ("asked", True)
    request = await asked(first)
    assert request["deletion"]["state"] == "asked"
    assert request["disclosed"]

    refused = await verifier.post(f"/v1/requests/{first}/refuse-deletion", {"because": "For an audit."})
    assert refused["deletion"]["because"] == "For an audit."
    assert (await stands(entry["id"], "refused"))["because"] == "For an audit."

    await learner.lock()
    erased = await verifier.delete(f"/v1/requests/{first}/disclosed")
    assert erased["deletion"]["state"] == "deleted"

    async def parked() -> bool:
        return bool((await learner.state())["waiting"])

    await until(parked, SECONDS, "the answer waits for the locked wallet")
    await learner.unlock(graduate.passphrase)
    assert (await stands(entry["id"], "deleted"))["answered_at"]
    after = await verifier.get(f"/v1/requests/{first}")
    assert "disclosed" not in after
    assert (after["verdict"]["result"], bool(after["receipt"])) == ("accepted", True)

    # What is gone before she asks is answered without anybody's doing.
    second, another = await share()
    await verifier.delete(f"/v1/requests/{second}/disclosed")
    await learner.please_delete(another["id"])
    await stands(another["id"], "deleted")

    stored = next(one for one in await learner.history() if one["kind"] == "credential_stored")
    with pytest.raises(ServiceRefused, match="nothing was shown to anybody"):
        await learner.please_delete(stored["id"])
    stranger = await exchange.new_graduate()
    with pytest.raises(ServiceRefused, match="Nothing of that id is in this wallet's history"):
        await stranger.learner.please_delete(entry["id"])
