"""What the agent's refusals become in the wallet's words."""

import httpx
import pytest

from shared.adapters.acapy_client import AcapyClient
from tests.support.agent_http import asking
from wallet.adapters.acapy_wallet import AcapySealedWallets
from wallet.domain.invitation import Invitation
from wallet.errors import (
    AgentRefuses,
    AgentSilent,
    CredentialUnknown,
    InstallationFull,
    OfferUnknown,
    RequestUnknown,
    StoreFull,
    WalletError,
    WalletLocked,
    WalletUnknown,
    WrongKey,
)

RECORD = "9c1b2f5e-5f0c-4b1e-8a52-0c9d1e2f3a4b"


def wallets(status: int) -> AcapySealedWallets:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, text=f"{status}: the agent's words"))
    return AcapySealedWallets(AcapyClient("http://agent", "key", ask=asking(transport)))


@pytest.mark.parametrize(
    ("status", "error", "why"),
    [
        (403, WrongKey, "does not open this wallet. Check the passphrase"),
        (404, WalletUnknown, "No wallet of that id lives here"),
        (500, AgentSilent, "Nothing was lost: try again in a moment"),
    ],
)
async def test_a_wallet_that_does_not_open_says_why(status: int, error: type[WalletError], why: str) -> None:
    with pytest.raises(error, match=why):
        await wallets(status).open("w1", bytes(32))


@pytest.mark.parametrize(
    ("status", "error", "why"),
    [
        (401, WalletLocked, "Unlock it and call again"),
        (400, AgentRefuses, "The agent refused \\(status 400\\)"),
        (404, OfferUnknown, "No offer of that id"),
    ],
)
async def test_an_offer_that_cannot_be_read_says_why(status: int, error: type[WalletError], why: str) -> None:
    with pytest.raises(error, match=why):
        await wallets(status).opened("token").offer(RECORD)


async def test_what_is_not_in_the_wallet_is_said_so() -> None:
    store = wallets(404).opened("token")
    with pytest.raises(CredentialUnknown, match="No credential of that id"):
        await store.credential(RECORD)
    with pytest.raises(RequestUnknown, match="No request of that id"):
        await store.request(RECORD)


@pytest.mark.parametrize(
    "name", ["0", "..", "\x01", "9c1b2f5e-5f0c-1b1e-8a52-0c9d1e2f3a4b", RECORD.upper(), f"{RECORD}\n"]
)
async def test_what_no_record_can_be_called_is_not_there_and_the_agent_is_not_asked(name: str) -> None:
    store = wallets(500).opened("token")
    with pytest.raises(OfferUnknown, match="No offer of that id"):
        await store.offer(name)
    with pytest.raises(CredentialUnknown, match="No credential of that id"):
        await store.credential(name)
    with pytest.raises(RequestUnknown, match="No request of that id"):
        await store.refuse_request(name, "no")


async def test_on_a_full_disk_no_wallet_is_made_or_taken_in() -> None:
    with pytest.raises(InstallationFull, match="found the disk nearly full"):
        await wallets(409).create(bytes(32))
    with pytest.raises(InstallationFull, match="Take a wallet elsewhere"):
        await wallets(409).take_in(b"store")


async def test_a_store_that_is_full_takes_up_with_nobody_new() -> None:
    link = Invitation("invitation-1", "", "", "", (), None, {})
    with pytest.raises(StoreFull, match="as large as one may be here"):
        await wallets(409).opened("token").connect(link)
