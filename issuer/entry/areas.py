"""The parts of the issuer's console."""

from typing import Final

from issuer.entry.api import READ, WRITE
from shared.ports.api_keys import ADMIN, OPERATE
from shared.web.console import Area

PROGRAMMES: Final = Area("/console/programmes", READ, "programmes")
BATCHES: Final = Area("/console/batches", READ, "batches")
AWARDS: Final = Area("/console/awards", READ, "awards")
QUESTIONS: Final = Area("/console/questions", READ, "questions")
FIGURES: Final = Area("/console/figures", READ, "figures")
PRIVACY: Final = Area("/console/requests", WRITE, "privacy")
ORGANISATION: Final = Area("/console/organisation", ADMIN, "own_organisation")
ORGANISATIONS: Final = Area("/console/organisations", OPERATE, "hosted_organisations")
RECORD: Final = Area("/console/record", ADMIN, "record")
