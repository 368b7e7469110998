"""An applicant and what she brings, for tests."""

import zlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.vc import jws
from shared.vc.did_control import CONTROL_JWS_TYPE
from shared.vc.webvh import verification_method
from tests.support.dids import Party

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
REGISTRY = "did:webvh:QmRegistry:registry.ujuzi.test:authority:demo"
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PIXEL = zlib.compress(b"\x00\x00")
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00\x3a\x7e\x9b\x55"
    + len(PIXEL).to_bytes(4)
    + b"IDAT"
    + PIXEL
    + zlib.crc32(b"IDAT" + PIXEL).to_bytes(4)
    + b"\x00\x00\x00\x00IEND\xaeB`\x82"
)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"


def signed(challenge: Mapping[str, Any], by: Party, **changes: Any) -> str:  # noqa: ANN401 - JSON
    """What an issuer of any make answers to a challenge as it is shown."""
    claims = {
        "iss": challenge["did"],
        "aud": challenge["audience"],
        "nonce": challenge["nonce"],
        "iat": int((datetime.now(UTC) - timedelta(seconds=1)).timestamp()),
        "exp": int(datetime.fromisoformat(challenge["expires"]).timestamp()),
    }
    return jws.sign(
        claims | changes, key=by.key, kid=verification_method(by.did, by.key), typ=CONTROL_JWS_TYPE
    )
