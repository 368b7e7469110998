"""A wallet of somebody else's make: stock ACA-Py, to which only a small did:webvh resolver is added.

It shares no code with Ujuzi and is no part of it. The demonstration and the tests run it to see how Ujuzi deals with
a wallet that it does not know, and with one whose owner has tampered with it:

- `FOREIGN_WALLET_HOSTS` maps DID hosts to addresses (JSON), as a developer would by /etc/hosts and a proxy.
- `FOREIGN_WALLET_STATUS_LIST` is `newest`, or `oldest` for the wallet that cheats: it proves over the status list from
  before any revocation, in which its credential still stands.
"""

from typing import Any

from acapy_agent.anoncreds.registry import AnonCredsRegistry

from foreign_wallet.resolver import SmallWebvhResolver


async def setup(context: Any) -> None:  # noqa: ANN401  ACA-Py ships no types
    """Let ACA-Py find what is below did:webvh."""
    context.inject(AnonCredsRegistry).register(SmallWebvhResolver())
