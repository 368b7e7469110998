"""What the plugin's admin routes need; `main` binds one `Needs` in ACA-Py's injection context.

`profile` is ACA-Py's: a learner's wallet where a bearer token names one, else the agent's own.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from acapy_agent.core.profile import Profile
from acapy_agent.messaging.responder import BaseResponder
from pydantic import JsonValue

from services.agent.domain.owner import Owner, WalletState
from services.agent.domain.room import Room
from services.agent.domain.status import Outcome, StatusNotice, Wanted


class LearnersWallets(Protocol):
    """Stores that only their learners' keys open."""

    async def create(self, wallet_key: str) -> str:
        """Make an empty locked wallet and return its id. Raises NotAWalletKey."""

    async def copy(self, wallet_id: str) -> bytes:
        """Its store as it is now, sealed. Raises WalletUnknown."""

    async def take_in(self, store: bytes) -> str:
        """Make a locked wallet of a copied store and return its id. Raises NotAStore."""

    async def open(self, wallet_id: str, wallet_key: str) -> str:
        """Open it and return a token. Raises NotAWalletKey, WrongWalletKey or WalletUnknown."""

    async def close(self, wallet_id: str) -> None:
        """Lock it; its tokens die. Raises WalletUnknown."""

    async def delete(self, wallet_id: str, forget: Callable[[str], Awaitable[None]]) -> None:
        """Destroy it, and by `forget` what waits for it. Raises WalletUnknown."""

    async def state(self, wallet_id: str) -> WalletState:
        """Locked, taking in what waited, or open. Raises WalletUnknown."""

    async def store_of(self, wallet_id: str) -> str:
        """The name of its store. Raises WalletUnknown."""

    def in_use(self, wallet_id: str) -> AbstractAsyncContextManager[None]:
        """Closing waits for the end of this block. Raises WalletLocked."""


class WaitingEnvelopes(Protocol):
    """Envelopes of locked wallets."""

    async def count(self, wallet_id: str) -> int:
        """How many wait."""

    async def forget(self, wallet_id: str) -> None:
        """Drop everything kept for a wallet that is no more."""


class MeasureRoom(Protocol):
    """Sizes of stores and what waits for them, without opening any."""

    async def __call__(self, own_store: str) -> Room:
        """Of all learners' stores, the agent's own left out."""

    async def check_for_another(self) -> None:
        """Raises DiskNearlyFull."""

    async def is_full(self, store: str) -> bool:
        """Whether the store of this name takes in nothing new."""

    async def check_store(self, store: str) -> None:
        """Raises StoreFull."""


class Notes(Protocol):
    """Small JSON documents inside a wallet's own store."""

    async def put(self, profile: Profile, category: str, note_id: str, value: JsonValue) -> None:
        """Keep the note, replacing an earlier one of that id."""

    async def put_together(self, profile: Profile, notes: Mapping[tuple[str, str], JsonValue]) -> None:
        """Keep these, by category and id, all or none."""

    async def get(self, profile: Profile, category: str, note_id: str) -> JsonValue:
        """The note. Raises KeyError."""

    async def all_of(self, profile: Profile, category: str) -> dict[str, JsonValue]:
        """Every note of the category by its id."""

    async def by_category(
        self, profile: Profile, categories: Iterable[str]
    ) -> dict[str, dict[str, JsonValue]]:
        """The same of several categories."""

    async def remove(self, profile: Profile, category: str, note_id: str) -> None:
        """Forget the note, if there is one."""


class Lease(Protocol):
    """Leave to work with the stores, which one agent process has at a time."""

    @property
    def consumer(self) -> str:
        """Name of the consumer of inbound envelopes; every other one is void."""

    @property
    def fence(self) -> Mapping[str, str]:
        """Headers with which an outbound envelope is stored only while the lease is held."""

    async def confirm(self) -> None:
        """Make sure that it is held. Raises LeaseLost, or Unavailable when it cannot be told."""

    async def still_held(self) -> None:
        """The same after a pause, else nothing; what cannot be told is let pass. Raises LeaseLost."""

    async def run(self) -> None:
        """Keep it until cancelled."""


class ClosePresentation(Protocol):
    """Records a verdict and acknowledges the presentation."""

    async def __call__(
        self, profile: Profile, responder: BaseResponder, pres_ex_id: str, *, verified: bool
    ) -> None:
        """Raises PresentationUnknown or NothingToClose."""


class SayAgain(Protocol):
    """Sends the last message of an exchange once more."""

    async def __call__(self, profile: Profile, responder: BaseResponder, kind: str, record_id: str) -> bool:
        """False if it is not our turn to be waiting. Raises PresentationUnknown."""


class SendMessage(Protocol):
    """Sends what somebody wrote."""

    async def __call__(
        self, profile: Profile, responder: BaseResponder, connection_id: str, *, message_id: str, content: str
    ) -> bool:
        """False without a connection of this id that is ready."""


class SetStatus(Protocol):
    """Changes credentials' places in the agent's own status list; publishes nothing."""

    async def __call__(
        self, profile: Profile, rev_reg_id: str, numbers: Sequence[int], wanted: Wanted
    ) -> Outcome:
        """Make it so for each that can be, all in one transaction. Raises RegistryUnknown or StatusBusy."""


class TellStatus(Protocol):
    """Tells the holder of a credential what became of it."""

    async def __call__(
        self, profile: Profile, responder: BaseResponder, connection_id: str, notice: StatusNotice
    ) -> bool:
        """False if that connection is no more."""


@dataclass(frozen=True)
class Needs:
    """Everything the routes reach for."""

    admin_key: str
    keeps_wallets: bool
    lease: Lease
    find_owner: Callable[[Profile, str], Awaitable[Owner | None]]
    waiting: WaitingEnvelopes
    room: MeasureRoom
    notes: Notes
    close_presentation: ClosePresentation
    say_again: SayAgain
    find_keys: Callable[[Profile, str], Awaitable[list[str]]]
    delete_what_is_past: Callable[[Profile, Profile], Awaitable[Mapping[str, int]]]
    """Of the agent's own store, given first, or of a learner's; how many records and files went, by kind."""
    republish_status: Callable[[Profile, str], Awaitable[int]]
    """Publish a registry's present list under a new time, which it returns. Raises RegistryUnknown or ServiceRefused."""
    send_message: SendMessage
    set_status: SetStatus
    tell_status: TellStatus
