"""Whose key an envelope is for, asked of the agent's plugin; what was found is remembered for a while."""

import time
from collections import OrderedDict
from collections.abc import Callable

from shared.adapters.acapy_client import AcapyClient, AgentRefused, AgentUnavailable, AgentUnknown, in_path
from shared.contracts.streams import MAIN_SHARD
from shared.ports.didcomm import Recipient

REMEMBERED = 20_000
SECONDS = 300.0


class AgentRecipients:
    """The port FindRecipient. Unknown keys are asked for each time: they may be made a moment later."""

    def __init__(
        self,
        agent: AcapyClient,
        *,
        clock: Callable[[], float] = time.monotonic,
        remembered: int = REMEMBERED,
        shard: str = MAIN_SHARD,
    ) -> None:
        """`clock` gives seconds; no more than `remembered` owners are. The agent has this shard."""
        self._shard = shard
        self._remembered = remembered
        self._agent = agent
        self._clock = clock
        self._found: OrderedDict[str, tuple[float, Recipient]] = OrderedDict()

    def known(self, verkey: str) -> Recipient | None:
        """Its owner, as far as that need not be asked."""
        kept = self._found.get(verkey)
        return kept[1] if kept is not None and kept[0] > self._clock() else None

    async def __call__(self, verkey: str) -> Recipient | None:
        """The owner of this raw base58 key; None if nobody here owns it. Raises AgentUnavailable."""
        if (kept := self.known(verkey)) is not None:
            return kept
        try:
            answer = await self._agent.get(f"/ujuzi/recipients/{in_path(verkey)}")
        except AgentUnknown:
            self._found.pop(verkey, None)
            return None
        except AgentRefused as error:
            raise AgentUnavailable(f"the agent would not say whose key it is: {error.status}") from error
        recipient = Recipient(answer["wallet_id"], full=answer.get("full", False), shard=self._shard)
        self._found[verkey] = (self._clock() + SECONDS, recipient)
        self._found.move_to_end(verkey)
        while len(self._found) > self._remembered:
            self._found.popitem(last=False)
        return recipient
