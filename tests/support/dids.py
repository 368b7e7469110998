"""Ready-made DIDs and signed objects for tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from shared.vc.attested_resource import attest
from shared.vc.keys import SigningKey
from shared.vc.webvh import DidHistory, DidLog, create_log, verification_method, verify_log

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Party:
    """A DID with its current key and the one committed to."""

    log: DidLog
    key: SigningKey
    next_key: SigningKey = field(default_factory=SigningKey.generate)

    @property
    def did(self) -> str:
        return self.log.did

    def history(self) -> DidHistory:
        return verify_log(self.did, self.log.jsonl, max_entries=10, now=datetime.now(UTC))

    def attest(
        self,
        content: Mapping[str, Any],
        kind: str = "anonCredsSchema",
        *,
        links: Sequence[Mapping[str, Any]] | None = None,
        created: datetime = NOW,
    ) -> dict[str, Any]:
        return attest(
            did=self.did,
            content={"issuerId": self.did} | dict(content),
            resource_type=kind,
            name="test",
            key=self.key,
            verification_method=verification_method(self.did, self.key),
            created=created,
            links=links,
        )


def party(host: str = "issuer.ujuzi.test", path: tuple[str, ...] = ("orgs", "school")) -> Party:
    """Return a new DID with pre-rotation."""
    key, next_key = SigningKey.generate(), SigningKey.generate()
    return Party(create_log(host=host, path=path, key=key, now=NOW, next_key=next_key), key, next_key)
