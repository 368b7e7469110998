"""What the agent's refusals become in the wallet's words."""

import httpx
import pytest

from shared.adapters.acapy_client import AcapyClient
from wallet.adapters.acapy_wallet import AcapySealedWallets
from wallet.errors import (
    AgentRefuses,
    AgentSilent,
    CredentialUnknown,
    OfferUnknown,
    RequestUnknown,
    WalletError,
    WalletLocked,
    WalletUnknown,
    WrongKey,
)


def wallets(status: int) -> AcapySealedWallets:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, text=f"{status}: the agent's words"))
    return AcapySealedWallets(AcapyClient("http://agent", "key", transport=transport))


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
        await wallets(status).opened("token").offer("one")


async def test_what_is_not_in_the_wallet_is_said_so() -> None:
    store = wallets(404).opened("token")
    with pytest.raises(CredentialUnknown, match="No credential of that id"):
        await store.credential("one")
    with pytest.raises(RequestUnknown, match="No request of that id"):
        await store.request("one")
