"""Say that something is wrong with a credential; and what its issuer answered.

The message goes over the connection the credential came by: whoever else writes there is its issuer, and nobody but the
learner can write for this award. Both sides' messages lie in her store and nowhere else of this service.
"""

import logging
from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from shared.contracts.question_words import Matter, content_of
from wallet.domain.question import MOST_UNANSWERED, Line, Thread, connections_of, line_from, thread_of
from wallet.errors import AgentTrouble, IssuerOutOfReach, TooManyQuestions
from wallet.ports import LearnerStore
from wallet.use_cases.desk import Desk, OpenWallet
from wallet.use_cases.settle_exchanges import SETTLED

log = logging.getLogger(__name__)

MINE = "questions"
"""Notes: what she wrote."""
THEIRS = "basic-messages"
"""Notes the agent writes of what others write to her."""


async def ask_issuer(
    wallet: OpenWallet, credential_id: str, matter: Matter, text: str, *, language: str, desk: Desk
) -> Thread:
    """Return the thread with her message. It is kept first: one that could not be sent goes later by itself.

    The same words twice without an answer are one message: a form may be sent again after a lost connection.

    Raises:
        CredentialUnknown, IssuerOutOfReach, TooManyQuestions
    """
    async with wallet.turn:
        connections = await _connections(wallet.store, credential_id)
        if not connections:
            raise IssuerOutOfReach(
                "The way this credential came is not known any more, as after moving to another wallet. "
                "Write to the organisation that gave it, by the address on its website."
            )
        thread = await _thread(wallet.store, connections)
        if _said_already(thread, matter, text):
            return thread
        if not thread.can_write:
            raise TooManyQuestions(
                f"You wrote {MOST_UNANSWERED} messages that were not answered yet. Wait for the answer."
            )
        note: dict[str, JsonValue] = {
            "connection_id": connections[0],
            "content": content_of(matter, text, language),
            "at": desk.clock().isoformat(),
            "sent": False,
        }
        await wallet.store.write_note(MINE, desk.new_id(), note)
        await _send_unsent(wallet.store)
        return await _thread(wallet.store, connections)


def _said_already(thread: Thread, matter: Matter, text: str) -> bool:
    """Whether the last line says this, by her."""
    last = thread.lines[-1] if thread.lines else None
    return last is not None and last.mine and (last.matter, last.text) == (matter, text.strip())


async def read_threads(wallet: OpenWallet, credential_ids: Iterable[str]) -> Mapping[str, Thread]:
    """The threads of these credentials, in one look."""
    settled = await wallet.store.notes(SETTLED)
    mine = await _lines(wallet.store, MINE, mine=True)
    theirs = await _lines(wallet.store, THEIRS, mine=False)
    over = {one: connections_of(one, settled) for one in credential_ids}
    return {one: thread_of(found, mine, theirs, reachable=bool(found)) for one, found in over.items()}


async def read_thread(wallet: OpenWallet, credential_id: str) -> Thread:
    """What she and the issuer wrote about a credential. Raises CredentialUnknown."""
    return await _thread(wallet.store, await _connections(wallet.store, credential_id))


async def send_unsent(wallet: OpenWallet) -> bool:
    """Hand over what the agent has not taken yet; an issuer takes the same message once. Returns whether it took all."""
    async with wallet.turn:
        return await _send_unsent(wallet.store)


async def _send_unsent(store: LearnerStore) -> bool:
    took_all = True
    for note_id, note in (await store.notes(MINE)).items():
        if not isinstance(note, dict) or note.get("sent") is not False:
            continue
        try:
            await store.send_message(
                str(note["connection_id"]), message_id=note_id, content=str(note["content"])
            )
        except AgentTrouble as trouble:
            log.warning("message %s could not be sent yet (%s)", note_id, type(trouble).__name__)
            took_all = False
            continue
        await store.write_note(MINE, note_id, {**note, "sent": True})
    return took_all


async def _connections(store: LearnerStore, credential_id: str) -> tuple[str, ...]:
    await store.credential(credential_id)
    return connections_of(credential_id, await store.notes(SETTLED))


async def _thread(store: LearnerStore, connections: tuple[str, ...]) -> Thread:
    return thread_of(
        connections,
        await _lines(store, MINE, mine=True),
        await _lines(store, THEIRS, mine=False),
        reachable=bool(connections),
    )


async def _lines(store: LearnerStore, category: str, *, mine: bool) -> list[Line]:
    notes = await store.notes(category)
    return [line for key, note in notes.items() if (line := line_from(key, note, mine=mine)) is not None]
