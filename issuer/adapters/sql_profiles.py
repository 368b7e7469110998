"""How organisations show themselves, in SQL: the part of a transaction that ProfileTransaction adds."""

from collections.abc import Mapping
from dataclasses import asdict

from sqlmodel import and_, col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.adapters.sql_tables import LogoRow, OrganisationRow, WordingRow
from issuer.domain.message import Kind
from issuer.domain.organisation import Organisation
from issuer.domain.profile import Logo
from issuer.domain.wording import Wording
from shared.ports.audit import done_to


class SqlProfiles:
    """Over the session of a transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def save_profile(self, organisation: Organisation) -> None:
        """Store what it shows and asks, and leave its standing as it is by now."""
        await self._session.exec(
            update(OrganisationRow)
            .where(col(OrganisationRow.slug) == organisation.slug)
            .values(second_person=organisation.second_person, profile=asdict(organisation.profile))
        )
        done_to(f"organisation:{organisation.slug}")

    async def logo(self, digest: str) -> Logo | None:
        """Return the picture."""
        query = select(LogoRow).where(col(LogoRow.digest) == digest).limit(1)
        row = (await self._session.exec(query)).first()
        return None if row is None else Logo(row.digest, row.media_type, row.content)

    async def save_logo(self, organisation: str, logo: Logo | None) -> None:
        """Store it in place of the one there was."""
        await self._session.exec(delete(LogoRow).where(col(LogoRow.organisation) == organisation))
        if logo is not None:
            self._session.add(LogoRow(organisation=organisation, **asdict(logo)))
        await self._session.flush()

    async def wording(self, organisation: str, kind: Kind, language: str) -> Wording | None:
        """Return the organisation's own words."""
        row = await self._session.get(WordingRow, (organisation, kind.value, language))
        return None if row is None else Wording(row.subject, row.text, row.short)

    async def wordings(self, organisation: str) -> Mapping[tuple[Kind, str], Wording]:
        """Return all of them."""
        query = select(WordingRow).where(col(WordingRow.organisation) == organisation)
        return {
            (Kind(row.kind), row.language): Wording(row.subject, row.text, row.short)
            for row in await self._session.exec(query)
        }

    async def save_wording(
        self, organisation: str, kind: Kind, language: str, wording: Wording | None
    ) -> None:
        """Store it, or forget it."""
        mine = and_(
            col(WordingRow.organisation) == organisation,
            col(WordingRow.kind) == kind.value,
            col(WordingRow.language) == language,
        )
        await self._session.exec(delete(WordingRow).where(mine))
        if wording is not None:
            self._session.add(
                WordingRow(organisation=organisation, kind=kind.value, language=language, **asdict(wording))
            )
        await self._session.flush()
        done_to(f"organisation:{organisation}")
