"""Links between pages lead somewhere, and a long page says first what is on it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
LONG = 150
"""Lines: three screens."""
MANY = 5
"""Chapters that are found without a list of them."""
HEADING = re.compile(r"^##+ (.+)$|^# (.+)$", re.MULTILINE)
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    assert [link for link in LINK.findall(read(page)) if not leads(page, link)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_long_page_begins_with_its_chapters(page: Path) -> None:
    written = read(page)
    chapters = re.findall(r"^## (.+)$", written, re.MULTILINE)
    if page.parent == ROOT or len(written.splitlines()) <= LONG or len(chapters) <= MANY:
        return
    (listed,) = re.findall(r"^On this page: (.+)$", written, re.MULTILINE)
    assert re.findall(r"\[([^]]+)\]\(#", listed) == chapters


def leads(page: Path, link: str) -> bool:
    """Whether there is such a file, and such a heading in it; what is not ours is not asked."""
    if re.match(r"[a-z]+:", link):
        return True
    file, _, anchor = link.partition("#")
    target = page.parent / file if file else page
    return target.exists() and (not anchor or anchor in set(anchors(target)))


def anchors(page: Path) -> Iterator[str]:
    """What headings are called in links."""
    for found in HEADING.finditer(read(page)):
        heading = (found[1] or found[2]).lower()
        yield re.sub(r"[^\w\- ]", "", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)).replace(" ", "-")


def read(page: Path) -> str:
    """Without what is code."""
    return CODE.sub("", page.read_text())
