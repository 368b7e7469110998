"""Sends what is due by one way, one message after the other, as long as the process runs."""

import asyncio
from typing import Final

from issuer.domain.message import AWAY_PAUSE
from issuer.errors import ChannelAway
from issuer.use_cases.send_message import SendMessage

LOOK_SECONDS: Final = 2.0
"""How often to look for what has become due."""


class MessageLoop:
    """For `running`. While server or gateway is away, nothing is tried but one message now and then."""

    def __init__(self, send: SendMessage) -> None:
        self._send = send

    async def run(self) -> None:
        """Send until cancelled. Raises Unavailable while the database is away."""
        pause = LOOK_SECONDS
        try:
            while True:
                try:
                    while await self._send():
                        pass
                    pause = LOOK_SECONDS
                except ChannelAway:
                    pause = AWAY_PAUSE.total_seconds()
                await self._send.carrier.rest()
                await asyncio.sleep(pause)
        finally:
            await self._send.carrier.rest()
