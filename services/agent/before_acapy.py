"""The one change to ACA-Py that must come before it is loaded; every other one is in `patches`.

tests/unit/agent/test_patches.py fails when upstream no longer has what is changed here.
"""

import nest_asyncio


def leave_the_event_loop_alone() -> None:
    """ACA-Py's JSON-LD code, which nothing of ours uses, has nest_asyncio put tasks and futures in Python for those in C.

    That is for a loader that runs the loop again from inside itself (acapy_agent/vc/ld_proofs/document_loader.py); every
    agent pays for it with each of its tasks, and no faster loop can take part.
    """

    def apply(loop: object = None) -> None:
        """Change nothing."""

    nest_asyncio.apply = apply
