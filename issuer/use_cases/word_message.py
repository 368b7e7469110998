"""An administrator puts a kind of message into her organisation's own words, or goes back to ours."""

from dataclasses import dataclass

from issuer.domain.message import Kind
from issuer.domain.wording import Wording, faults_in
from issuer.errors import WordingRefused
from issuer.ports import ProfileRecords


@dataclass(frozen=True)
class WordMessage:
    """What is queued already goes out in the words that hold when it is sent."""

    records: ProfileRecords

    async def __call__(self, organisation: str, kind: Kind, language: str, wording: Wording) -> None:
        """Keep the words; those that are all empty are ours again. Raises WordingRefused."""
        check(kind, wording)
        async with self.records.transaction() as tx:
            own = wording if wording != Wording() else None
            await tx.save_wording(organisation, kind, language, own)


def check(kind: Kind, wording: Wording) -> None:
    """Raises WordingRefused."""
    if faults := faults_in(kind, wording):
        raise WordingRefused(faults)
