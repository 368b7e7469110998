"""A credential that was stored before its process died is found, and no other is taken for it."""

import json

import pytest
from acapy_agent.anoncreds.holder import AnonCredsHolderError, _make_cred_info
from acapy_agent.wallet.error import WalletNotFoundError

from services.agent.adapters.issuing import storing_again


class Credential:
    def __init__(self, name: str, place: int) -> None:
        self._name, self._place = name, place

    def to_dict(self) -> dict[str, object]:
        return {
            "schema_id": "schema",
            "cred_def_id": "definition",
            "rev_reg_id": "registry",
            "signature": {"r_credential": {"i": self._place}},
            "values": {"given_name": {"raw": self._name, "encoded": "1"}},
        }


class Holder:
    """Holds credentials by name, and refuses a name that is taken."""

    def __init__(self, **held: Credential) -> None:
        self.held = held

    async def get_credential(self, credential_id: str) -> str:
        if credential_id not in self.held:
            raise WalletNotFoundError("none")
        return json.dumps(_make_cred_info(credential_id, self.held[credential_id]))

    async def store(
        self, _: object, received: Credential, __: object, ___: object, name: str, ____: object
    ) -> str:
        if name in self.held or name == "full":
            raise AnonCredsHolderError("Error storing credential")
        self.held[name] = received
        return name


async def stored(holder: Holder, received: Credential, name: str) -> str:
    return await storing_again(Holder.store)(holder, {}, received, {}, None, credential_id=name)


async def test_a_new_one_is_stored() -> None:
    holder = Holder()
    assert await stored(holder, Credential("Amina", 7), "one") == "one"
    assert list(holder.held) == ["one"]


async def test_the_same_one_again_is_found() -> None:
    holder = Holder(one=Credential("Amina", 7))
    assert await stored(holder, Credential("Amina", 7), "one") == "one"


@pytest.mark.parametrize("other", [Credential("Baraka", 7), Credential("Amina", 8)])
async def test_another_one_under_its_name_is_not_taken_for_it(other: Credential) -> None:
    with pytest.raises(AnonCredsHolderError, match="Error storing credential"):
        await stored(Holder(one=other), Credential("Amina", 7), "one")


async def test_a_failure_of_another_kind_stays_one() -> None:
    with pytest.raises(AnonCredsHolderError, match="Error storing credential"):
        await stored(Holder(), Credential("Amina", 7), "full")
