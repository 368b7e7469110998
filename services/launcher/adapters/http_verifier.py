"""The verifier over its HTTP API."""

from collections.abc import Mapping

from services.launcher.adapters.http_json import JsonApi, wait_for
from services.launcher.domain.story import Step, Verdict

_ANSWER_SECONDS = 30.0
_STALE_SECONDS = 30.0


class HttpPins:
    """Pins trust lists; verifier and wallet have the same calls for it."""

    def __init__(self, api: JsonApi) -> None:
        self._api = api

    async def pin(self, name: str, url: str, operator_key: str) -> None:
        """Pin a list and fetch its newest issue; a list pinned already is fetched anew."""
        await self._api.post("/v1/trust-lists", {"name": name, "url": url, "operator_key": operator_key})


class HttpVerifier:
    """Uses the verifier as a job platform does."""

    def __init__(self, api: JsonApi, *, patience: float = _ANSWER_SECONDS) -> None:
        self._api = api
        self._patience = patience

    async def ask(self, requirement: Mapping[str, object]) -> tuple[str, str]:
        """Return the ids of the request and its invitation."""
        request = await self._api.post("/v1/requests", dict(requirement))
        return request["id"], request["invitation_url"]

    async def verdict(self, request_id: str) -> Verdict:
        """Wait for the verdict."""

        async def look() -> Verdict | None:
            found = (await self._api.get(f"/v1/requests/{request_id}")).get("verdict")
            if found is None:
                return None
            steps = tuple(
                Step(number=step["number"], name=step["name"], outcome=step["outcome"], reason=step["reason"])
                for step in found["steps"]
            )
            return Verdict(result=found["result"], summary=found["summary"], steps=steps)

        return await wait_for(look, seconds=self._patience, what="a verdict")

    async def take_newest_list(self, name: str) -> None:
        """Fetch the pinned list's newest edition at once."""
        pinned = next(pin for pin in (await self._api.get("/v1/trust-lists"))["items"] if pin["name"] == name)
        await self._api.post("/v1/trust-lists/refresh", url=pinned["url"])

    async def wait_until_stale(self, name: str) -> None:
        """Fetch the newest list, then wait for its time to pass."""
        await self.take_newest_list(name)

        async def look() -> bool | None:
            pins = (await self._api.get("/v1/trust-lists"))["items"]
            return any(pin["name"] == name and pin["state"] == "stale" for pin in pins) or None

        await wait_for(look, seconds=_STALE_SECONDS, what="the pinned list to become stale")
