"""What the model refuses.

ScaleError
└── DocsUnusable   costs or page are not as the model needs them
"""

from shared.contracts.errors import UjuziError


class ScaleError(UjuziError):
    """Base class of this package's errors."""


class DocsUnusable(ScaleError):
    """Costs or page are not as the model needs them."""
