"""The trust registry's console: which roles there are, and what they may do."""

from typing import Final

from services.trust_registry.entry.api import APPROVE, ISSUE, READ, WRITE
from services.trust_registry.entry.areas import APPLICATIONS, LIST, ORGANISATIONS, PROPOSALS, RECORD, SETUP
from shared.ports.api_keys import ADMIN
from shared.ports.members import Roles
from shared.web.console import Area

ROLES: Final[Roles] = {
    "reader": frozenset({READ}),
    "editor": frozenset({READ, WRITE}),
    "approver": frozenset({READ, APPROVE, ISSUE}),
    "admin": frozenset({ADMIN}),
}

DECIDERS: Final = frozenset(role for role, scopes in ROLES.items() if scopes & {APPROVE, ADMIN})
"""Roles that may approve."""

AREAS: Final[tuple[Area, ...]] = (SETUP, APPLICATIONS, ORGANISATIONS, PROPOSALS, LIST, RECORD)
"""Parts of the console, in the order of its navigation."""
