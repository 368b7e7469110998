"""How each pinned list stood when webhooks were last told, in SQL: every change is told once, by whichever process sees it first."""

from collections.abc import Collection, Sequence
from typing import Final

from sqlmodel import Field, col, delete, select

from shared.adapters.sql import Database, insert_once
from shared.adapters.sql_webhooks import SqlWebhooks
from shared.ports.audit import no_deed
from shared.vc.dateint import rfc3339
from shared.vc.trust_decision import Refused, Snapshot
from verifier.adapters.sql_requests import VerifierTable
from verifier.domain.standing import ListNews, Standing, news

LIST_EVENTS: Final = {
    "list.stale": "A pinned trust list is past its NextUpdate: answers that need it are undecided.",
    "list.refused": "What is served as a pinned trust list is refused (`data.reason`); the list before stays in use until its NextUpdate.",
    "list.fresh": "A pinned trust list that was stale or refused is in order again.",
}
"""Types of events."""


class ListStandingRow(VerifierTable, table=True):
    """One pinned list; `number` of the issue it was seen with."""

    __tablename__ = "list_standing"

    url: str = Field(primary_key=True)
    number: int
    stale: bool
    refused: bool


class SqlListStandings:
    """Implements TellOfLists."""

    def __init__(self, db: Database, webhooks: SqlWebhooks, base_url: str) -> None:
        """Links begin with `base_url`."""
        self._db = db
        self._webhooks = webhooks
        self._base_url = base_url

    async def tell(self, snapshot: Snapshot, standing: Standing) -> Sequence[ListNews]:
        """Tell what is new of it, in the transaction that notes it. Nothing is new of an older issue than was seen before."""
        number = 0 if snapshot.trust_list is None else snapshot.trust_list.sequence
        with no_deed():
            async with self._db.session() as session:
                first = {"url": snapshot.url, "number": number, "stale": False, "refused": False}
                await insert_once(session, ListStandingRow, first)
                row = (
                    await session.exec(
                        select(ListStandingRow)
                        .where(col(ListStandingRow.url) == snapshot.url)
                        .with_for_update()
                    )
                ).one()
                if number < row.number:
                    return ()
                told = news(Standing(stale=row.stale, refused=row.refused), standing)
                row.number, row.stale, row.refused = number, standing.stale, standing.refused
                for each in told:
                    await self._webhooks.announce(session, each, self._data(snapshot, each))
        return told

    async def keep_only(self, urls: Collection[str]) -> None:
        """Forget lists that are not pinned any more."""
        with no_deed():
            async with self._db.session() as session:
                await session.exec(delete(ListStandingRow).where(col(ListStandingRow.url).not_in(list(urls))))

    def _data(self, snapshot: Snapshot, event_type: ListNews) -> dict[str, object]:
        found = snapshot.trust_list
        data: dict[str, object] = {"list": snapshot.name, "url": snapshot.url}
        if found is not None:
            data |= {"number": found.sequence, "next_update": rfc3339(found.next_update)}
        if event_type == "list.refused" and isinstance(snapshot.problem, Refused):
            data["reason"] = snapshot.problem.reason
        data["links"] = {"trust_lists": f"{self._base_url}/v1/trust-lists"}
        return data
