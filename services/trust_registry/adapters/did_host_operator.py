"""The authority's did:webvh as the signer of lists."""

from datetime import datetime

from services.trust_registry.ports import Operator
from shared.adapters.did_host import DidHost
from shared.vc.trust_list_form import LIST_JWS_TYPE
from shared.vc.webvh import DidHistory, KeyNotAuthorised, verify_log

MAX_ENTRIES = 1000


class DidHostOperator:
    """`SignLists` with the key of the DID at `path`, which is made at first use."""

    def __init__(self, did_host: DidHost, path: tuple[str, ...]) -> None:
        self._did_host = did_host
        self._path = path
        self._did: str | None = None

    async def operator(self) -> Operator:
        """Who signs."""
        did, history = await self._own_did(), await self._history()
        kid = str(history.document["assertionMethod"][0])
        return Operator(did=did, kid=kid, multikey=kid.rpartition("#")[2])

    async def had_key(self, kid: str, moment: datetime) -> bool:
        """Whether the DID had this key then, by its log."""
        try:
            (await self._history()).assertion_key_at(kid, moment)
        except KeyNotAuthorised:
            return False
        return True

    async def rotate(self) -> str:
        """Replace the signing key; return the new one's id."""
        return await self._did_host.rotate(await self._own_did())

    async def sign(self, payload: dict[str, object]) -> str:
        """The payload as the compact JWS of a list. Writes nothing once `operator` was asked."""
        did = await self._own_did()
        return await self._did_host.sign_jws(did, payload, typ=LIST_JWS_TYPE)

    async def _history(self) -> DidHistory:
        log = await self._did_host.log(self._path) or ""
        return verify_log(await self._own_did(), log, max_entries=MAX_ENTRIES)

    async def _own_did(self) -> str:
        if self._did is None:
            self._did = await self._did_host.ensure_did(self._path)
        return self._did
