"""The issuer's console: which roles there are within an organisation, the operator's, and what they may do."""

from typing import Final

from issuer.entry.api import PUBLISH_TEMPLATES, READ, WRITE, WRITE_TEMPLATES
from issuer.entry.areas import (
    AWARDS,
    BATCHES,
    FIGURES,
    ORGANISATION,
    ORGANISATIONS,
    PRIVACY,
    PROGRAMMES,
    QUESTIONS,
    RECORD,
)
from issuer.entry.batches_api import APPROVE
from shared.ports.api_keys import ADMIN, OPERATE
from shared.ports.members import Roles
from shared.web.api_key_pages import KEYS
from shared.web.console import Area
from shared.web.webhook_pages import WEBHOOKS

ROLES: Final[Roles] = {
    "officer": frozenset({READ, WRITE, WRITE_TEMPLATES}),
    "approver": frozenset({READ, PUBLISH_TEMPLATES, APPROVE}),
    "admin": frozenset({ADMIN}),
    "operator": frozenset({OPERATE}),
}

AREAS: Final[tuple[Area, ...]] = (
    PROGRAMMES,
    BATCHES,
    AWARDS,
    QUESTIONS,
    FIGURES,
    PRIVACY,
    ORGANISATION,
    KEYS,
    WEBHOOKS,
    RECORD,
    ORGANISATIONS,
)
"""Parts of the console, in the order of its navigation."""
