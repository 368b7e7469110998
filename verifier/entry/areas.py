"""The parts of the verifier's console."""

from typing import Final

from shared.web.console import Area
from verifier.entry.api import READ
from verifier.entry.templates_api import TEMPLATES as EDIT_TEMPLATES

REQUESTS: Final = Area("/console/requests", READ, "requests")
TEMPLATES: Final = Area("/console/templates", READ, "templates")
EDITING: Final = EDIT_TEMPLATES
"""The scope of whoever writes templates."""
TRUST: Final = Area("/console/trust-lists", READ, "trust_lists")
