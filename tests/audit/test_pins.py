"""What is known of every package Ujuzi is pinned to. Asks the package index and, where it answers, the advisory service.

A mirror serves packages, but no advisories: there this audit says that it has not asked. `make audit` then fails, and so does
not pass for one; CI, which has to run there too, goes on with what is checked besides.
"""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PINS = ("run", "dev", "build", "uv", "deploy")
KNOWN_TO_BE_WITHDRAWN = "attrs==21.1.0"
"""An index that does not say so of this one says so of none."""

ALLOWED = frozenset(
    {
        "0BSD", "Apache", "Apache 2.0", "Apache License 2.0", "Apache License, Version 2.0", "Apache Software License", "Apache-2.0",
        "BSD", "BSD 2-Clause License", "BSD 3-Clause license", "BSD License", "BSD-2-Clause", "BSD-2-Clause License",
        "3-Clause BSD License", "BSD-3-Clause", "CC0-1.0", "ISC", "ISC License", "ISC License (ISCL)", "MIT", "MIT Licence", "MIT License",
        "MIT-0", "MIT-CMU", "PSF-2.0", "PSFL", "Python Software Foundation License", "Unlicense",
        # Theirs stays theirs, ours ours, as long as they are used unchanged:
        "LGPL-3.0-only", "LGPL-3.0-or-later", "MPL-2.0", "Mozilla Public License 2.0 (MPL 2.0)",
    }
)  # fmt: skip
NO_LICENCES = {"DFSG approved", "OSI Approved", "Other/Proprietary License"}
"""Classifiers that name none."""
READ_BY_HAND = {
    "axe-playwright-python": "MIT",
    "bases": "MIT",
    "multiformats": "MIT",
    "multiformats-config": "MIT",
    "pip-api": "Apache-2.0",
    "python-dateutil": "Apache-2.0",
    "sd-jwt": "Apache-2.0",
    "typing-validation": "MIT",
}
"""What the licence file says where a package's description does not."""


def test_every_pin_is_one_version_with_the_digests_of_its_files() -> None:
    for name in PINS:
        lines = pins_in(name)
        assert lines
        wrong = [
            line.split()[0]
            for line in lines
            if not re.match(r"[\w.\-]+==[\w.]+( ; [^\\]+?)? (--hash=sha256:[0-9a-f]{64} ?)+$", line)
        ]
        assert not wrong, f"requirements/{name}.txt: run `make lock`"


def test_every_dependency_asked_for_is_pinned_to_a_version_that_fits() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    pinned = dict(line.split()[0].split("==") for line in pins_in("dev"))
    pinned = {canonicalize_name(name): version for name, version in pinned.items()}
    asked = map(Requirement, project["project"]["dependencies"] + project["dependency-groups"]["dev"])
    wrong = [str(one) for one in asked if pinned.get(canonicalize_name(one.name), "0") not in one.specifier]
    assert not wrong, "run `make lock`"


def test_no_pin_has_been_withdrawn(offered: Mapping[str, Mapping[str, Any]]) -> None:
    (control,) = ask_index("--no-deps", KNOWN_TO_BE_WITHDRAWN)
    assert control["is_yanked"], "this index does not say what was withdrawn: ask another one"
    assert not [name for name, package in offered.items() if package["is_yanked"]]


def test_no_package_is_built_here_from_its_source(offered: Mapping[str, Mapping[str, Any]]) -> None:
    files = {name: package["download_info"]["url"] for name, package in offered.items()}
    assert not {name: file for name, file in files.items() if not file.endswith(".whl")}


def test_every_package_may_be_used(offered: Mapping[str, Mapping[str, Any]]) -> None:
    found = {name: licences(name, package["metadata"]) for name, package in offered.items()}
    assert not {name: stated for name, stated in found.items() if not stated or stated - ALLOWED}


def test_no_known_hole_is_pinned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "advisories.json"
    asking = subprocess.run(
        [
            f"{sys.prefix}/bin/pip-audit", "--requirement", "requirements/dev.txt", "--requirement",
            "requirements/deploy.txt", "--require-hashes", "--disable-pip", "--format", "json", "--output", str(file),
        ],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    answered = json.loads(file.read_text())["dependencies"] if file.exists() else []
    asked = [package for package in answered if "skip_reason" not in package]
    holes = {
        package["name"]: [hole["id"] for hole in package["vulns"]] for package in asked if package["vulns"]
    }
    assert not holes, asking.stderr
    silent = (len(answered) or len(pins_in("dev")) + len(pins_in("deploy"))) - len(asked)
    with capsys.disabled():
        print(f"\nAdvisories: {len(asked)} packages have no known hole, {silent} COULD NOT BE ASKED ABOUT")  # noqa: T201  what it is for
    assert not asked or not silent, "the advisory service answered for some packages only: ask again"
    assert asked or not os.environ.get("ADVISORIES"), "no advisory service is reached from here"


@pytest.fixture(scope="module")
def offered() -> dict[str, dict[str, Any]]:
    """What the index offers for every pin that applies to this machine."""
    files = [option for name in PINS for option in ("--requirement", f"requirements/{name}.txt")]
    packages = ask_index("--no-deps", "--require-hashes", *files)
    return {canonicalize_name(package["metadata"]["name"]): package for package in packages}


def ask_index(*wanted: str) -> list[dict[str, Any]]:
    """pip's own account of what it would install, which it does not."""
    said = subprocess.run(
        [
            sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--ignore-installed", "--report", "-",
            *wanted,
        ],
        cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True,
    ).stdout  # fmt: skip
    packages: list[dict[str, Any]] = json.loads(said)["install"]
    return packages


def pins_in(name: str) -> list[str]:
    """Each pin as one line without comments."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "requirements" / f"{name}.txt").read_text(), flags=re.MULTILINE)
    return [" ".join(line.split()) for line in text.replace("\\\n", " ").splitlines() if line.strip()]


def licences(name: str, metadata: Mapping[str, Any]) -> set[str]:
    """The licences a package states: its expression, else its classifiers, else a line of its own."""
    if name in READ_BY_HAND:
        return {READ_BY_HAND[name]}
    if expression := metadata.get("license_expression"):
        return set(re.split(r"\s+(?:AND|OR)\s+|[()]+", expression)) - {""}
    filed = [one.split(" :: ") for one in metadata.get("classifier", []) if one.startswith("License :: ")]
    if stated := {one[-1] for one in filed} - NO_LICENCES:
        return stated
    return {metadata.get("license", "").strip()} - {"", "UNKNOWN"}
