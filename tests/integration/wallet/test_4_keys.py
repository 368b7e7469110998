"""Other ways into a wallet, and its way to another installation."""

import pytest

from services.launcher.adapters.http_learner import HttpLearner
from services.launcher.errors import ServiceRefused
from shared.vc.wallet_lock import WrongPassphrase, generate_passphrase, read_recovery_kit
from tests.support.wallet import World


async def test_a_new_passphrase_opens_and_the_old_one_no_more(world: World) -> None:
    learner = await world.new_learner()
    changed = generate_passphrase()

    await learner.change_passphrase(world.passphrase, changed)
    await learner.lock()

    with pytest.raises(WrongPassphrase):
        await learner.unlock(world.passphrase)
    await learner.unlock(changed)
    assert await learner.credentials() == []


async def test_a_recovery_kit_opens_the_wallet_of_one_who_forgot_her_passphrase(world: World) -> None:
    learner = await world.new_learner()
    await world.give(learner, world.award("Wanjiku"))
    printed = (await learner.make_recovery_kit(world.passphrase)).code
    await learner.lock()

    elsewhere, chosen = HttpLearner(world.url, world.client), generate_passphrase()
    await elsewhere.recover(read_recovery_kit(printed), chosen)

    assert len(await elsewhere.credentials()) == 1
    await elsewhere.lock()
    await elsewhere.unlock(chosen)
    later = await elsewhere.make_recovery_kit(chosen)
    await elsewhere.lock()
    with pytest.raises(WrongPassphrase):
        await elsewhere.recover(read_recovery_kit(printed), chosen)
    await elsewhere.recover(later, chosen)


async def test_the_last_way_in_stays_and_only_an_open_session_changes_any(world: World) -> None:
    learner = await world.new_learner()

    with pytest.raises(ServiceRefused, match="only unlock method") as refused:
        await learner.remove_unlock_method("passphrase")
    assert refused.value.status == 409
    with pytest.raises(ServiceRefused, match="of that kind") as refused:
        await learner.remove_unlock_method("recovery-kit")
    assert refused.value.status == 404
    with pytest.raises(ServiceRefused) as refused:
        await learner._opened().put("/v1/wallet/unlock-methods/pin", {"envelope": {"v": 1}})
    assert refused.value.status == 422

    kit = await learner.make_recovery_kit(world.passphrase)
    await learner.remove_unlock_method("passphrase")
    with pytest.raises(ServiceRefused, match="only unlock method"):
        await learner.remove_unlock_method("recovery-kit")
    api = learner._opened()
    await learner.lock()
    for change in (
        api.put("/v1/wallet/unlock-methods/passphrase", {"envelope": {"v": 1}}),
        api.delete("/v1/wallet/unlock-methods/recovery-kit"),
    ):
        with pytest.raises(ServiceRefused) as refused:
            await change
        assert refused.value.status == 423
    await learner.recover(kit, world.passphrase)
