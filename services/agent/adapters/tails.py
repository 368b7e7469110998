"""Tails files: up to our own service, down through the guarded client."""

import asyncio
import hashlib
from pathlib import Path
from uuid import uuid4

import base58
from acapy_agent.anoncreds.models.revocation import RevRegDef
from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.core.profile import Profile
from acapy_agent.tails.base import BaseTailsServer

from services.agent.adapters.link import Link
from services.agent.adapters.service_rpc import publish_tails
from services.agent.errors import AgentError, TailsRejected

_POINT_BYTES = 128


class ServiceTailsServer(BaseTailsServer):  # type: ignore[misc]  # ACA-Py ships no types
    """Gives tails files to our own service, which serves them."""

    async def upload_tails_file(
        self, context: InjectionContext, filename: str, tails_file_path: str, *_: object, **__: object
    ) -> tuple[bool, str]:
        """ACA-Py's answer: whether it worked, and the URL or what went wrong."""
        tails = await asyncio.to_thread(Path(tails_file_path).read_bytes)
        link = context.inject(Link)
        try:
            await publish_tails(link.nats, filename, tails)
        except AgentError as error:
            return False, str(error)
        return True, f"{link.settings.tails_base_url}/hash/{filename}"


def largest_size(max_cred_num: int) -> int:
    """Bytes of a tails file for so many credentials."""
    return 2 + (2 * max_cred_num + 1) * _POINT_BYTES


async def fetch_tails(profile: Profile, definition: RevRegDef, path: Path) -> None:
    """Put the registry's tails file at `path`. Raises TailsRejected or the guarded client's errors."""
    value = definition.value
    answer = await profile.inject(Link).web.get(
        value.tails_location, accept="application/octet-stream", max_bytes=largest_size(value.max_cred_num)
    )
    found = base58.b58encode(hashlib.sha256(answer.body).digest()).decode()
    if found != value.tails_hash:
        raise TailsRejected(f"Expected a tails file with hash {value.tails_hash}, found {found}")
    await asyncio.to_thread(_put, path, answer.body)


def _put(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own for each: many wallets may fetch the same file at once.
    part = path.with_name(f"{path.name}.{uuid4().hex}.part")
    try:
        part.write_bytes(body)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
