"""The verifier's console: which roles there are, and what they may do."""

from typing import Final

from shared.ports.api_keys import ADMIN
from shared.ports.members import Roles
from shared.web.api_key_pages import KEYS
from shared.web.console import Area
from shared.web.webhook_pages import WEBHOOKS
from verifier.entry.api import LISTS, READ, WRITE
from verifier.entry.areas import EDITING, REQUESTS, TEMPLATES, TRUST

ROLES: Final[Roles] = {
    "reader": frozenset({READ}),
    "requester": frozenset({READ, WRITE}),
    "template_editor": frozenset({READ, EDITING}),
    "developer": frozenset({READ, WRITE, WEBHOOKS.scope}),
    "trust_officer": frozenset({READ, LISTS}),
    "admin": frozenset({ADMIN}),
}

AREAS: Final[tuple[Area, ...]] = (REQUESTS, TEMPLATES, TRUST, WEBHOOKS, KEYS)
"""Parts of the console, in the order of its navigation."""
