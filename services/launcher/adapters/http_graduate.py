"""A graduate with a wallet, over the wallet's HTTP API."""

from collections.abc import Sequence

import httpx

from services.launcher.adapters.http_learner import HttpLearner
from services.launcher.errors import ServiceRefused
from shared.vc.wallet_lock import generate_passphrase

_PATIENCE_SECONDS = 45.0


class HttpGraduate:
    """Does what a learner does by hand: reads, then says yes."""

    def __init__(
        self, wallet_url: str, client: httpx.AsyncClient, *, patience: float = _PATIENCE_SECONDS
    ) -> None:
        self.learner = HttpLearner(wallet_url, client)
        self._patience = patience
        self.passphrase = generate_passphrase()

    async def create(self) -> None:
        """Make a wallet under a passphrase of its own."""
        await self.learner.create(self.passphrase)

    async def take_award(self, invitation_url: str) -> None:
        """Open the invitation, accept the offer, wait until the credential is stored."""
        await self.learner.open_link(invitation_url)
        offer = await self.learner.offer(self._patience)
        await self.learner.accept(offer["id"])
        await self.learner.credential(self._patience)

    async def answer(self, invitation_url: str) -> Sequence[str]:
        """Open the invitation, choose a credential for each need, consent having read who asks and what is warned of; tell that."""
        await self.learner.open_link(invitation_url)
        request = await self.learner.request(self._patience)
        if not request["can_answer"]:
            missing = " ".join(text for need in request["needs"] for text in need["missing"])
            raise ServiceRefused(f"The wallet cannot answer: {missing}", status=0)
        chosen = {
            need["id"]: next(one for one in need["candidates"] if one["can_present"])
            for need in request["needs"]
        }
        warnings = [*request["warnings"], *(each for one in chosen.values() for each in one["warnings"])]
        await self.learner.consent(
            request["id"],
            {need: one["credential_id"] for need, one in chosen.items()},
            acknowledged={each["code"] for each in warnings},
        )
        asking = request["verifier"]
        told = [asking["accreditation"] or asking, *warnings]
        return list(dict.fromkeys(_plain(each["words"]["en"]) for each in told))


def _plain(words: str) -> str:
    """Without the marks that keep a name apart from a sentence written the other way."""
    return words.replace("\N{FIRST STRONG ISOLATE}", "").replace("\N{POP DIRECTIONAL ISOLATE}", "")
