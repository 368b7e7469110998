"""Why the wallet refuses.

WalletError
├── NotThere: WalletUnknown, OfferUnknown, CredentialUnknown, RequestUnknown, EntryUnknown,
│             UnlockMethodUnknown
├── WrongKey                  the key offered does not open this wallet
├── NotSignedIn               a call for an open wallet came without a session token
├── WalletLocked              the session is over; unlock again
├── NotFromHere               nothing shows that a page of this wallet sent this change
├── InvitationRefused: LinkIncomplete   the link is not an invitation this wallet can use, or not a whole one
├── SenderUnreachable         whoever sent the link cannot be looked up now
├── PlaceUnknown              a page was asked for that follows nothing there is
├── WrongMoment               the offer or request is no longer open
├── IssuerOutOfReach          whoever gave a credential cannot be written to from here
├── VerifierOutOfReach        whoever was shown something cannot be written to from here
├── NothingShared             an entry of her history in which nothing was shown
├── TooManyQuestions          she wrote as much as an issuer takes without an answer
├── LastUnlockMethod          without this method the wallet could never be opened again
├── ConsentRefused: NeedUnanswered, UnfitChoice, RequestExpired, WarningUnseen
├── RequestUnreadable         the proof request asks in a way this wallet cannot explain
├── KeyUnsuitable             a wallet key or unlock method of the wrong shape
├── ArchiveRefused            what is to be imported is no wallet
├── NoRoom: InstallationFull, EnoughForToday   no wallet is made here now
├── StoreFull                 the wallet takes in nothing new
└── AgentTrouble: AgentSilent, AgentRefuses
"""

from collections.abc import Sequence
from typing import Final

from shared.contracts.errors import UjuziError
from shared.ports.errors import Unavailable

WRONG_KEY: Final = "This key does not open this wallet. Check the passphrase."
"""Said of every wallet alike, of one that does not live here too."""


class WalletError(UjuziError):
    """Base of everything the wallet refuses on purpose."""


class NotThere(WalletError):
    """Nothing of that id is in this wallet."""


class WalletUnknown(NotThere):
    """No wallet of that id lives here."""


class OfferUnknown(NotThere):
    """No offer of that id is in this wallet."""


class CredentialUnknown(NotThere):
    """No credential of that id is in this wallet."""


class RequestUnknown(NotThere):
    """No request of that id is in this wallet."""


class EntryUnknown(NotThere):
    """No entry of that id is in this wallet's history."""


class UnlockMethodUnknown(NotThere):
    """The wallet has no unlock method of that kind."""


class LastUnlockMethod(WalletError):
    """Without this method the wallet could never be opened again."""


class WrongKey(WalletError):
    """The key does not open this wallet."""


class NotSignedIn(WalletError):
    """The call needs the session token of an open wallet."""


class WalletLocked(WalletError):
    """The wallet is locked: unlock it and call again."""


class NotFromHere(WalletError):
    """Nothing shows that a page of this wallet sent this change."""


class InvitationRefused(WalletError):
    """The link is not an invitation this wallet can use."""


class LinkIncomplete(InvitationRefused):
    """What was put in is no whole link."""


class SenderUnreachable(WalletError, Unavailable):
    """Whoever sent the invitation cannot be looked up now; the same link may work later."""

    part = "the site that says where the sender of this link is"


class PlaceUnknown(WalletError):
    """The entry a page was to follow is not there."""


class WrongMoment(WalletError):
    """The offer or request is not open any more."""


class IssuerOutOfReach(WalletError):
    """Whoever gave a credential cannot be written to from this wallet."""


class VerifierOutOfReach(WalletError):
    """Whoever was shown something cannot be written to from here."""


class NothingShared(WalletError):
    """An entry of her history in which nothing was shown to anybody."""


class TooManyQuestions(WalletError):
    """She wrote as much as an issuer takes without an answer."""


class ConsentRefused(WalletError):
    """The consent given does not answer the request."""


class NeedUnanswered(ConsentRefused):
    """A need has no credential chosen for it, or a choice names a need that is not asked."""


class UnfitChoice(ConsentRefused):
    """The credential chosen cannot be presented for that need."""


class RequestExpired(ConsentRefused):
    """The time to answer is over."""


class WarningUnseen(ConsentRefused):
    """The request warns of something that the learner did not say she has seen."""

    def __init__(self, codes: Sequence[str]) -> None:
        """`codes` are those of the warnings she did not name."""
        self.codes = tuple(codes)
        super().__init__(
            f"Expected every warning of this answer to be named in `acknowledged`, found none for {', '.join(codes)}. "
            "Read the request again, for something may have changed since; then decline, or answer and name what you saw."
        )


class RequestUnreadable(WalletError):
    """The proof request is written in a way this wallet cannot explain to its learner."""


class KeyUnsuitable(WalletError):
    """The wallet key or an unlock method does not have the expected shape."""


class ArchiveRefused(WalletError):
    """What is to be imported is no wallet's archive."""


class NoRoom(WalletError):
    """No wallet is made here now; those that are here go on."""

    retry_after = 3600
    """Seconds."""


class InstallationFull(NoRoom):
    """As many wallets live here as may, or the disk is nearly full."""

    retry_after = 86_400


class EnoughForToday(NoRoom):
    """As many wallets were made in the last day as may be."""


class StoreFull(WalletError):
    """The wallet is as large as one may be, and takes in nothing new."""


class AgentTrouble(WalletError):
    """The agent behind this service could not do its part."""


class AgentSilent(AgentTrouble, Unavailable):
    """The agent did not answer in time; nothing was lost, try again."""

    part = "the agent"
    stored = "What it took on goes on by itself, and nothing is done twice."


class AgentRefuses(AgentTrouble):
    """The agent refused what it was asked."""
