"""What a learner's wallet does with an invitation and an offer."""

import base64
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from shared.adapters.acapy_client import AcapyClient
from tests.support.wait import until


async def begin(wallet: AcapyClient, invitation_url: str) -> str:
    """Accept the invitation; the id of the connection that is being made."""
    oob = parse_qs(urlsplit(invitation_url).query)["oob"][0]
    invitation = json.loads(base64.urlsafe_b64decode(oob + "=" * (-len(oob) % 4)))
    received = await wallet.post(
        "/out-of-band/receive-invitation",
        invitation,
        params={"auto_accept": True, "use_existing_connection": False},
    )
    return str(received["connection_id"])


async def exchange_in(wallet: AcapyClient, connection_id: str, state: str) -> dict[str, Any]:
    """The exchange on this connection once it is in the state."""

    async def there() -> dict[str, Any] | None:
        found = await wallet.get("/issue-credential-2.0/records", params={"connection_id": connection_id})
        records = [entry["cred_ex_record"] for entry in found["results"]]
        return next((record for record in records if record["state"] == state), None)

    return await until(there, 40, f"the wallet's exchange is {state}")


async def offered(wallet: AcapyClient, invitation_url: str) -> dict[str, Any]:
    """Connect and wait for the offer."""
    return await exchange_in(wallet, await begin(wallet, invitation_url), "offer-received")


async def accept(wallet: AcapyClient, offer: dict[str, Any]) -> dict[str, Any]:
    """Ask for the credential and keep it; the finished exchange."""
    await wallet.post(f"/issue-credential-2.0/records/{offer['cred_ex_id']}/send-request")
    received = await exchange_in(wallet, offer["connection_id"], "credential-received")
    await wallet.post(f"/issue-credential-2.0/records/{received['cred_ex_id']}/store")
    return received


async def credentials(wallet: AcapyClient) -> list[dict[str, Any]]:
    """Everything in the wallet."""
    return list((await wallet.get("/credentials", params={"count": 100}))["results"])
