"""Messages between the issuer and the wallets, over our plugin's admin routes."""

from collections.abc import Sequence
from typing import Final

from issuer.adapters.acapy_calls import calling
from issuer.errors import UnknownToAgent
from issuer.ports import Written
from shared.adapters.acapy_client import AcapyClient, in_path

_CATEGORY: Final = "basic-messages"


class AcapyMessages:
    """`Correspondence` of the agent's own store."""

    def __init__(self, agent: AcapyClient) -> None:
        """`agent` holds the admin key."""
        self._agent = agent

    async def arrived(self) -> Sequence[Written]:
        """Return the notes the agent made of messages, in the order they came."""
        found = await calling(self._agent.get(f"/ujuzi/notes/{_CATEGORY}"))
        notes = sorted(found["notes"], key=lambda note: str(note["value"]["at"]))
        return [
            Written(
                str(note["id"]),
                str(note["value"]["connection_id"]),
                str(note["value"]["message_id"]),
                str(note["value"]["content"]),
            )
            for note in notes
        ]

    async def taken(self, written_id: str) -> None:
        """Delete the note."""
        await calling(self._agent.delete(f"/ujuzi/notes/{_CATEGORY}/{in_path(written_id)}"))

    async def send(self, connection_id: str, *, message_id: str, content: str) -> bool:
        """Send under this id."""
        message = {"connection_id": connection_id, "message_id": message_id, "content": content}
        try:
            await calling(self._agent.post("/ujuzi/messages", message))
        except UnknownToAgent:
            return False
        return True
