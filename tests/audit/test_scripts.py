"""Scripts of others that pages load: every one is recorded, with its licence, and is what was recorded."""

import hashlib
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RECORDED = tomllib.loads((ROOT / "requirements" / "scripts.toml").read_text())["script"]
OF_OTHERS = "Copyright (c)"


@pytest.mark.parametrize("script", RECORDED, ids=lambda script: script["package"])
def test_a_script_is_the_one_recorded_and_comes_with_its_licence(script: dict[str, str]) -> None:
    content = (ROOT / script["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == script["sha256"]
    head = content.decode().partition("*/")[0]
    licence = ROOT / script["licence"]
    assert f"{script['package']} {script['version']}" in head
    assert licence.name in head
    assert "MIT License" in licence.read_text()


def test_no_script_of_others_is_kept_unrecorded() -> None:
    kept = {
        str(file.relative_to(ROOT))
        for folder in ("issuer", "wallet", "verifier", "services", "shared")
        for file in (ROOT / folder).rglob("*.js")
        if OF_OTHERS in file.read_text("utf-8")
    }
    assert kept == {script["file"] for script in RECORDED}
