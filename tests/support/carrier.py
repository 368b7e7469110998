"""A way to graduates that keeps what it is given, or refuses it as told."""

from dataclasses import dataclass, field

from issuer.domain.message import Message
from issuer.errors import NotDelivered
from issuer.ports import Letter


@dataclass
class FakeCarrier:
    """`refuse` is raised once for each message until it is empty."""

    given: list[tuple[Message, str, str, Letter]] = field(default_factory=list)
    refuse: list[NotDelivered] = field(default_factory=list)
    segments: int | None = None

    async def send(self, message: Message, *, to: str, sender: str, letter: Letter) -> int | None:
        if self.refuse:
            raise self.refuse.pop(0)
        self.given.append((message, to, sender, letter))
        return self.segments

    async def rest(self) -> None:
        pass

    @property
    def told(self) -> list[tuple[str, str]]:
        """Kind and address of each message."""
        return [(message.kind.value, to) for message, to, _, _ in self.given]
