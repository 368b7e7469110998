"""docs/security.md tells the truth: its tests exist, and no refusal is missing."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs" / "security.md").read_text()
PACKAGES = ("shared", "issuer", "wallet", "verifier", "services")
BASE = "shared.contracts.errors.UjuziError"


def test_every_test_named_exists() -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", DOCUMENT))
    assert len(named) > 100
    missing = [f"{file}::{name}" for file, name in sorted(named) if not is_there(file, name)]
    assert not missing, f"docs/security.md names tests that do not exist: {missing}"


def test_every_refusal_has_a_row_with_a_test() -> None:
    documented = {
        f"{section}.{name}"
        for section, rows in re.findall(
            r"^### `([\w.]+)`\n(.*?)(?=^#|\Z)", DOCUMENT, re.MULTILINE | re.DOTALL
        )
        for name in re.findall(r"^\| `(\w+)` \|.*`tests/.*::test_\w+`.*\|$", rows, re.MULTILINE)
    }
    raised = set(refusals())
    assert raised - documented == set(), "add a row to docs/security.md for each"
    assert documented <= set(error_classes()), "these rows speak of classes that are gone"


def is_there(file: str, name: str) -> bool:
    path = ROOT / file
    return (
        path.exists() and re.search(rf"^\s*(async )?def {name}\(", path.read_text(), re.MULTILINE) is not None
    )


def refusals() -> Iterator[str]:
    """Public error classes that no other error class refines."""
    classes = error_classes()
    parents = {parent for bases in classes.values() for parent in bases}
    return (name for name in classes if name not in parents and not name.rpartition(".")[2].startswith("_"))


def error_classes() -> dict[str, list[str]]:
    """Classes that derive from UjuziError, with their bases, by full name; nothing is imported for it."""
    bases: dict[str, list[str]] = {}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            bases |= classes_of(path)

    def is_error(name: str) -> bool:
        return name == BASE or any(is_error(base) for base in bases.get(name, ()))

    return {name: found for name, found in bases.items() if is_error(name)}


def classes_of(path: Path) -> dict[str, list[str]]:
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    tree = ast.parse(path.read_text())
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    full = {node.name: f"{module}.{node.name}" for node in classes}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            full |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return {full[node.name]: [full.get(ast.unparse(base), "") for base in node.bases] for node in classes}
