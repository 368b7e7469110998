"""What the organisation has published, in the service's own DID host."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time
from typing import Any

from pydantic import JsonValue

from shared.adapters.did_host import DidHost
from shared.vc.attested_resource import EDITION, REV_REG_DEF
from shared.vc.holders import HOLDERS, read_holders
from shared.vc.webvh import split_resource_id

AREA = "orgs"


class DidPublications:
    """The service hosts its own DIDs, so what it has stored is what anyone fetches."""

    def __init__(self, did_host: DidHost) -> None:
        self._host = did_host

    async def ensure_did(self, slug: str) -> str:
        """Return the organisation's DID, made with its catalogue of editions as a service."""
        path = (AREA, slug)
        return await self._host.ensure_did(path, [self._host.editions_service(path)])

    async def publish_edition(self, did: str, name: str, content: Mapping[str, JsonValue]) -> str:
        """Sign and serve an Achievement; returns its id."""
        resource = await self._host.publish(did, EDITION, name, content)
        return str(resource["id"])

    async def close(self, did: str) -> int:
        """Mark each registry's newest list as the last; returns how many there are."""
        return await self._host.close(did)

    async def editions(self, did: str, *, before: date) -> Mapping[str, Mapping[str, object]]:
        """Read every edition that was served before a day began."""
        began = datetime.combine(before, time(), UTC)
        ids = await self._host.resource_ids(_path(did), EDITION, before=began)
        served = {edition: await self._served(edition) for edition in ids}
        return {edition: found["content"] for edition, found in served.items() if found is not None}

    async def counted(self, did: str) -> date | None:
        """Read the newest figures' week."""
        told = await self._host.resource_ids(_path(did), HOLDERS)
        newest = await self._served(told[-1]) if told else None
        return None if newest is None else read_holders(newest["content"]).counted

    async def publish_holders(self, did: str, content: Mapping[str, JsonValue]) -> None:
        """Sign and serve figures."""
        await self._host.publish(did, HOLDERS, "How many hold each programme", content)

    async def listed(self, rev_reg_id: str) -> AbstractSet[str]:
        """Read the newest status list that the published registry definition links to."""
        registry = await self._served(rev_reg_id)
        links = (registry or {}).get("links") or []
        if not links:
            return frozenset()
        newest = max(links, key=lambda link: int(link["timestamp"]))
        status_list = await self._served(newest["id"])
        if status_list is None:
            return frozenset()
        bits = status_list["content"]["revocationList"]
        return {str(place) for place, bit in enumerate(bits) if bit}

    async def aging_registries(self, did: str, *, before: datetime) -> Sequence[str]:
        """Return the registries whose newest list is older than `before`."""
        aging = []
        for registry_id in await self._host.resource_ids(_path(did), REV_REG_DEF):
            registry = await self._served(registry_id)
            times = [int(link["timestamp"]) for link in (registry or {}).get("links") or []]
            if times and max(times) < before.timestamp():
                aging.append(registry_id)
        return aging

    async def _served(self, resource_id: str) -> dict[str, Any] | None:
        did, digest = split_resource_id(resource_id)
        found = await self._host.resource(_path(did), digest)
        return None if found is None else found.resource


def _path(did: str) -> tuple[str, ...]:
    return tuple(did.split(":")[4:])
