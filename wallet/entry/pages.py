"""The learner's pages: what this is, what to do with a link, and a wallet of her own on a device that forgets it again.

`/together` makes a wallet at an office that helps, `/open` opens one with its words. Keys and words stay in the browser's
memory, which calls `/v1` as any learner's device does; nothing is stored on the device, and there is no cookie.
"""

from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from shared.contracts.attribute_words import ATTRIBUTE_WORDS
from shared.contracts.question_words import WORDS as MATTERS
from shared.vc.wallet_lock import wordlist
from shared.web.languages import language_for
from shared.web.pages import Pages, compressed
from shared.web.static_files import StaticFiles
from wallet.entry.own_words import SAYS, WORDS

SHOWN: Final = (
    "given_name",
    "family_name",
    "awarded_dateint",
    "expiry_dateint",
    "grade",
    "grade_pct",
    "eqf_level",
    "workload_hours",
    "credits_x10",
)
"""What of an award says something to its learner."""


MOST_ALIKE: Final = 9
"""One digit says how many letters two words have in common."""


def folded(words: Sequence[str]) -> str:
    """The words in a quarter less on the wire: each as how many letters it begins with like the one before (0 to 9), and the rest."""
    parts, before = [], ""
    for word in words:
        same = next((at for at in range(MOST_ALIKE) if word[: at + 1] != before[: at + 1]), MOST_ALIKE)
        parts.append(f"{same}{word[same:]}")
        before = word
    return "".join(parts)


def pages_router(pages: Pages, files: StaticFiles) -> APIRouter:
    """Pages need no key: they show nothing of anybody. `files` are their scripts."""
    router = APIRouter(tags=["pages"], include_in_schema=False)
    pages = pages.speaking(WORDS)

    @router.get("/together", response_class=HTMLResponse)
    async def together(request: Request) -> HTMLResponse:
        """Make a wallet and take an award at an office; the invitation stands behind `#`, which no server sees."""
        return own(request, "together")

    @router.get("/open", response_class=HTMLResponse)
    async def open_own(request: Request) -> HTMLResponse:
        """Open a wallet for one visit, and write to who gave a credential."""
        return own(request, "open")

    @router.get("/together/finished", response_class=HTMLResponse)
    async def finished(request: Request) -> HTMLResponse:
        """The device has forgotten the wallet."""
        return pages.show(request, "finished.html", lang=language_for(request))

    @router.get("/together/words")
    async def words(request: Request) -> Response:
        """The list her device draws words from, folded."""
        headers = {"Cache-Control": "public, max-age=31536000"}
        return compressed(request, PlainTextResponse(folded(wordlist()), headers=headers))

    def own(request: Request, mode: str) -> HTMLResponse:
        language = language_for(request)
        return pages.show(
            request,
            "own.html",
            lang=language,
            modules=(files.path("own.js"),),
            mode=mode,
            says=SAYS,
            labels={name: ATTRIBUTE_WORDS[language][name] for name in SHOWN},
            matters={matter.value: text for matter, text in MATTERS[language].items()},
        )

    return router
