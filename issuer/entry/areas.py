"""The parts of the issuer's console."""

from typing import Final

from issuer.entry.api import READ
from shared.ports.api_keys import ADMIN
from shared.web.console import Area

QUESTIONS: Final = Area("/console/questions", READ, "questions")
RECORD: Final = Area("/console/record", ADMIN, "record")
