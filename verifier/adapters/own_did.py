"""The verifier's own did:webvh, hosted and signed for by this very service."""

from collections.abc import Mapping

from shared.adapters.did_host import DidHost, DidUnknown


class OwnDid:
    """Implements SignAsVerifier."""

    def __init__(self, host: DidHost, path: tuple[str, ...]) -> None:
        self._host = host
        self._path = path
        self._did: str | None = None

    async def ensure(self) -> None:
        """Make the DID with its keys, unless it is there."""
        self._did = await self._host.ensure_did(self._path)

    @property
    def did(self) -> str:
        """The verifier's DID; `ensure` comes first."""
        if self._did is None:
            raise DidUnknown("the verifier's DID is made when the service starts: it has not started yet")
        return self._did

    async def rotate(self) -> str:
        """Replace the signing key; return the new one's id."""
        return await self._host.rotate(self.did)

    async def sign(self, payload: Mapping[str, object], *, typ: str) -> str:
        """A compact JWS by the DID's current key."""
        return await self._host.sign_jws(self.did, payload, typ=typ)
