"""What the launcher needs from the outside."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Protocol

from services.launcher.domain.exchange import Endpoints, Program, Secrets
from services.launcher.domain.story import ClaimableAward, Told, Verdict


class KeepHome(Protocol):
    """A folder in which one exchange lives, claimed by one launcher at a time."""

    def claim(self) -> None:
        """Make the folder and take it for this launcher, or raise CannotStart saying what to do."""

    def check_kept_here(self) -> None:
        """Raise BackupRefused unless an exchange lives here with all its data."""

    def keep_data_in(self, place: str) -> None:
        """Remember where this home's databases are; raise CannotStart if they are somewhere else already."""

    def secrets(self) -> Secrets:
        """Return the home's secrets, made at the first call ever."""

    def publish(self, endpoints: Endpoints) -> None:
        """Write where the exchange is found, readable by its owner alone."""

    def withdraw(self) -> None:
        """Remove what `publish` wrote: nothing runs here any more."""

    def release(self) -> None:
        """Let another launcher claim the folder."""


class KeepDatabases(Protocol):
    """Where the programs' databases are."""

    @property
    def place(self) -> str:
        """Say where, without secrets."""

    async def prepare(self) -> None:
        """Make those that are not there yet, or raise CannotStart saying what to do."""


class RunPrograms(Protocol):
    """Child processes that are kept running until they are stopped."""

    def check_ports(self, ports: Mapping[str, int]) -> None:
        """Raise CannotStart if one of these ports is taken."""

    async def start(self, programs: Sequence[Program]) -> None:
        """Start these programs at once and return when all are ready, or raise NotReady."""

    async def stop(self) -> None:
        """Stop every program, the last stage first, and return when none is left."""


class Tell(Protocol):
    """Tells the story to whoever watches."""

    def chapter(self, title: str) -> None:
        """Begin a chapter."""

    def line(self, text: str) -> None:
        """Say one sentence."""

    def progress(self, what: str, total: int) -> AbstractContextManager[Callable[[], None]]:
        """Show how far something is; call what is yielded at each step."""

    def scene(self, scene: Told) -> None:
        """Tell how a scene ended."""


class HasDid(Protocol):
    """An organisation others can name."""

    async def did(self) -> str:
        """Return its DID once it is published."""


class Issue(Protocol):
    """The issuer, as an officer of the organisation uses it."""

    async def wait_until_it_can_issue(self) -> None:
        """Return once its credential definition is made, which takes seconds."""

    async def publish_template(self, template: Mapping[str, object]) -> tuple[str, str]:
        """Return the ids of the template and of the edition made of it."""

    async def issue_batch(self, template_id: str, spreadsheet: str) -> Sequence[ClaimableAward]:
        """Return one award per row, in the rows' order."""

    async def claim(self, claim_url: str) -> str:
        """Go on from the claim page, as the learner does; return the invitation."""

    async def revoke(self, award_id: str, reason: str) -> None:
        """Revoke, and return once the new status is published."""


class Ask(Protocol):
    """The verifier, as a job platform uses it."""

    async def ask(self, requirement: Mapping[str, object]) -> tuple[str, str]:
        """Return the ids of the request and its invitation."""

    async def verdict(self, request_id: str) -> Verdict:
        """Return the verdict once there is one."""

    async def take_newest_list(self, name: str) -> None:
        """Fetch the pinned list's newest edition at once."""

    async def wait_until_stale(self, name: str) -> None:
        """Return once the pinned list is past its time."""


class PinList(Protocol):
    """Who judges trust by a list it has pinned."""

    async def pin(self, name: str, url: str, operator_key: str) -> None:
        """Pin a trust list and take its newest edition, or only the latter if it is pinned already."""


class Accredit(Protocol):
    """The trust registry, as an authority's officer uses it."""

    async def accredit(self, *, did: str, name: str, country: str, action: str, valid_from: date) -> None:
        """Authorise this DID, unless it is authorised already; the list that says so is out on return."""

    async def declare_compromised(self, did: str, reason: str) -> None:
        """Say that this issuer's key is in other hands; the list that says so is out on return."""

    async def let_list_expire(self, *, valid_seconds: int) -> None:
        """Issue a list that is soon out of date and not renewed."""

    async def published(self) -> tuple[str, str]:
        """Return the list's address and its operator's key."""


class Learn(Protocol):
    """A learner with a wallet."""

    async def create(self) -> None:
        """Make a wallet."""

    async def take_award(self, invitation_url: str) -> None:
        """Open a claim's invitation, read the offer, accept it; return once it is stored."""

    async def answer(self, invitation_url: str) -> Sequence[str]:
        """Open a verifier's invitation, read the request, consent; what the wallet said of who asks, in sentences."""
