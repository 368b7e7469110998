"""A message that did not reach a graduate and that nobody has made up for yet."""

from collections.abc import Sequence

from issuer.domain.message import Bounced, Failed, Message, Sent


def trouble_of(messages: Sequence[Message]) -> Message | None:
    """Return the last of these messages that bounced or failed, unless a later one of its kind was taken.

    `messages` are those to one award, oldest first.
    """
    undone: dict[str, Message] = {}
    for message in messages:
        match message.state:
            case Bounced() | Failed():
                undone[message.kind] = message
            case Sent():
                undone.pop(message.kind, None)
            case _:
                pass
    return max(undone.values(), key=lambda message: message.queued_at, default=None)
