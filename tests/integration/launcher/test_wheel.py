"""The wheel is whole: what is installed of it needs no checkout beside it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[3]
SHIPPED = ("services", "wallet", "issuer", "verifier", "shared", "deploy")


def test_everything_the_command_reads_is_in_the_wheel(tmp_path: Path) -> None:
    subprocess.run(
        [
            f"{sys.prefix}/.uv/bin/uv", "build", "--quiet", "--wheel", "--out-dir", str(tmp_path),
            "--build-constraints", "requirements/build.txt", "--require-hashes", ".",
        ],
        cwd=ROOT, check=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("ujuzi-*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        shipped = set(archive.namelist())
        archive.extractall(installed)

    committed = subprocess.run(
        ["git", "ls-files", *SHIPPED], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    assert committed
    assert not [file for file in committed if file not in shipped and (ROOT / file).exists()]

    asked = "nats_config(), foreign_wallet_plugins(), demonstration_data('programmes.json')[:0]"
    found = subprocess.run(
        [sys.executable, "-c", f"from services.launcher.adapters.bundled_files import *; print({asked})"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(installed)}, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert f"{installed}/deploy/nats/nats.conf" in found
    assert f"{installed}/deploy/demo" in found
