"""The issuer's memory in SQL."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, update
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.adapters.award_webhooks import IssuerWebhooks
from issuer.adapters.sql_batches import SqlBatches
from issuer.adapters.sql_history import SqlHistory
from issuer.adapters.sql_orders import SqlOrders
from issuer.adapters.sql_profiles import SqlProfiles
from issuer.adapters.sql_questions import SqlQuestions
from issuer.adapters.sql_status import SqlStatus
from issuer.adapters.sql_tables import (
    AwardRow,
    BatchRow,
    ClaimLinkRow,
    DefinitionRow,
    MessageRow,
    OrganisationRow,
    RevocationRow,
)
from issuer.adapters.sql_templates import SqlTemplates
from issuer.domain.award import (
    Accepted,
    Award,
    Broken,
    Declined,
    Exchange,
    Invited,
    Issued,
    Offered,
    Prepared,
    Revoked,
    SentCredential,
    State,
    Superseded,
    Suspension,
)
from issuer.domain.batch import Batch
from issuer.domain.finding import name_keys
from issuer.domain.graduate import Graduate
from issuer.domain.history import What
from issuer.domain.message import Message
from issuer.domain.organisation import Definition, Organisation
from issuer.domain.profile import Profile
from issuer.domain.question import Question
from issuer.domain.reissue import CheckMethod, IdentityCheck, Loss, Reissue
from issuer.domain.revocation import Revocation
from issuer.domain.revocation_order import RevocationOrder
from issuer.errors import AwardChanged
from shared.adapters.bells import Bells
from shared.adapters.sql import Database, insert_once
from shared.adapters.sql_outbox import Outbox
from shared.ports.audit import done_for, done_to

LOOK_SECONDS: Final = 5.0
"""How often to look for what another process left to be worked off."""
TO_PREPARE: Final = "batches"
TO_REVOKE: Final = "orders"
TO_ANSWER: Final = "questions"
_IN_EXCHANGE: Final = ("invited", "offered", "accepted")


class SqlRecords:
    """Records over one database; what is told goes through its outbox."""

    def __init__(self, db: Database, outbox: Outbox, webhooks: IssuerWebhooks | None = None) -> None:
        """`webhooks` are told of what others do; None where nothing is done that they are told of.

        `bells` ring for what this process's loops are to work off: TO_PREPARE, TO_REVOKE, TO_ANSWER.
        """
        self.bells = Bells(look_seconds=LOOK_SECONDS)
        self._db = db
        self._outbox = outbox
        self._webhooks = webhooks

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["SqlTransaction"]:
        """Begin; commits when left normally."""
        async with self._db.session() as session:
            yield SqlTransaction(session, self._outbox, self._webhooks, self.bells)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator["SqlTransaction"]:
        """Begin; on SQLite it waits for no writer."""
        async with self._db.reading() as session:
            yield SqlTransaction(session, self._outbox)


class SqlTransaction(SqlHistory, SqlOrders, SqlProfiles, SqlQuestions, SqlTemplates, SqlBatches, SqlStatus):
    """One database transaction."""

    def __init__(
        self,
        session: AsyncSession,
        outbox: Outbox,
        webhooks: IssuerWebhooks | None = None,
        bells: Bells | None = None,
    ) -> None:
        super().__init__(session)
        self._bells = bells
        self._outbox = outbox
        self._webhooks = webhooks

    async def organisation(self, slug: str) -> Organisation | None:
        """Return the organisation."""
        row = await self._session.get(OrganisationRow, slug)
        return None if row is None else _organisation(row)

    async def organisations(self, *, after: str | None, limit: int) -> Sequence[Organisation]:
        """Return organisations by slug."""
        query = select(OrganisationRow).order_by(col(OrganisationRow.slug)).limit(limit)
        if after is not None:
            query = query.where(col(OrganisationRow.slug) > after)
        return [_organisation(row) for row in (await self._session.exec(query)).all()]

    async def add_organisation(self, organisation: Organisation) -> bool:
        """Store it, unless another process that starts now has done so."""
        return await insert_once(self._session, OrganisationRow, asdict(organisation))

    async def save_organisation(self, organisation: Organisation) -> None:
        """Store it."""
        mine = col(OrganisationRow.slug) == organisation.slug
        standing = {
            "suspended_at": organisation.suspended_at,
            "suspended_because": organisation.suspended_because,
            "closed_at": organisation.closed_at,
        }
        await self._session.exec(update(OrganisationRow).where(mine).values(**standing))
        done_to(f"organisation:{organisation.slug}")

    async def definition(self, organisation: str) -> Definition | None:
        """Return the definition's state."""
        query = select(DefinitionRow).where(col(DefinitionRow.organisation) == organisation)
        row = (await self._session.exec(query)).first()
        return None if row is None else _definition(row)

    async def unfinished_definitions(self) -> Sequence[Definition]:
        """Return those that are still being made."""
        query = select(DefinitionRow).where(col(DefinitionRow.credential_definition_id).is_(None))
        return [_definition(row) for row in (await self._session.exec(query)).all()]

    async def save_definition(self, definition: Definition) -> None:
        """Store it."""
        await self._session.merge(DefinitionRow(**asdict(definition)))

    async def add_batch(self, batch: Batch, awards: Sequence[Award]) -> None:
        """Store both."""
        await self.save_batch(batch)
        await self.add_awards(awards)

    async def add_awards(self, awards: Sequence[Award]) -> None:
        """Store new ones."""
        if awards:
            connection = await self._session.connection()
            await connection.execute(insert(AwardRow), [_award_values(award) for award in awards])
            await self._began(awards)

    async def count_states(self, organisation: str, batch_id: UUID) -> Mapping[str, int]:
        """Return awards per state."""
        query = (
            select(AwardRow.state, func.count())
            .where(col(AwardRow.organisation) == organisation, col(AwardRow.batch_id) == str(batch_id))
            .group_by(col(AwardRow.state))
        )
        return dict((await self._session.exec(query)).all())

    async def award(self, organisation: str, award_id: UUID) -> Award | None:
        """Return the award."""
        return await self._one_award(
            (col(AwardRow.organisation) == organisation) & (col(AwardRow.id) == str(award_id))
        )

    async def award_by_claim(self, digest: str) -> Award | None:
        """Return the award behind a claim link."""
        short = select(ClaimLinkRow.award_id).where(col(ClaimLinkRow.short_digest) == digest)
        award = await self._one_award(or_(col(AwardRow.claim_digest) == digest, col(AwardRow.id).in_(short)))
        if award is not None:
            done_for(award.organisation)
        return award

    async def award_by_invitation(self, invitation_msg_id: str) -> Award | None:
        """Return the award invited so."""
        return await self._one_award(
            (col(AwardRow.invitation_msg_id) == invitation_msg_id) & (col(AwardRow.state) == "invited")
        )

    async def award_by_exchange(self, cred_ex_id: str) -> Award | None:
        """Return the award whose current exchange this is."""
        return await self._one_award(
            (col(AwardRow.cred_ex_id) == cred_ex_id)
            & col(AwardRow.state).in_(("offered", "accepted", "issued"))
        )

    async def awards(
        self, organisation: str, *, batch_id: UUID | None, after: UUID | None, limit: int
    ) -> Sequence[Award]:
        """Return awards by id, which is by time."""
        own = col(AwardRow.organisation) == organisation
        query = select(AwardRow).where(own).order_by(col(AwardRow.id)).limit(limit)
        if batch_id is not None:
            query = query.where(col(AwardRow.batch_id) == str(batch_id))
        if after is not None:
            query = query.where(col(AwardRow.id) > str(after))
        return [_award(row) for row in (await self._session.exec(query)).all()]

    async def awards_of(self, organisation: str, award_ids: Sequence[UUID]) -> Sequence[Award]:
        """Return these, in this order."""
        query = select(AwardRow).where(
            col(AwardRow.organisation) == organisation,
            col(AwardRow.id).in_([str(one) for one in award_ids]),
        )
        found = {row.id: _award(row) for row in await self._session.exec(query)}
        return [found[str(one)] for one in award_ids if str(one) in found]

    async def awards_in_exchange(self, *, since: datetime | None) -> Sequence[Award]:
        """Return the unfinished ones."""
        query = select(AwardRow).where(col(AwardRow.state).in_(_IN_EXCHANGE))
        if since is not None:
            query = query.where(col(AwardRow.updated_at) >= since)
        return [_award(row) for row in (await self._session.exec(query)).all()]

    async def add_award(self, award: Award) -> None:
        """Store a new one."""
        connection = await self._session.connection()
        await connection.execute(insert(AwardRow), _award_values(award))
        await self._began([award])
        _done_to(award)

    async def save_award(self, award: Award) -> None:
        """Store a changed one, if nobody else did since."""
        await self._moved(award)
        values = _award_values(replace(award, version=award.version + 1))
        done = await self._session.exec(
            update(AwardRow)
            .where(col(AwardRow.id) == str(award.id), col(AwardRow.version) == award.version)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        if done.rowcount != 1:
            raise AwardChanged(
                "The award was changed by someone else just now. Look at it again, then repeat."
            )
        _done_to(award)

    async def revocation(self, revocation_id: UUID) -> Revocation | None:
        """Return the revocation."""
        row = await self._session.get(RevocationRow, str(revocation_id))
        return None if row is None else _revocation(row)

    async def revocations_of(self, organisation: str, award_id: UUID) -> Sequence[Revocation]:
        """Return an award's revocations."""
        query = (
            select(RevocationRow)
            .where(
                col(RevocationRow.organisation) == organisation,
                col(RevocationRow.award_id) == str(award_id),
            )
            .order_by(col(RevocationRow.id))
        )
        return [_revocation(row) for row in (await self._session.exec(query)).all()]

    async def unpublished_revocations(self) -> Sequence[Revocation]:
        """Return those that are still to be published."""
        query = select(RevocationRow).where(col(RevocationRow.published_at).is_(None))
        return [_revocation(row) for row in (await self._session.exec(query)).all()]

    async def waiting_revocations(self, rev_reg_id: str, *, limit: int) -> Sequence[Revocation]:
        """Return the first in this registry that are still to be published."""
        query = (
            select(RevocationRow)
            .where(col(RevocationRow.rev_reg_id) == rev_reg_id, col(RevocationRow.published_at).is_(None))
            .order_by(col(RevocationRow.id))
            .limit(limit)
        )
        return [_revocation(row) for row in (await self._session.exec(query)).all()]

    async def save_revocation(self, revocation: Revocation) -> None:
        """Store it; a second order for the same credential changes nothing."""
        credential = revocation.credential
        known = (
            await self._session.exec(
                select(RevocationRow).where(
                    col(RevocationRow.rev_reg_id) == credential.rev_reg_id,
                    col(RevocationRow.cred_rev_id) == credential.cred_rev_id,
                )
            )
        ).first()
        if known is not None:
            known.published_at = known.published_at or revocation.published_at
            await self._session.flush()
            return
        self._session.add(
            RevocationRow(
                id=str(revocation.id),
                organisation=revocation.organisation,
                award_id=str(revocation.award_id),
                **_place(credential),
                reason=revocation.reason,
                requested_at=revocation.requested_at,
                published_at=revocation.published_at,
            )
        )
        await self._session.flush()

    async def award_of_connection(self, connection_id: str) -> Award | None:
        """Return the award whose credential goes over this connection, or went before it was taken back."""
        found = await self.place_of_connection(connection_id)
        return None if found is None else await self.award(*found)

    async def tell(self, subject: str, facts: Mapping[str, str]) -> None:
        """Publish after the commit."""
        self._outbox.add(self._session, subject, facts)

    async def save_batch(self, batch: Batch) -> None:
        """Store it; that its rows became awards is told."""
        before = select(BatchRow.state).where(col(BatchRow.id) == str(batch.id))
        was = (await self._session.exec(before)).first() if self._webhooks else None
        await super().save_batch(batch)
        self._ring(TO_PREPARE)
        if self._webhooks is not None and was != batch.state_name == "prepared":
            await self._webhooks.batch(self._session, batch)

    async def add_order(self, order: RevocationOrder) -> None:
        """Store a new one, which is carried out at once."""
        await super().add_order(order)
        self._ring(TO_REVOKE)

    async def save_question(self, question: Question) -> None:
        """Store the thread; an answer in it leaves at once."""
        await super().save_question(question)
        self._ring(TO_ANSWER)

    def _ring(self, key: str) -> None:
        if self._bells is not None:
            self._bells.ring_after(self._session, key)

    async def save_message(self, message: Message) -> None:
        """Store it; that it bounced is told."""
        before = select(MessageRow.state).where(col(MessageRow.id) == str(message.id))
        was = (await self._session.exec(before)).first() if self._webhooks else None
        await super().save_message(message)
        if self._webhooks is not None and was != message.state_name == "bounced":
            await self._webhooks.bounced(self._session, message)

    async def _tell(self, events: Sequence[Mapping[str, Any]]) -> None:
        await super()._tell(events)
        for event in events:
            what = What(event["what"])
            if self._webhooks is None or not self._webhooks.tells(what):
                continue
            row = await self._session.exec(
                select(AwardRow.batch_id, AwardRow.template_id, AwardRow.state).where(
                    col(AwardRow.id) == event["award_id"]
                )
            )
            batch_id, template_id, state = row.one()
            await self._webhooks.award(
                self._session,
                what,
                organisation=event["organisation"],
                award_id=UUID(event["award_id"]),
                batch_id=UUID(batch_id),
                template_id=UUID(template_id),
                state=state,
                at=event["at"],
            )

    async def _one_award(self, condition: object) -> Award | None:
        query = select(AwardRow).where(condition)  # type: ignore[arg-type] # a column expression
        row = (await self._session.exec(query)).first()
        return None if row is None else _award(row)


def _done_to(award: Award) -> None:
    done_to(f"award:{award.id}")
    done_for(award.organisation)


def _organisation(row: OrganisationRow) -> Organisation:
    return Organisation(
        slug=row.slug,
        name=row.name,
        country=row.country,
        did=row.did,
        suspended_at=row.suspended_at,
        suspended_because=row.suspended_because,
        closed_at=row.closed_at,
        second_person=row.second_person,
        profile=Profile(**row.profile),
    )


def _definition(row: DefinitionRow) -> Definition:
    return Definition(
        row.organisation, row.profile_version, row.status_policy, row.schema_id, row.credential_definition_id
    )


def _award(row: AwardRow) -> Award:
    return Award(
        id=UUID(row.id),
        organisation=row.organisation,
        batch_id=UUID(row.batch_id),
        template_id=UUID(row.template_id),
        edition_id=row.edition_id,
        row=row.row,
        graduate=Graduate(
            given_name=row.given_name,
            family_name=row.family_name,
            email=row.email,
            phone=row.phone,
            language=row.language,
            awarded_on=row.awarded_on,
            grade_pct=row.grade_pct,
            grade=row.grade,
        ),
        identity_salt=row.identity_salt,
        claim_digest=row.claim_digest,
        code_digest=row.code_digest,
        wrong_codes=row.wrong_codes,
        state=_state(row),
        leftovers=tuple(_credential(**leftover) for leftover in row.leftovers),
        replaces=UUID(row.replaces) if row.replaces else None,
        origin=UUID(row.origin or row.id),
        reissues=row.reissues,
        reissue=_reissue(row.reissue) if row.reissue else None,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        suspension=Suspension(row.suspended_because or "", row.suspended_at) if row.suspended_at else None,
        contact_deleted_at=row.contact_deleted_at,
        trace=row.trace,
    )


def _state(row: AwardRow) -> State:  # noqa: PLR0911 - one line for each state
    match row.state:
        case "prepared":
            return Prepared()
        case "invited":
            return Invited(_filled(row.invitation_msg_id), row.connection_id)
        case "offered":
            return Offered(_exchange(row))
        case "accepted":
            return Accepted(_exchange(row), _sent(row) if row.cred_rev_id else None)
        case "issued":
            return Issued(_sent(row))
        case "declined":
            return Declined()
        case "broken":
            return Broken()
        case "revoked":
            return Revoked(_filled(row.ended_because), _when(row.ended_at))
        case "superseded":
            return Superseded(
                UUID(_filled(row.superseded_by)), _filled(row.ended_because), _when(row.ended_at)
            )
        case other:
            raise ValueError(f"award {row.id} has the unknown state {other!r}")


def _award_values(award: Award) -> dict[str, Any]:
    exchange = award.exchange
    name_key, family_key = name_keys(award.graduate)
    values: dict[str, Any] = {
        "id": str(award.id),
        "organisation": award.organisation,
        "batch_id": str(award.batch_id),
        "template_id": str(award.template_id),
        "edition_id": award.edition_id,
        "row": award.row,
        **asdict(award.graduate),
        "name_key": name_key,
        "family_key": family_key,
        "identity_salt": award.identity_salt,
        "claim_digest": award.claim_digest,
        "code_digest": award.code_digest,
        "wrong_codes": award.wrong_codes,
        "state": award.state_name,
        "invitation_msg_id": None,
        "connection_id": exchange.connection_id if exchange else None,
        "cred_ex_id": exchange.cred_ex_id if exchange else None,
        "rev_reg_id": None,
        "cred_rev_id": None,
        "ended_because": None,
        "ended_at": None,
        "superseded_by": None,
        "suspended_at": award.suspension.at if award.suspension else None,
        "suspended_because": award.suspension.reason if award.suspension else None,
        "leftovers": [_place(leftover) for leftover in award.leftovers],
        "replaces": str(award.replaces) if award.replaces else None,
        "origin": str(award.origin) if award.origin != award.id else None,
        "reissues": award.reissues,
        "reissue": _reissue_values(award.reissue) if award.reissue else None,
        "version": award.version,
        "created_at": award.created_at,
        "updated_at": award.updated_at,
        "contact_deleted_at": award.contact_deleted_at,
        "trace": award.trace,
    }
    match award.state:
        case Invited(invitation_msg_id, connection_id):
            values |= {"invitation_msg_id": invitation_msg_id, "connection_id": connection_id}
        case Issued(credential) | Accepted(_, SentCredential() as credential):
            values |= {"rev_reg_id": credential.rev_reg_id, "cred_rev_id": credential.cred_rev_id}
        case Revoked(reason, at):
            values |= {"ended_because": reason, "ended_at": at}
        case Superseded(by, reason, at):
            values |= {"superseded_by": str(by), "ended_because": reason, "ended_at": at}
        case _:
            pass
    return values


def _reissue_values(reissue: Reissue) -> dict[str, str]:
    check = reissue.check
    return {
        "loss": reissue.loss,
        "text": reissue.text,
        "method": check.method,
        "note": check.note,
        "by": check.by,
        "at": check.at.isoformat(),
    }


def _reissue(kept: Mapping[str, str]) -> Reissue:
    check = IdentityCheck(
        CheckMethod(kept["method"]), kept["note"], kept["by"], datetime.fromisoformat(kept["at"])
    )
    return Reissue(Loss(kept["loss"]), kept["text"], check)


def _revocation(row: RevocationRow) -> Revocation:
    credential = _credential(row.connection_id, row.cred_ex_id, row.rev_reg_id, row.cred_rev_id)
    return Revocation(
        UUID(row.id),
        row.organisation,
        UUID(row.award_id),
        credential,
        row.reason,
        row.requested_at,
        row.published_at,
    )


def _exchange(row: AwardRow) -> Exchange:
    return Exchange(_filled(row.connection_id), _filled(row.cred_ex_id))


def _sent(row: AwardRow) -> SentCredential:
    return SentCredential(_exchange(row), _filled(row.rev_reg_id), _filled(row.cred_rev_id))


def _credential(connection_id: str, cred_ex_id: str, rev_reg_id: str, cred_rev_id: str) -> SentCredential:
    return SentCredential(Exchange(connection_id, cred_ex_id), rev_reg_id, cred_rev_id)


def _place(credential: SentCredential) -> dict[str, str]:
    return {
        "connection_id": credential.exchange.connection_id,
        "cred_ex_id": credential.exchange.cred_ex_id,
        "rev_reg_id": credential.rev_reg_id,
        "cred_rev_id": credential.cred_rev_id,
    }


def _filled(value: str | None) -> str:
    if value is None:
        raise ValueError("an award's state lacks a column it needs")
    return value


def _when(value: datetime | None) -> datetime:
    if value is None:
        raise ValueError("an award's state lacks its time")
    return value
