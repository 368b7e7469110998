"""A learner's store as a file: a consistent copy of one in use, and a check of one that is brought along.

Both are done by a process of their own. SQLite's locks belong to a process: if a second copy of the library closed the
file in this one, the locks of Askar's copy would be gone. And a hostile file is read outside of the agent.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from services.agent.adapters import store_file_worker
from services.agent.errors import NotAStore

_SECONDS = 20.0


async def copied(store: Path) -> bytes:
    """The store as it is now; its content is encrypted, as on disk."""
    with tempfile.TemporaryDirectory(dir=store.parent) as folder:
        copy = Path(folder) / store.name
        refusal = await _work("copy", store, copy)
        if refusal is not None:
            raise OSError(f"the store could not be copied: {refusal}")
        return await asyncio.to_thread(copy.read_bytes)


async def check(store: Path) -> None:
    """Raises NotAStore."""
    refusal = await _work("check", store)
    if refusal is not None:
        raise NotAStore(f"This is no learner's store: {refusal}")


async def _work(verb: str, *files: Path) -> str | None:
    """What the worker said when it refused."""
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-I", store_file_worker.__file__, verb, *map(str, files),
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(_SECONDS):
            _, said = await worker.communicate()
    except BaseException:
        worker.kill()
        await worker.wait()
        raise
    lines = said.decode(errors="replace").strip().splitlines()
    return None if worker.returncode == 0 else (lines[-1] if lines else "its process ended early")
