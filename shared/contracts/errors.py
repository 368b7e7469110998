"""The one base class of every error Ujuzi raises on purpose.

UjuziError
└── each module's or package's own base class, kept next to the code that raises it
"""


class UjuziError(Exception):
    """Something was refused or could not be done; the message says what, why and what to do next."""
