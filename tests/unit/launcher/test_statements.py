"""`ujuzi statement verify`."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.launcher.entry.statements import statement_commands
from shared.contracts.erasure import ERASURE_JWS_TYPE
from shared.contracts.errors import UjuziError
from shared.vc import jws
from shared.vc.keys import SigningKey
from wallet.entry.leaving_api import jwk_set

PLACE = "https://wallet.example"
KEY, OTHER = SigningKey.from_seed(b"1" * 32), SigningKey.from_seed(b"2" * 32)
PUBLISHED = jwk_set([KEY.public])


class HostAway(UjuziError):
    """The stand-in for an address that does not answer."""


def a_statement(key: SigningKey = KEY) -> str:
    payload = {"iss": PLACE, "format": "ujuzi-erasure/1", "words": ["A wallet was deleted\x1b[2J"]}
    return jws.sign(payload, key=key, kid=KEY.multikey, typ=ERASURE_JWS_TYPE)


def verified(file: Path, *more: str, away: bool = False) -> Result:
    async def fetch(url: str) -> str:
        assert url == f"{PLACE}/.well-known/jwks.json"
        if away:
            raise HostAway("no answer")
        return json.dumps(PUBLISHED)

    return CliRunner().invoke(statement_commands(fetch), ["verify", str(file), *more])


def test_the_page_she_was_given_is_genuine_and_says_what_it_says(tmp_path: Path) -> None:
    file = tmp_path / "statement.html"
    file.write_text(f"<h1>A wallet was deleted</h1><pre>{a_statement()}</pre>")

    result = verified(file)

    assert result.exit_code == 0
    assert f"{PLACE} signed it" in result.output
    assert "A wallet was deleted[2J" in result.output
    assert "\x1b" not in result.output


def test_without_a_network_the_keys_come_from_a_file(tmp_path: Path) -> None:
    file, keys = tmp_path / "statement.txt", tmp_path / "jwks.json"
    file.write_text(a_statement())
    keys.write_text(json.dumps(PUBLISHED))

    assert verified(file, away=True).exit_code == 2
    assert verified(file, "--keys", str(keys), away=True).exit_code == 0
    keys.write_text("[]")
    assert verified(file, "--keys", str(keys)).exit_code == 2


@pytest.mark.parametrize(
    ("text", "code", "why"),
    [
        (a_statement(OTHER), 1, "not by the expected key"),
        ("<p>A wallet was deleted</p>", 1, "No statement of deletion"),
        ("\ud800", 2, "cannot be read"),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, text: str, code: int, why: str) -> None:
    file = tmp_path / "statement.html"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))

    result = verified(file)

    assert result.exit_code == code
    assert why in result.output
