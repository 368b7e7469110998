"""Taking everything along and deleting: the routes of a learner who leaves, and the keys her statement is checked with."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import JsonValue

from shared.contracts.erasure import KEYS_PATH
from shared.vc.keys import multikey_of
from shared.web.pages import compressed
from wallet.entry import shapes
from wallet.entry.api import InDoors, InWallet
from wallet.entry.documents import Documents
from wallet.entry.statement import signed_form, statement_said
from wallet.use_cases.delete_wallet import Registrar, delete_wallet
from wallet.use_cases.desk import Desk, OpenWallet
from wallet.use_cases.read_everything import read_everything

Tongue = Annotated[shapes.Tongue, Query(alias="lang", description="The language of the sentences.")]


@dataclass(frozen=True)
class Leaving:
    """What leaving takes. `place` is this installation's address, in whose name it signs."""

    registrar: Registrar
    documents: Documents
    place: str


def leaving_api(leaving: Leaving) -> APIRouter:
    """Routes under /v1/wallet, and the published keys."""
    router = APIRouter(tags=["wallet"])

    @router.delete("/v1/wallet")
    async def delete(wallet: InWallet, doors: InDoors, lang: Tongue = "en") -> shapes.ErasureOut:
        """Delete the wallet and everything in it, for ever; the answer says what went and what remains elsewhere, signed."""
        erasure, statement = await delete_wallet(
            wallet,
            locks=doors.locks,
            desk=doors.desk,
            registrar=leaving.registrar,
            word=partial(signed_form, place=leaving.place, language=lang),
        )
        said = statement_said(erasure, place=leaving.place, language=lang)
        return shapes.ErasureOut(
            wallet_id=erasure.wallet_id,
            finished=erasure.finished,
            statement=statement,
            words=list(said.all),
        )

    @router.get("/v1/wallet/readable-copy", response_class=HTMLResponse)
    async def copy(request: Request, wallet: InWallet, doors: InDoors, lang: Tongue = "en") -> Response:
        """Give out everything the open wallet holds as one page to read, to print and to keep; the same as data is in it."""
        text, name = await readable_copy(wallet, lang, desk=doors.desk, documents=leaving.documents)
        return file_answer(request, text, name, "text/html")

    @router.get(KEYS_PATH, tags=["public"])
    async def keys() -> dict[str, JsonValue]:
        """The public keys that statements of this installation are signed with, every one there ever was, as a JWK set."""
        return jwk_set(await leaving.registrar.keys.public())

    return router


async def readable_copy(
    wallet: OpenWallet, language: str, *, desk: Desk, documents: Documents
) -> tuple[str, str]:
    """The copy to read, and a name for its file."""
    now, everything = desk.clock(), await read_everything(wallet, desk=desk)
    text = documents.copy(everything, desk.trust.snapshots(), wallet_id=wallet.id, language=language, now=now)
    return text, f"ujuzi-copy-{now:%Y-%m-%d}.html"


def file_answer(request: Request, text: str, name: str, kind: str) -> Response:
    """A file to keep; a browser that shows it all the same runs and fetches nothing."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "Cache-Control": "no-store",
    }
    return compressed(request, Response(text, media_type=f"{kind}; charset=utf-8", headers=headers))


def jwk_set(keys: Sequence[bytes]) -> dict[str, JsonValue]:
    """Ed25519 public keys as RFC 7517 §5 has them."""
    return {"keys": [_jwk(key) for key in keys]}


def _jwk(key: bytes) -> dict[str, JsonValue]:
    """RFC 8037 §2."""
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": base64.urlsafe_b64encode(key).rstrip(b"=").decode("ascii"),
        "kid": multikey_of(key),
        "alg": "EdDSA",
        "use": "sig",
    }
