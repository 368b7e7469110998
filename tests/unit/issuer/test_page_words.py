"""Every text that a page of the issuer's console asks for by name is there: a missing one is an error in front of somebody."""

import re
from pathlib import Path

from issuer.entry.console_words import WORDS
from shared.web.console_words import WORDS as SHARED

PAGES = Path(__file__).parents[3] / "issuer" / "entry" / "templates" / "console"
ASKED = re.compile(r"words\.(\w+)|words\[\"(\w+)\"\]")


def test_no_page_asks_for_a_text_that_is_not_there() -> None:
    known = {"get", *WORDS["en"], *SHARED["en"]}
    asked = {
        (page.name, one or other)
        for page in PAGES.glob("*.html")
        for one, other in ASKED.findall(page.read_text("utf-8"))
    }
    assert len(asked) > 100
    assert {each for each in asked if each[1] not in known} == set()
