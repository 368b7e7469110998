"""Files a learner takes away: whole pages in themselves, which fetch nothing from anywhere and print well.

Everything in them is escaped. The copy to read also holds the same as data, in a part that is not shown.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pydantic import JsonValue

from shared.contracts.question_words import WORDS as MATTERS
from shared.vc.trust_decision import Snapshot
from shared.web.languages import day_in_words, direction_of, moment_in_words
from shared.web.pages import SHARED_TEMPLATES
from wallet.domain.erasure import Erasure
from wallet.entry import shapes
from wallet.entry.award_said import (
    about_her,
    giver_said,
    name_said,
    programme_said,
    skills_said,
    title_said,
    worth_said,
)
from wallet.entry.catalogue import WORDS
from wallet.entry.past_view import past_page
from wallet.entry.statement import statement_said
from wallet.entry.value_words import attribute_said
from wallet.use_cases.read_credentials import Shown
from wallet.use_cases.read_everything import Everything

COPY_FORMAT: Final = "ujuzi-copy/1"
_STYLE: Final = (
    "@media print{:root{color-scheme:light;--ink:#000;--dim:#333;--paper:#fff;--soft:#fff;--line:#777;--strong:#000;--edge:#999}"
    "body{font-size:10.5pt}main{max-width:none;padding:0}.award{break-before:page}h2,h3{break-after:avoid}.card{break-inside:avoid}}"
    ".badge{display:inline-block;padding:.1rem .6rem;border:1px solid;border-radius:1rem;font-size:.9375rem}.card{margin:.75rem 0}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.8rem}code{overflow-wrap:anywhere}"
)


class Documents:
    """Writes them from the service's templates."""

    def __init__(self, templates: Path, *, place: str) -> None:
        """`place` is this installation's address."""
        self._jinja = Environment(
            loader=FileSystemLoader(templates),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._style = (SHARED_TEMPLATES / "style.css").read_text("utf-8") + _STYLE
        self._place = place

    def copy(
        self,
        everything: Everything,
        snapshots: Sequence[Snapshot],
        *,
        wallet_id: str,
        language: str,
        now: datetime,
    ) -> str:
        """Everything a wallet holds, in words and as data."""
        held = [shown.holding.credential.id for shown in everything.credentials]
        pasts = [
            past_page(
                entry,
                snapshots,
                language,
                now=now,
                held=held,
                editions=everything.editions,
                deletion=everything.deletions.get(entry.id),
            )
            for entry in everything.history
        ]
        return self._written(
            "leaving_readable.html",
            language,
            awards=[
                self._award(shown, everything, snapshots, language, now) for shown in everything.credentials
            ],
            pasts=pasts,
            made_at=now,
            wallet_id=wallet_id,
            data=self._data(everything, wallet_id=wallet_id, language=language, now=now),
            matters=MATTERS[language],
        )

    def statement(self, erasure: Erasure, statement: str, language: str) -> str:
        """The statement of a deletion, as a page that holds the signed text."""
        said = statement_said(erasure, place=self._place, language=language)
        return self._written(
            "leaving_statement.html", language, said=said, erasure=erasure, statement=statement
        )

    def _award(
        self,
        shown: Shown,
        everything: Everything,
        snapshots: Sequence[Snapshot],
        language: str,
        now: datetime,
    ) -> dict[str, object]:
        holding, words = shown.holding, WORDS[language]
        held = holding.credential
        return {
            "title": title_said(held.attributes, holding.edition, language),
            "person": name_said(held.attributes, language),
            "worth": worth_said(holding.status, words, language, now=now),
            "published_at": holding.status.published_at,
            "giver": giver_said(shown.issuer, holding.edition, snapshots, words, language, now=now),
            "about": about_her(shown.claims, holding.edition, language),
            "skills": skills_said(holding.edition, language),
            "programme": programme_said(holding.edition, language),
            "raw": [(attribute_said(claim.name, language), claim.name, claim.raw) for claim in shown.claims],
            "held": held,
            "issuer_did": shown.issuer.did,
            "thread": everything.threads[held.id],
        }

    def _data(
        self, everything: Everything, *, wallet_id: str, language: str, now: datetime
    ) -> dict[str, JsonValue]:
        return {
            "format": COPY_FORMAT,
            "made_at": now.isoformat(),
            "place": self._place,
            "wallet_id": wallet_id,
            "language": language,
            "credentials": [
                shapes.CredentialOut.of(shown).model_dump(mode="json") for shown in everything.credentials
            ],
            "threads": {
                each: shapes.ThreadOut.of(thread).model_dump(mode="json")
                for each, thread in everything.threads.items()
            },
            "history": [shapes.EntryOut.of(entry).model_dump(mode="json") for entry in everything.history],
        }

    def _written(self, template: str, language: str, **facts: object) -> str:
        return self._jinja.get_template(template).render(
            **facts,
            words=WORDS[language],
            lang=language,
            direction=direction_of(language),
            style=Markup(self._style),  # noqa: S704 - our own file
            place=self._place,
            day=lambda at: day_in_words(at, language),
            moment=lambda at: moment_in_words(at, language),
        )
