"""What an installation signs when it has deleted a learner's wallet, and where the key for it stands.

A compact JWS (EdDSA, `typ` ERASURE_JWS_TYPE, `kid` the public key as Multikey text) over the payload of
`wallet.domain.erasure`. The key is published by the service in `iss`, at KEYS_PATH, as a JWK set (RFC 7517, RFC 8037).
"""

from typing import Final

ERASURE_JWS_TYPE: Final = "ujuzi-erasure+jwt"
ERASURE_FORMAT: Final = "ujuzi-erasure/1"
KEYS_PATH: Final = "/.well-known/jwks.json"
