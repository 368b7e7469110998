"""Logs of applicants' DIDs: `ReadDidLog`, through the client that opens public addresses only."""

from services.trust_registry.errors import DidLogUnchecked
from shared.adapters.guarded_http import FetchError, FetchRefused
from shared.adapters.webvh_resolver import AnswerMalformed, RolledBack, WebvhResolver
from shared.vc.webvh import DidHistory, DidLogInvalid, IdentifierMalformed


class WebvhLogs:
    """Fetches anew each time: what is decided by a log is decided by what it says now."""

    def __init__(self, resolver: WebvhResolver) -> None:
        self._resolver = resolver

    async def __call__(self, did: str) -> DidHistory:
        """The verified log. Raises DidLogUnchecked."""
        try:
            return await self._resolver.history(did, fresh=True)
        except FetchRefused as error:
            # what a name resolves to inside this network is nobody's business
            raise DidLogUnchecked(
                f"the log of {did[:300]} was not fetched: expected its host at a public address, reached by https"
            ) from error
        except FetchError as error:
            raise DidLogUnchecked(
                f"expected the log of {did[:300]} where the DID says, which is public, and could not fetch it: "
                "start the issuer, look whether everybody can reach it, and try again"
            ) from error
        except (DidLogInvalid, RolledBack, AnswerMalformed, IdentifierMalformed) as error:
            raise DidLogUnchecked(f"the log of {did[:300]} does not verify: {error}") from error
