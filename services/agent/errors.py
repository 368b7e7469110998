"""Errors of the agent plugin.

UjuziError
└── AgentError
    ├── NotAnEnvelope        the bytes are no encrypted DIDComm v1 message
    ├── NotForUs             nobody here owns any of the recipient keys
    ├── HandlingFailed       a protocol handler raised
    ├── WalletLocked         the wallet this is for is not open
    ├── WrongWalletKey       the store does not open with this key
    ├── NotAWalletKey        not 32 bytes in base58
    ├── WalletUnknown        no such wallet
    ├── NotAStore            the file is no learner's store
    ├── StoreFull            the store is as large as one may be
    ├── DiskNearlyFull       no further store is made on this disk
    ├── PresentationUnknown  no such exchange
    ├── NothingToClose       the exchange holds no presentation that waits for a verdict
    ├── RegistryUnknown      no such revocation registry of ours
    ├── StatusFinal          the credential is revoked, which cannot be taken back
    ├── StatusBusy           the status list was changed by others whenever it was to be changed
    ├── StoreRestored        status lists of a restored store are being replaced
    ├── ServiceUnreachable   our own service did not answer
    ├── ServiceRefused       our own service would not publish this
    ├── LeaseHeld            another process that still runs has these stores, or this party's envelopes
    ├── LeaseLost            another process has these stores now
    ├── ShardMistaken        the folder holds another shard's stores
    └── TailsRejected        the downloaded tails file is not the one its registry names
BaseException
└── AgentMustStop            ends the process through ACA-Py's own `except Exception`
"""

from shared.contracts.errors import UjuziError


class AgentError(UjuziError):
    """Base class of what the plugin refuses or cannot do."""


class NotAnEnvelope(AgentError):
    """The bytes are no encrypted DIDComm v1 message."""


class NotForUs(AgentError):
    """Nobody here owns any of the recipient keys."""


class HandlingFailed(AgentError):
    """A protocol handler raised; says which kind of error, since its text may quote the message."""


class WalletLocked(AgentError):
    """The wallet this is for is not open."""

    def __init__(self, wallet_id: str) -> None:
        """Name the wallet by its id."""
        super().__init__(f"Wallet {wallet_id} is locked: open it with its key first")
        self.wallet_id = wallet_id


class WrongWalletKey(AgentError):
    """The store does not open with this key."""


class NotAWalletKey(AgentError):
    """Not 32 bytes in base58."""


class WalletUnknown(AgentError):
    """No such wallet."""


class NotAStore(AgentError):
    """The file is no learner's store."""


class PresentationUnknown(AgentError):
    """No such exchange."""


class NothingToClose(AgentError):
    """The exchange holds no presentation that waits for a verdict."""


class RegistryUnknown(AgentError):
    """No such revocation registry of ours."""


class StoreFull(AgentError):
    """The store is as large as one may be, and takes in nothing new."""


class DiskNearlyFull(AgentError):
    """No further store is made on this disk: what is left is for those that are there."""


class StatusFinal(AgentError):
    """The credential is revoked, which cannot be taken back."""


class StatusBusy(AgentError):
    """The status list was changed by others whenever it was to be changed; the same call may succeed later."""


class StoreRestored(AgentError):
    """The store is older than what was issued from it; nothing is issued before its registries were replaced."""


class ServiceUnreachable(AgentError):
    """Our own service did not answer."""


class ServiceRefused(AgentError):
    """Our own service would not publish this."""

    newest: int | None = None
    """Of a status list that is not newer than those published: the time of the newest."""


class IssuerAway(AgentError):
    """What an issuer has published of a credential cannot be read now; the same call may succeed later."""


class TailsRejected(AgentError):
    """The downloaded tails file is not the one its registry names."""


class LeaseHeld(AgentError):
    """Another process that still runs has these stores, or this party's envelopes."""


class LeaseLost(AgentError):
    """Another process has these stores now; this one ends."""


class ShardMistaken(AgentError):
    """The folder holds the stores of another shard than this agent is to have."""


class AgentMustStop(BaseException):
    """The agent cannot do its work; ACA-Py would log it and run on."""
