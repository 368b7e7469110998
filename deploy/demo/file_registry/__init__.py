"""What stock ACA-Py needs to issue AnonCreds without a ledger, and nothing more: objects are files in one folder.

The benchmark gives it to the stock agents it compares Ujuzi with. It checks and signs nothing, reads an object that never
changes once for each process, and so costs them less than any registry in use. It shares no code with Ujuzi.
`FILE_REGISTRY_FOLDER` says where the files are.
"""

from typing import Any

from acapy_agent.anoncreds.registry import AnonCredsRegistry

from file_registry.registry import FileRegistry


async def setup(context: Any) -> None:  # noqa: ANN401  ACA-Py ships no types
    """Let ACA-Py keep and find its objects here."""
    context.inject(AnonCredsRegistry).register(FileRegistry())
