"""Follow an invitation link."""

from dataclasses import dataclass

from pydantic import JsonValue

from wallet.domain.invitation import Invitation, read_invitation
from wallet.errors import NotThere
from wallet.ports import PublicFacts
from wallet.use_cases.desk import OpenWallet

CONNECTIONS = "connections"
"""Notes: by which invitation a connection came about; proves later that a signed request is for that invitation."""


@dataclass(frozen=True)
class Received:
    """A connection in the making; `already_known`: this link was followed before."""

    connection_id: str
    invitation: Invitation
    already_known: bool


async def receive_invitation(wallet: OpenWallet, url: str, *, facts: PublicFacts) -> Received:
    """Answers the invitation; one answered before is answered again if nobody heard it.

    Raises InvitationRefused or SenderUnreachable.
    """
    invitation = read_invitation(url)
    if invitation.sender is not None and await wallet.store.connection_from(invitation.id) is None:
        await facts.look_up_sender(invitation.sender)  # the agent tells nobody away from nobody there
    keys: list[JsonValue] = list(invitation.recipient_keys)
    note: dict[str, JsonValue] = {"recipient_keys": keys, "label": invitation.label}
    async with wallet.turn:
        known = await wallet.store.connection_from(invitation.id)
        connection_id = known or await wallet.store.connect(invitation)
        if known is not None:
            await wallet.store.connect_again(known)
        await wallet.store.write_note(CONNECTIONS, connection_id, note)
    return Received(connection_id, invitation, already_known=known is not None)


async def label_of(wallet: OpenWallet, connection_id: str) -> str:
    """What the link by which a connection came about calls its sender; it proves nothing. Raises NotThere."""
    note = await wallet.store.note(CONNECTIONS, connection_id)
    if not isinstance(note, dict):
        raise NotThere("This wallet has followed no such link. Open the link again.")
    return str(note.get("label") or "")
