"""A stand-in for a third-party wallet: stock ACA-Py, to which only a small did:webvh resolver is added.

It shares no code with Ujuzi. `STOCK_AGENT_HOSTS` maps DID hosts to addresses, as a developer would by /etc/hosts and
a proxy.
"""

from typing import Any

from acapy_agent.anoncreds.registry import AnonCredsRegistry

from tests.support.stock_agent.resolver import SmallWebvhResolver


async def setup(context: Any) -> None:  # noqa: ANN401  ACA-Py ships no types
    context.inject(AnonCredsRegistry).register(SmallWebvhResolver())
