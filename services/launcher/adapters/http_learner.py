"""A learner's device: makes and wraps her wallet key, unwraps it with her passphrase, speaks with the wallet's HTTP API.

The browser does the same with WebCrypto. The passphrase never leaves the device; the key does so only to open the wallet.
"""

import asyncio
import base64
import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import httpx

from services.launcher.adapters.http_json import JsonApi, wait_for
from services.launcher.errors import ServiceRefused
from shared.vc.wallet_lock import RecoveryKit, make_recovery_kit, unwrap, wrap

_KEY_BYTES = 32


class HttpLearner:
    """One learner with one wallet. Every answer is the API's JSON; refusals are ServiceRefused with the problem's words."""

    def __init__(self, wallet_url: str, client: httpx.AsyncClient) -> None:
        self._url = wallet_url
        self._client = client
        self._door = JsonApi(wallet_url, None, client)
        self._wallet: JsonApi | None = None
        self._connection: str | None = None
        self._offer: str | None = None
        self.wallet_id: str | None = None

    # --- lock and key

    async def create(self, passphrase: str) -> str:
        """Make a wallet that this passphrase opens; return its id."""
        key = secrets.token_bytes(_KEY_BYTES)
        envelope = await asyncio.to_thread(wrap, key, passphrase)
        made = await self._door.post(
            "/v1/wallets",
            {
                "wallet_key": _encode(key),
                "unlock_methods": [{"method": "passphrase", "envelope": envelope}],
            },
        )
        self._begin(made)
        return str(made["wallet_id"])

    async def unlock(self, passphrase: str, wallet_id: str | None = None) -> None:
        """Unwrap the key and open the wallet. Raises WrongPassphrase before anything is sent."""
        wanted = str(wallet_id or self.wallet_id)
        key = await self._unwrapped(wanted, "passphrase", passphrase)
        self._begin(await self._door.post(f"/v1/wallets/{wanted}/unlock", {"wallet_key": _encode(key)}))

    async def change_passphrase(self, old: str, new: str) -> None:
        """Wrap the key of the open wallet under another passphrase. Raises WrongPassphrase before anything is sent."""
        key = await self._unwrapped(str(self.wallet_id), "passphrase", old)
        await self._put_unlock_method("passphrase", key, new)

    async def make_recovery_kit(self, passphrase: str) -> RecoveryKit:
        """Add a second way into the open wallet, to be kept on paper; a kit made earlier opens no more."""
        key = await self._unwrapped(str(self.wallet_id), "passphrase", passphrase)
        kit = make_recovery_kit(self._url, str(self.wallet_id))
        await self._put_unlock_method("recovery-kit", key, kit.words)
        return kit

    async def recover(self, kit: RecoveryKit, new_passphrase: str) -> None:
        """Open the kit's wallet and give it a new passphrase."""
        key = await self._unwrapped(kit.wallet_id, "recovery-kit", kit.words)
        opened = await self._door.post(f"/v1/wallets/{kit.wallet_id}/unlock", {"wallet_key": _encode(key)})
        self._begin(opened)
        await self._put_unlock_method("passphrase", key, new_passphrase)

    async def export(self) -> dict[str, Any]:
        """The whole open wallet as an archive."""
        return await self._opened().get("/v1/wallet/export")

    async def import_archive(self, archive: Mapping[str, Any], passphrase: str) -> str:
        """Take the archive's wallet to this service; return its id here. Raises WrongPassphrase before anything is sent."""
        methods = archive["unlock_methods"]
        envelope = next(one["envelope"] for one in methods if one["method"] == "passphrase")
        key = await asyncio.to_thread(unwrap, envelope, passphrase)
        body = {"wallet_key": _encode(key), "archive": dict(archive)}
        self._begin(await self._door.post("/v1/wallets/import", body))
        return str(self.wallet_id)

    async def remove_unlock_method(self, method: str) -> None:
        """Remove a way into the open wallet."""
        await self._opened().delete(f"/v1/wallet/unlock-methods/{method}")

    async def lock(self) -> None:
        """Lock the wallet; what comes for it waits."""
        await self._opened().post("/v1/lock")
        self._wallet = None

    async def state(self) -> dict[str, Any]:
        """Locked or open, and how many messages wait; needs no session."""
        return await self._door.get(f"/v1/wallets/{self.wallet_id}")

    # --- links

    async def open_link(self, invitation_url: str) -> dict[str, Any]:
        """Follow an invitation; `offer` and `request` then wait for what comes over this connection."""
        followed = await self._opened().post("/v1/invitations", {"url": invitation_url})
        self._connection = str(followed["id"])
        return followed

    # --- offers and credentials

    async def offer(self, seconds: float) -> dict[str, Any]:
        """Wait for the open offer of the link followed last."""
        return await self._arrived("/v1/offers", seconds, "an offer")

    async def offers(self) -> list[dict[str, Any]]:
        """All offers."""
        return await self._items("/v1/offers")

    async def accept(self, offer_id: str) -> None:
        """Accept an offer; `credential` then waits for it."""
        await self._opened().post(f"/v1/offers/{offer_id}/accept")
        self._offer = offer_id

    async def decline(self, offer_id: str, reason: str) -> None:
        """Decline an offer."""
        await self._opened().post(f"/v1/offers/{offer_id}/decline", {"reason": reason})

    async def credential(self, seconds: float) -> dict[str, Any]:
        """Wait until the credential accepted last is stored."""
        offer_id = self._offer

        async def stored() -> dict[str, Any] | None:
            offer = await self._opened().get(f"/v1/offers/{offer_id}")
            if offer["state"] in {"declined", "broken"}:
                raise ServiceRefused(f"The offer {offer_id} became {offer['state']}.", status=0)
            return offer if offer["state"] == "stored" else None

        offer = await wait_for(stored, seconds=seconds, what=f"the credential of offer {offer_id}")
        return await self._opened().get(f"/v1/credentials/{offer['credential_id']}")

    async def credentials(self) -> list[dict[str, Any]]:
        """All credentials, each with what it is worth now."""
        return await self._items("/v1/credentials")

    async def ask(self, credential_id: str, matter: str, text: str, language: str = "en") -> dict[str, Any]:
        """Say what is wrong with a credential; returns the thread."""
        body = {"matter": matter, "text": text, "language": language}
        return await self._opened().post(f"/v1/credentials/{credential_id}/questions", body)

    async def thread(self, credential_id: str) -> dict[str, Any]:
        """What she and the issuer wrote about a credential."""
        return await self._opened().get(f"/v1/credentials/{credential_id}/questions")

    # --- requests

    async def request(self, seconds: float) -> dict[str, Any]:
        """Wait for the open request of the link followed last."""
        return await self._arrived("/v1/requests", seconds, "a request")

    async def requests(self) -> list[dict[str, Any]]:
        """All requests."""
        return await self._items("/v1/requests")

    async def consent(
        self, request_id: str, choices: Mapping[str, str], *, acknowledged: Collection[str] = ()
    ) -> None:
        """Answer with one credential for each need, having seen these warnings."""
        body = {"choices": dict(choices), "acknowledged": sorted(acknowledged)}
        await self._opened().post(f"/v1/requests/{request_id}/consent", body)

    async def decline_request(self, request_id: str, reason: str) -> None:
        """Decline a request, also because nothing fits."""
        await self._opened().post(f"/v1/requests/{request_id}/decline", {"reason": reason})

    # --- the rest

    async def history(self) -> list[dict[str, Any]]:
        """What happened, newest first."""
        return await self._items("/v1/history")

    async def please_delete(self, entry_id: str, language: str = "en") -> dict[str, Any]:
        """Ask whoever was shown something in this entry to delete it; returns the entry."""
        return await self._opened().post(f"/v1/history/{entry_id}/please-delete", {"language": language})

    async def inbox(self) -> dict[str, Any]:
        """How much waits."""
        return await self._opened().get("/v1/inbox")

    async def _unwrapped(self, wallet_id: str, method: str, words: str) -> bytes:
        methods = await self._door.get(f"/v1/wallets/{wallet_id}/unlock-methods")
        envelope = next((one["envelope"] for one in methods["items"] if one["method"] == method), None)
        if envelope is None:
            raise ServiceRefused(f"The wallet {wallet_id} has no unlock method {method!r}.", status=404)
        return await asyncio.to_thread(unwrap, envelope, words)

    async def _put_unlock_method(self, method: str, key: bytes, words: str) -> None:
        envelope = await asyncio.to_thread(wrap, key, words)
        await self._opened().put(f"/v1/wallet/unlock-methods/{method}", {"envelope": envelope})

    async def _arrived(self, path: str, seconds: float, what: str) -> dict[str, Any]:
        connection = self._connection

        async def look() -> dict[str, Any] | None:
            found: Sequence[dict[str, Any]] = await self._items(path, state="open")
            return next((one for one in found if connection in {None, one["connection_id"]}), None)

        return await wait_for(look, seconds=seconds, what=what)

    async def _items(self, path: str, **parameters: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        while True:
            found = await self._opened().get(path, **parameters)
            items.extend(found["items"])
            if not found.get("next"):
                return items
            parameters["after"] = found["next"]

    def _begin(self, session: Mapping[str, Any]) -> None:
        self.wallet_id = str(session["wallet_id"])
        self._wallet = JsonApi(self._url, str(session["session_token"]), self._client)

    def _opened(self) -> JsonApi:
        if self._wallet is None:
            raise ServiceRefused("The wallet is locked: unlock it first.", status=423)
        return self._wallet


def _encode(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).rstrip(b"=").decode("ascii")
