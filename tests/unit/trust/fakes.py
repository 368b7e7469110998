"""Hand-written stand-ins for what keeping trust lists needs."""

from collections.abc import Sequence
from dataclasses import replace

from shared.adapters.guarded_http import Fetched, FetchFailed
from shared.ports.trust_pins import PinState, SeenList, TrustPin


class MemoryTrustPins:
    """`TrustPins` in memory."""

    def __init__(self) -> None:
        self._states: dict[str, PinState] = {}

    async def all(self) -> Sequence[PinState]:
        return list(self._states.values())

    async def find(self, url: str) -> PinState | None:
        return self._states.get(url)

    async def pin(self, pin: TrustPin) -> None:
        known = self._states.get(pin.url)
        if known is not None and known.seen is not None and known.seen.followed_key == pin.operator_key:
            self._states[pin.url] = PinState(pin=pin, seen=replace(known.seen, followed_key=None))
        elif known is None or known.pin != pin:
            self._states.pop(pin.url, None)
            self._states[pin.url] = PinState(pin=pin)

    async def unpin(self, url: str) -> None:
        self._states.pop(url, None)

    async def advance(self, url: str, seen: SeenList) -> None:
        state = self._states.get(url)
        if state is not None and (state.seen is None or state.seen.sequence < seen.sequence):
            self._states[url] = replace(state, seen=seen)


class Web:
    """Answers each address with what a test put there, or fails as a network does."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.asked = 0

    async def get(
        self, url: str, *, accept: str, max_bytes: int | None = None, fresh: bool = False
    ) -> Fetched:
        assert accept == "application/jose"
        assert max_bytes
        assert fresh
        self.asked += 1
        if url not in self.pages:
            raise FetchFailed(f"no answer from {url}")
        return Fetched(status=200, headers={}, body=self.pages[url].encode())
