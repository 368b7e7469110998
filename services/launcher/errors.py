"""What can go wrong in the launcher.

UjuziError
└── LauncherError
    ├── CannotStart        something on this machine is in the way; says what to do (exit code 2)
    ├── BackupRefused      a home cannot be backed up, or made of this backup (exit code 2)
    ├── NotReady           a program ended or did not become ready in time (exit code 2)
    └── ServiceRefused     a running service answered a call with a problem document
"""

from shared.contracts.errors import UjuziError


class LauncherError(UjuziError):
    """Base of the launcher's errors."""


class CannotStart(LauncherError):
    """Something on this machine is in the way: a taken port, an unusable home, a missing binary."""


class BackupRefused(LauncherError):
    """A home cannot be backed up, or none be made of this backup; nothing was changed."""


class NotReady(LauncherError):
    """A program ended, or did not become ready in time."""


class ServiceRefused(LauncherError):
    """A service answered with a problem; carries its status and the words of its problem document."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status
