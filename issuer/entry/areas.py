"""The parts of the issuer's console."""

from typing import Final

from shared.ports.api_keys import ADMIN
from shared.web.console import Area

RECORD: Final = Area("/console/record", ADMIN, "record")
