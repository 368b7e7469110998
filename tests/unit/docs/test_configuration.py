"""docs/configuration.md says what the programs' settings say."""

from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from services.launcher.adapters.settings_table import settings_table
from services.launcher.main import all_settings

ROOT = Path(__file__).parents[3]


class Nameless(BaseSettings):
    """Settings somebody forgot to explain."""

    colour: str = "red"


def test_the_page_is_up_to_date() -> None:
    assert (ROOT / "docs/configuration.md").read_text() == all_settings(), "run `make configuration`"


def test_a_row_says_type_default_meaning_and_what_production_refuses() -> None:
    rows = {row.split(" | ")[0].removeprefix("| "): row for row in all_settings().splitlines()}
    assert "| `production`" not in rows["`AGENT_PARTY`"]
    assert rows["`ISSUER_MAIL_TLS`"].startswith(
        "| `ISSUER_MAIL_TLS` | `starttls` or `tls` or `none` | `starttls` |"
    )
    assert rows["`ISSUER_MAIL_TLS`"].endswith("| none (expected starttls or tls) |")
    assert "| secret | **must be set** |" in rows["`AGENT_ADMIN_KEY`"]
    assert "shorter than 32 characters" in rows["`AGENT_ADMIN_KEY`"]
    assert "over http (expected https)" in rows["`AGENT_TAILS_BASE_URL`"]


def test_a_setting_without_a_meaning_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a description of COLOUR, found none"):
        settings_table({"Nameless": Nameless})
