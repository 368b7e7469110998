"""The parts of the registry's console."""

from typing import Final

from services.trust_registry.entry.api import READ
from shared.web.console import Area

SETUP: Final = Area("/console/setup", READ, "setup")
ORGANISATIONS: Final = Area("/console/organisations", READ, "organisations")
APPLICATIONS: Final = Area("/console/applications", READ, "applications")
PROPOSALS: Final = Area("/console/proposals", READ, "proposals")
LIST: Final = Area("/console/list", READ, "list_and_key")
RECORD: Final = Area("/console/record", READ, "record")
