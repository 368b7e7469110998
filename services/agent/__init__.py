"""Ujuzi's plugin for ACA-Py: did:webvh objects, DIDComm over JetStream, sealed wallets.

ACA-Py loads this package by name, calls `setup`, then looks for `routes.register`. Importing it stays cheap.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from acapy_agent.config.injection_context import InjectionContext


async def setup(context: "InjectionContext") -> None:
    """Join the agent: called by ACA-Py once, before its wallet opens."""
    from services.agent.main import join  # noqa: PLC0415  the whole agent hangs on this import

    await join(context)
