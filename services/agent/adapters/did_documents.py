"""did:webvh documents for ACA-Py's connections.

A stranger's message names any DID it likes, and ACA-Py looks it up with an HTTP client that goes anywhere, also into our
own network. Here it goes through ours, which does not, and its history is verified as everywhere else.
"""

import json
from collections.abc import Sequence
from re import Pattern
from typing import Any, override

from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.core.profile import Profile
from acapy_agent.messaging.valid import DIDWebvh
from acapy_agent.resolver.base import BaseDIDResolver, DIDNotFound, ResolverError, ResolverType

from services.agent.adapters.link import Link
from shared.adapters.guarded_http import NotFound
from shared.contracts.errors import UjuziError


class WebvhDocuments(BaseDIDResolver):  # type: ignore[misc]  # ACA-Py ships no types
    """Takes the place of ACA-Py's resolvers that fetch for themselves."""

    def __init__(self, link: Link) -> None:
        super().__init__(ResolverType.NATIVE)
        self._link = link

    @override
    async def setup(self, context: InjectionContext) -> None:
        """Nothing to do."""

    @property
    @override
    def supported_did_regex(self) -> Pattern[str]:
        pattern: Pattern[str] = DIDWebvh.PATTERN
        return pattern

    @override
    async def _resolve(
        self, profile: Profile, did: str, service_accept: Sequence[str] | None = None
    ) -> dict[str, Any]:
        try:
            history = await self._link.resolver.history(did)
        except NotFound as error:
            raise DIDNotFound(f"{did} is not there") from error
        except UjuziError as error:
            raise ResolverError(str(error)) from error
        document: dict[str, Any] = json.loads(json.dumps(history.document))
        return document
