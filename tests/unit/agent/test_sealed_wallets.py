"""A wallet that is not open is nobody's to use, and one that is being locked finishes what was begun."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from acapy_agent.config.settings import Settings
from acapy_agent.multitenant.error import InvalidTokenError

from services.agent.adapters.sealed_wallets import SealedWallets, _hash, _OpenWallet
from services.agent.errors import WalletLocked
from tests.support.wait import until

WHY = "Wallet w1 is locked: open it with its key first"
TOKEN = "token"


class Profile:
    """A learner's store, as far as it can be closed."""

    closed = False

    async def close(self) -> None:
        self.closed = True


class Wallets(SealedWallets):
    """With an open wallet, and without an agent's own store to look its record up in."""

    def __init__(self) -> None:
        super().__init__(SimpleNamespace(settings=Settings()))
        self.profile = Profile()
        self._open["w1"] = _OpenWallet(self.profile, settled=True, tokens={_hash(TOKEN)})

    async def _record(self, wallet_id: str) -> Any:  # noqa: ANN401
        return SimpleNamespace(wallet_id=wallet_id)


async def profile_for(wallets: SealedWallets) -> Any:  # noqa: ANN401
    return await wallets.get_wallet_profile(SimpleNamespace(), SimpleNamespace(wallet_id="w1"))


async def test_a_locked_wallet_has_no_profile_and_handles_nothing() -> None:
    wallets = SealedWallets(SimpleNamespace(settings=Settings()))
    with pytest.raises(WalletLocked, match=WHY):
        await profile_for(wallets)
    with pytest.raises(WalletLocked, match=WHY):
        async with wallets.in_use("w1"):
            pass


async def test_locking_takes_nothing_new_and_closes_the_store_after_what_is_in_hand() -> None:
    wallets = Wallets()
    async with wallets.in_use("w1"):
        locking = asyncio.create_task(wallets.close("w1"))
        await until(lambda: wallets.state_of_known("w1") == "locked", 30, "the wallet is being locked")

        with pytest.raises(InvalidTokenError, match="its wallet is locked"):
            await wallets.get_profile_for_token(SimpleNamespace(), TOKEN)
        with pytest.raises(WalletLocked, match=WHY):
            async with wallets.in_use("w1"):
                pass
        assert await profile_for(wallets) is wallets.profile
        assert not wallets.profile.closed
    await locking

    assert wallets.profile.closed
    with pytest.raises(WalletLocked, match=WHY):
        await profile_for(wallets)


async def test_locking_does_not_wait_for_ever(caplog: pytest.LogCaptureFixture) -> None:
    wallets = Wallets()
    wallets.closing_seconds = 0.01
    async with wallets.in_use("w1"):
        await wallets.close("w1")
        assert wallets.profile.closed
    assert "Wallet w1 is closed over work that did not end" in caplog.text
