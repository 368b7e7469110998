"""An exchange's turn: one message of it at a time, in whichever of a party's agents it is handled."""

from contextlib import AbstractAsyncContextManager

from acapy_agent.core.profile import Profile

from shared.adapters.turns import Turns
from shared.ports.turns import OneAtATime

_HERE = OneAtATime()
"""Suffices where nothing is shared: a store in a folder has one agent."""


def turn(profile: Profile, exchange: str) -> AbstractAsyncContextManager[None]:
    """Hold the exchange's turn inside the block. Raises Unavailable: the message is then handled later."""
    turns = profile.inject_or(Turns) or _HERE
    return turns(f"{profile.name} {exchange}")
