"""A wallet that is not open is nobody's to use."""

from types import SimpleNamespace

import pytest
from acapy_agent.config.settings import Settings

from services.agent.adapters.sealed_wallets import SealedWallets
from services.agent.errors import WalletLocked

WHY = "Wallet w1 is locked: open it with its key first"


async def test_a_locked_wallet_has_no_profile_and_handles_nothing() -> None:
    wallets = SealedWallets(SimpleNamespace(settings=Settings()))
    with pytest.raises(WalletLocked, match=WHY):
        await wallets.get_wallet_profile(SimpleNamespace(), SimpleNamespace(wallet_id="w1"))
    with pytest.raises(WalletLocked, match=WHY):
        async with wallets.in_use("w1"):
            pass
