"""Wires the issuer together; nothing else builds anything."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID

from fastapi import APIRouter, FastAPI

from issuer.adapters import esco_starter
from issuer.adapters.acapy_agent import AcapyAgent
from issuer.adapters.acapy_messages import AcapyMessages
from issuer.adapters.award_webhooks import EVENTS, IssuerWebhooks
from issuer.adapters.batch_loop import BatchLoop
from issuer.adapters.closing_bundle import ClosingBundle
from issuer.adapters.did_publications import AREA, DidPublications
from issuer.adapters.http_sms import HttpSms, SmsGateway
from issuer.adapters.jetstream_work import JetstreamWork
from issuer.adapters.message_loop import MessageLoop
from issuer.adapters.pillow_logo import read_logo
from issuer.adapters.smtp_mail import MailServer, SmtpMail, Tls
from issuer.adapters.sql_claim_counts import SqlClaimCounts
from issuer.adapters.sql_figures import SqlFigures
from issuer.adapters.sql_holders import SqlHolders
from issuer.adapters.sql_measures import SqlMeasures
from issuer.adapters.sql_past_awards import SqlPastAwards
from issuer.adapters.sql_privacy import SqlPrivacyRequests
from issuer.adapters.sql_records import TO_ANSWER, TO_PREPARE, TO_REVOKE, SqlRecords
from issuer.adapters.sql_skills import SqlSkills
from issuer.domain.bounce import LARGEST_REPORT
from issuer.domain.claim import ClaimLinks
from issuer.domain.message import Channel
from issuer.domain.profile import LARGEST_LOGO
from issuer.domain.retention import REQUESTS_KEPT, YEAR
from issuer.domain.skill import SkillFault, SkillRow
from issuer.domain.spreadsheet import MAX_BYTES
from issuer.entry.acting import organisation_of
from issuer.entry.admission import AdmittedKeys, members_of
from issuer.entry.api import Officer, officer_router
from issuer.entry.areas import BATCHES
from issuer.entry.awards_api import AwardUses, awards_router
from issuer.entry.awards_pages import AwardPages, award_pages
from issuer.entry.batch_pages import MOST_SENT, BatchPages, batch_pages
from issuer.entry.batches_api import Batches, batches_router
from issuer.entry.claim_pages import Claims, claim_router
from issuer.entry.closing_api import Closing, closing_router
from issuer.entry.closing_command import closing_command
from issuer.entry.console import AREAS, ROLES
from issuer.entry.console_pages import IssuerPages, console_pages
from issuer.entry.console_words import WORDS as CONSOLE_WORDS
from issuer.entry.delivery_api import BOUNCES, Sending, delivery_router
from issuer.entry.events import AgentEvents, DefinitionWork, MessageEvents, RevocationWork, StatusWork
from issuer.entry.figures_api import figures_router
from issuer.entry.figures_pages import FigurePages, figure_pages
from issuer.entry.first_administrator import AdmitFirst
from issuer.entry.hosted_pages import HostedPages, hosted_pages
from issuer.entry.message_preview import PreviewMessages
from issuer.entry.message_text import compose
from issuer.entry.organisation_api import LOGO_PATH, Showing, organisation_router
from issuer.entry.organisation_pages import OwnPages, own_pages
from issuer.entry.organisations_api import Operator, organisations_router
from issuer.entry.privacy_api import Privacy, privacy_router
from issuer.entry.privacy_pages import PrivacyPages, privacy_pages
from issuer.entry.problems import PROBLEMS
from issuer.entry.programme_pages import ProgrammePages, programme_pages
from issuer.entry.question_pages import QuestionPages, question_pages
from issuer.entry.questions_api import Questions, questions_router
from issuer.entry.queue_api import queue_router
from issuer.entry.sending_pages import SendingPages, sending_pages
from issuer.entry.skill_command import skill_commands
from issuer.entry.skills_api import skills_router
from issuer.entry.status_words import say_status
from issuer.entry.suspension_pages import suspension_pages
from issuer.entry.together_pages import Together, together_pages, together_router
from issuer.entry.vocabularies_api import vocabularies_router
from issuer.errors import AgentSilent, AgentTrouble
from issuer.ports import Carrier, SlipText
from issuer.settings import Settings
from issuer.use_cases import work
from issuer.use_cases.admit import Admit
from issuer.use_cases.advance_template import AdvanceTemplate
from issuer.use_cases.answer_privacy_request import AnswerPrivacyRequest
from issuer.use_cases.answer_question import AnswerQuestion
from issuer.use_cases.begin_claim import BeginClaim
from issuer.use_cases.begin_with_skills import BeginWithSkills
from issuer.use_cases.change_row import ChangeRow
from issuer.use_cases.check_batch import CheckBatch
from issuer.use_cases.check_privacy_request import CheckPrivacyRequest
from issuer.use_cases.choose_logo import ChooseLogo
from issuer.use_cases.claim_together import ClaimTogether
from issuer.use_cases.close_organisation import CloseOrganisation
from issuer.use_cases.create_organisation import CreateOrganisation
from issuer.use_cases.decide_batch import DecideBatch
from issuer.use_cases.deliver import Deliver
from issuer.use_cases.describe_organisation import DescribeOrganisation
from issuer.use_cases.discard_batch import DiscardBatch
from issuer.use_cases.draft_template import DraftTemplate
from issuer.use_cases.establish_organisation import EstablishOrganisation
from issuer.use_cases.find_awards import FindAwards
from issuer.use_cases.find_claim import FindClaim
from issuer.use_cases.find_duplicates import FindDuplicates
from issuer.use_cases.find_skills import FindSkills
from issuer.use_cases.follow_exchange import FollowExchange
from issuer.use_cases.forget_past_awards import forget_past_awards
from issuer.use_cases.hand_out import HandOut
from issuer.use_cases.import_batch import ImportBatch
from issuer.use_cases.import_skills import ImportedSkills, ImportSkills
from issuer.use_cases.look_up import LookUp
from issuer.use_cases.look_up_batch import LookUpBatch
from issuer.use_cases.look_up_delivery import LookUpDelivery
from issuer.use_cases.look_up_figures import LookUpFigures
from issuer.use_cases.look_up_privacy_requests import LookUpPrivacyRequests
from issuer.use_cases.look_up_profile import LookUpProfile
from issuer.use_cases.look_up_questions import LookUpQuestions
from issuer.use_cases.note_expired_links import NoteExpiredLinks
from issuer.use_cases.offer_award import OfferAward
from issuer.use_cases.prepare_batch import PrepareBatch
from issuer.use_cases.prepare_definition import PrepareDefinition
from issuer.use_cases.publish_holders import PublishHolders
from issuer.use_cases.publish_revocation import PublishRevocation
from issuer.use_cases.publish_status import PublishStatus
from issuer.use_cases.publish_template import PublishTemplate
from issuer.use_cases.reconcile import Reconcile
from issuer.use_cases.refresh_status import RefreshStatus
from issuer.use_cases.reinstate_award import ReinstateAward
from issuer.use_cases.reissue_award import ReissueAward
from issuer.use_cases.remind_graduates import RemindGraduates
from issuer.use_cases.revoke_award import RevokeAward
from issuer.use_cases.revoke_awards import RevokeAwards
from issuer.use_cases.send_answers import SendAnswers
from issuer.use_cases.send_award import SendAward
from issuer.use_cases.send_batch import SendBatch
from issuer.use_cases.send_message import SendMessage
from issuer.use_cases.show_link import ShowLink
from issuer.use_cases.show_status import ShowStatus
from issuer.use_cases.supersede_award import SupersedeAward
from issuer.use_cases.suspend_award import SuspendAward
from issuer.use_cases.suspend_organisation import SuspendOrganisation
from issuer.use_cases.take_bounce import TakeBounce
from issuer.use_cases.take_messages import TakeMessages
from issuer.use_cases.take_privacy_request import TakePrivacyRequest
from issuer.use_cases.tell_graduate import TellGraduate
from issuer.use_cases.tell_wait import TellWait
from issuer.use_cases.word_message import WordMessage
from shared.adapters.acapy_client import AcapyClient
from shared.adapters.acapy_recipients import AgentRecipients
from shared.adapters.acapy_retention import AgentsStore
from shared.adapters.background import every, running
from shared.adapters.clock import new_id, utc_now
from shared.adapters.did_host import DidHost, serve_rpc
from shared.adapters.didcomm_sender import DidcommSender
from shared.adapters.environment import from_environment
from shared.adapters.freed_memory import keep_giving_back
from shared.adapters.guarded_http import GuardedClient
from shared.adapters.jetstream import Bus, Consumer
from shared.adapters.jetstream_mailbox import JetstreamMailbox
from shared.adapters.jetstream_metrics import MeasureStreams
from shared.adapters.jetstream_set_aside import JetstreamSetAside, JetstreamWorkSetAside
from shared.adapters.oidc_provider import provider_of
from shared.adapters.otlp_traces import send_traces
from shared.adapters.prometheus import Metrics
from shared.adapters.retention import EVERY_SECONDS as RETENTION_SECONDS
from shared.adapters.retention import Retention
from shared.adapters.sql import Database, upgrade
from shared.adapters.sql_api_keys import SqlApiKeys
from shared.adapters.sql_audit import SqlAuditLog
from shared.adapters.sql_idempotency import SqlIdempotentAnswers
from shared.adapters.sql_members import SqlMembers
from shared.adapters.sql_outbox import Outbox, OutboxPublisher
from shared.adapters.sql_webhooks import SqlWebhooks, WebhookSender
from shared.adapters.turns import Turns
from shared.adapters.webauthn_passkeys import WebauthnPasskeys
from shared.contracts.agent_events import BASIC_MESSAGE, CONNECTIONS, ISSUE_CREDENTIAL, events_of
from shared.contracts.streams import AGENT_EVENTS, BASE_WALLET, WORK, aside_subject
from shared.ports.api_keys import ADMIN, OPERATE, Caller
from shared.ports.audit import housekeeping
from shared.vc.attested_resource import EDITION
from shared.vc.holders import HOLDERS
from shared.web.actors import Actors
from shared.web.api_key_pages import KeyPages, key_pages
from shared.web.api_keys import api_keys_router
from shared.web.app import create_app as create_web_app
from shared.web.command import command_line_of_organisations
from shared.web.console import Console
from shared.web.console_app import ConsoleApp, make_console
from shared.web.did_host import OwnKey, did_host_router, organisations_keys_router
from shared.web.didcomm_edge import MAX_ENVELOPE, didcomm_router
from shared.web.logs import write_logs
from shared.web.manage_members import Invitation
from shared.web.pages import Pages
from shared.web.rate_limits import usual_limits
from shared.web.serve import serve
from shared.web.sessions import callback_url, console_url
from shared.web.set_aside import set_aside_router, work_set_aside_router
from shared.web.start import insist
from shared.web.webhook_pages import WEBHOOKS, WebhookPages, webhook_pages
from shared.web.webhooks import webhooks_router

log = logging.getLogger(__name__)

MIGRATIONS: Final = Path(__file__).parent / "adapters" / "migrations" / "versions"
TEMPLATES: Final = Path(__file__).parent / "entry" / "templates"
RECONCILE_SECONDS: Final = 30.0
RECONCILED_AGAIN: Final = timedelta(hours=1)
"""How long after its last move an award is still compared with the agent on the timer."""
AGENT_PAUSE_SECONDS: Final = 3.0
HEARTBEAT_SECONDS: Final = 3600.0
HOLDERS_SECONDS: Final = 60.0
"""How often it is looked whether this week's figures are told."""
EVENT_WORKERS: Final = 4
EXCHANGES: Final = "issuer-exchanges"
"""Name of the durable consumer by which claims go on."""
REMIND_SECONDS: Final = 3600.0


def console_of(settings: Settings, db: Database) -> ConsoleApp:
    """The issuer's console, over its database."""
    return make_console(
        service="issuer",
        base_url=settings.base_url,
        organisation="Ujuzi",
        members=SqlMembers(db),
        passkeys=WebauthnPasskeys(console_url(settings.base_url), name="Ujuzi"),
        provider=provider_of(settings, callback_url(settings.base_url)),
        roles=ROLES,
        areas=AREAS,
        words=CONSOLE_WORDS,
        pages=Pages(TEMPLATES, product="Ujuzi"),
        new_id=new_id,
        clock=utc_now,
        admit=members_of(Admit(SqlRecords(db, Outbox(db)))),
    )


def create_app(settings: Settings) -> FastAPI:
    """The issuer's web app; its lifespan connects everything."""
    db, turns = Database(settings.database_url), Turns(settings.database_url)
    bus = Bus(
        settings.nats_url,
        settings.nats_user,
        settings.nats_password.get_secret_value(),
        ca_file=settings.nats_ca_file,
        copies=settings.nats_copies,
    )
    acapy = AcapyClient(settings.agent_url, settings.agent_key.get_secret_value())
    web = GuardedClient(settings.host_map, allow_loopback=settings.development)
    api_keys = SqlApiKeys(db)
    audit = SqlAuditLog(db)
    outbox = Outbox(db)
    did_host = DidHost(db, settings.sealing_key, settings.did_host)
    secret = settings.sealing_key

    webhooks = SqlWebhooks(db, settings.sealing_key)
    records = SqlRecords(db, outbox, IssuerWebhooks(webhooks, settings.base_url))
    skills = SqlSkills(db)
    agent = AcapyAgent(acapy, base_url=settings.base_url)
    publications = DidPublications(did_host)

    look_up = LookUp(records)
    offer_award = OfferAward(records, agent, utc_now, turns)
    follow_exchange = FollowExchange(records, agent, _new_id, utc_now)
    establish = EstablishOrganisation(records, publications)
    reconcile = Reconcile(records, agent, offer_award, follow_exchange, utc_now)
    refresh_status = RefreshStatus(records, agent, publications, utc_now, turns)
    revoke_award = RevokeAward(records, _new_id, utc_now, _tell_graduate(settings, web))
    past_awards = forget_past_awards(
        SqlPastAwards(db),
        revoke_award,
        keep_awards=settings.keep_awards_years * YEAR,
        keep_contacts=timedelta(days=settings.keep_contacts_days),
    )
    retention = Retention(
        db,
        {
            **past_awards,
            "requests about data": lambda now: SqlPrivacyRequests(db).forget(before=now - REQUESTS_KEPT),
            "agent's records": AgentsStore(acapy),
        },
    )
    officer = Officer(
        look_up=look_up,
        draft_template=DraftTemplate(records, _new_id, utc_now),
        publish_template=PublishTemplate(records, publications, skills, utc_now),
        advance_template=AdvanceTemplate(records, _new_id, utc_now),
    )
    console, audit = console_of(settings, db), SqlAuditLog(db)
    actors = Actors(SqlMembers(db), api_keys)
    operator = Operator(
        look_up=look_up,
        admit_first=AdmitFirst(look_up, console.manage),
        create=CreateOrganisation(records, establish),
        suspend=SuspendOrganisation(records, utc_now),
    )
    claims, together = _claiming(
        settings,
        records,
        agent,
        look_up,
        TellWait(SqlClaimCounts(db), JetstreamWork(bus, EXCHANGES), utc_now),
    )

    sending, senders = _delivery(settings, records, audit, web, turns)
    batches, preparing = _batches(records, secret)
    ways = frozenset(sending.send_batch.deliver.available)

    questions, letters = _questions(records, acapy, bus, turns)

    agent_events = Consumer(
        bus.js,
        AGENT_EVENTS,
        EXCHANGES,
        [events_of(CONNECTIONS, BASE_WALLET), events_of(ISSUE_CREDENTIAL, BASE_WALLET)],
        AgentEvents(offer_award, follow_exchange, turns),
        workers=EVENT_WORKERS,
        poison_to=lambda message: aside_subject(message.subject),
    )
    definitions = Consumer(
        bus.js,
        WORK,
        "issuer-definitions",
        [work.PREPARE_DEFINITION],
        DefinitionWork(PrepareDefinition(records, agent, turns)),
        workers=1,
        poison_to=lambda message: aside_subject(message.subject),
    )

    def own_key(caller: Caller) -> OwnKey:
        path = (AREA, organisation_of(caller))

        async def rotate() -> str:
            return await did_host.rotate(await did_host.ensure_did(path))

        return OwnKey(path, rotate)

    begin_with_skills = BeginWithSkills(skills, ImportSkills(skills, utc_now))

    async def prepare() -> None:
        await upgrade(settings.database_url, MIGRATIONS)
        await begin_with_skills(esco_starter.VERSION, esco_starter.starter())
        if settings.bootstrap_api_key is not None:
            await api_keys.keep(
                settings.bootstrap_api_key.get_secret_value(),
                "bootstrap",
                [ADMIN, OPERATE],
                organisation=settings.organisation_slug,
            )
        await establish(
            slug=settings.organisation_slug,
            name=settings.organisation_name,
            country=settings.organisation_country,
        )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with db, turns, acapy, web, bus.joining():
            await insist(turns.each("start", prepare))
            async with running(
                rpc=bus.once_joined(lambda: serve_rpc(did_host, bus.nc)),
                outbox=OutboxPublisher(outbox, bus.js).run,
                sender=DidcommSender(bus.js, web, trace_partners=settings.trace_partners).run,
                events=agent_events.run,
                definitions=definitions.run,
                **_statuses(bus, records, agent, publications, turns),
                webhooks=WebhookSender(webhooks, web).run,
                reconcile_at_start=turns.alone("reconcile", _patiently(reconcile)),
                reconcile=every(
                    RECONCILE_SECONDS,
                    turns.alone(
                        "reconcile", _patiently(lambda: reconcile(since=utc_now() - RECONCILED_AGAIN))
                    ),
                ),
                status_heartbeat=every(
                    HEARTBEAT_SECONDS, turns.alone("heartbeat", _patiently(refresh_status))
                ),
                holders=every(
                    HOLDERS_SECONDS,
                    turns.alone("holders", PublishHolders(records, SqlHolders(db), publications, utc_now)),
                ),
                retention=every(RETENTION_SECONDS, turns.alone("retention", retention)),
                **senders,
                revoking=records.bells.at_each(
                    TO_REVOKE,
                    turns.alone("revoking", RevokeAwards(records, revoke_award, _new_id, utc_now).work_off),
                ),
                preparing=preparing,
                **letters,
            ):
                yield

    return create_web_app(
        "Ujuzi issuer",
        lifespan=lifespan,
        routers=[
            api_keys_router(api_keys, roles=ROLES, scopes=[BOUNCES, WEBHOOKS.scope], clock=utc_now),
            officer_router(officer),
            *_award_routes(
                _awards(settings, records, audit, revoke_award), records, sending, actors, console
            ),
            skills_router(FindSkills(skills)),
            *_programmes(officer, skills, actors, console),
            vocabularies_router(),
            *_organisations(settings, records, operator, console.frame),
            console_pages(IssuerPages(audit=audit, actors=actors, console=console.frame)),
            key_pages(
                KeyPages(keys=api_keys, roles=ROLES, actors=actors, console=console.frame, clock=utc_now)
            ),
            batches_router(batches),
            sending_pages(
                SendingPages(sending=sending, look_up=batches.look_up, ways=ways, console=console.frame)
            ),
            batch_pages(BatchPages(batches=batches, look_up=look_up, actors=actors, console=console.frame)),
            delivery_router(sending),
            *_webhooks(webhooks, web, console.frame),
            *_figures(db, claims.tell_wait, console.frame),
            *_privacy(db, records, revoke_award, actors, console.frame),
            closing_router(_closing(records, did_host)),
            questions_router(questions),
            together_router(together),
            together_pages(together, console.frame),
            question_pages(QuestionPages(questions=questions, actors=actors, console=console.frame)),
            claim_router(claims, Pages(TEMPLATES, product="Ujuzi")),
            queue_router(claims.tell_wait),
            did_host_router(did_host, area=AREA, editions=EDITION, holders=HOLDERS),
            organisations_keys_router(own_key, did_host, clock=utc_now),
            didcomm_router(AgentRecipients(acapy), JetstreamMailbox(bus.js)),
            set_aside_router(JetstreamSetAside(bus.js), scope=OPERATE),
            work_set_aside_router(JetstreamWorkSetAside(bus.js), scope=OPERATE),
        ],
        ready_checks={"database": db.check, "nats": bus.check, "agent": acapy.check},
        find_api_key=AdmittedKeys(api_keys.find, Admit(records)),
        trace_partners=settings.trace_partners,
        metrics=Metrics(settings.metrics_host, settings.metrics_port).also(
            database=db.measure,
            streams=MeasureStreams(bus),
            outbox=outbox.measure,
            webhooks=webhooks.measure,
            awards=SqlMeasures(db).awards,
            mail=SqlMeasures(db).mail,
        ),
        idempotent_answers=SqlIdempotentAnswers(db),
        problems=PROBLEMS,
        https=not settings.development,
        rate_limits=usual_limits(settings, public_posts=["/claim/"]),
        trusted_proxies=settings.trusted_proxies,
        audit=audit,
        console=console,
        max_body_by_path={
            "/didcomm": MAX_ENVELOPE,
            "/v1/batches": MAX_BYTES,
            BATCHES.path: MOST_SENT,
            "/v1/bounces": LARGEST_REPORT,
            LOGO_PATH: LARGEST_LOGO,
        },
    )


def _programmes(
    officer: Officer, skills: SqlSkills, actors: Actors, console: ConsoleApp
) -> Sequence[APIRouter]:
    """What an officer sees of programmes; programs have them among the officer's routes."""
    return programme_pages(
        ProgrammePages(
            look_up=officer.look_up,
            draft=officer.draft_template,
            advance=officer.advance_template,
            publish=officer.publish_template,
            find_skills=FindSkills(skills),
            actors=actors,
            console=console.frame,
        )
    )


def _awards(settings: Settings, records: SqlRecords, audit: SqlAuditLog, revoke: RevokeAward) -> AwardUses:
    """What an officer can do with awards."""
    secret = settings.sealing_key
    return AwardUses(
        find=FindAwards(records),
        revoke=revoke,
        suspend=SuspendAward(records, _new_id, utc_now),
        reinstate=ReinstateAward(records, _new_id, utc_now),
        revoke_many=RevokeAwards(records, revoke, _new_id, utc_now),
        supersede=SupersedeAward(records, _new_id, utc_now, secret, revoke.tell_graduate),
        reissue=ReissueAward(records, _new_id, utc_now, secret, revoke.tell_graduate),
        audit=audit,
        clock=utc_now,
        base_url=settings.base_url,
        secret=secret,
    )


def _batches(records: SqlRecords, secret: bytes) -> tuple[Batches, Callable[[], Awaitable[None]]]:
    """What an officer can do about batches, and the loop that prepares them."""
    find_duplicates = FindDuplicates(records)
    discard = DiscardBatch(records, utc_now)
    batches = Batches(
        import_batch=ImportBatch(records, _new_id, utc_now, secret),
        check=CheckBatch(records, find_duplicates, _new_id, utc_now),
        look_up=LookUpBatch(records),
        change_row=ChangeRow(records, find_duplicates, utc_now),
        decide=DecideBatch(records, find_duplicates, utc_now),
        discard=discard,
    )
    prepare = PrepareBatch(records, find_duplicates, _new_id, utc_now, secret)
    return batches, BatchLoop(prepare, discard, partial(records.bells.at_each, TO_PREPARE)).run


def _closing(records: SqlRecords, did_host: DidHost) -> Closing:
    """What the operator does when an organisation closes."""
    return Closing(
        LookUp(records),
        CloseOrganisation(records, DidPublications(did_host), utc_now),
        ClosingBundle(did_host, utc_now),
    )


def _figures(db: Database, tell_wait: TellWait, console: Console) -> Sequence[APIRouter]:
    """Monthly figures, for programs and people."""
    figures = LookUpFigures(SqlFigures(db), utc_now)
    return [
        figures_router(figures),
        figure_pages(FigurePages(figures=figures, tell_wait=tell_wait, console=console, clock=utc_now)),
    ]


def _privacy(
    db: Database, records: SqlRecords, revoke: RevokeAward, actors: Actors, console: Console
) -> Sequence[APIRouter]:
    """What an officer does about people's requests concerning their own data."""
    requests = SqlPrivacyRequests(db)
    privacy = Privacy(
        look_up=LookUpPrivacyRequests(requests, records),
        take=TakePrivacyRequest(requests, _new_id, utc_now),
        check=CheckPrivacyRequest(requests),
        answer=AnswerPrivacyRequest(requests, revoke, utc_now),
        clock=utc_now,
    )
    pages = PrivacyPages(privacy=privacy, actors=actors, console=console)
    return [privacy_router(privacy), *privacy_pages(pages)]


def _tell_graduate(settings: Settings, web: GuardedClient) -> TellGraduate:
    """Writes to graduates what became of their awards."""
    links = ClaimLinks(settings.base_url, settings.sealing_key)
    return TellGraduate(Deliver(links, _new_id, frozenset(_carriers(settings, web))))


def _print_slips(slips: Sequence[SlipText]) -> bytes:
    from issuer.adapters.pdf_slips import print_slips  # noqa: PLC0415  a fifth of starting, which few need

    return print_slips(slips)


def _award_routes(
    uses: AwardUses, records: SqlRecords, sending: Sending, actors: Actors, console: ConsoleApp
) -> Sequence[APIRouter]:
    """Awards, for programs and people."""
    pages = AwardPages(
        uses=uses,
        show_link=ShowLink(records, ClaimLinks(uses.base_url, uses.secret), utc_now),
        sending=sending,
        look_up=LookUp(records),
        actors=actors,
        console=console.frame,
        clock=utc_now,
    )
    return [awards_router(uses), *award_pages(pages), suspension_pages(pages)]


def _delivery(
    settings: Settings, records: SqlRecords, audit: SqlAuditLog, web: GuardedClient, turns: Turns
) -> tuple[Sending, Mapping[str, Callable[[], Awaitable[None]]]]:
    """What an officer can do about delivery, and the loops that carry it out."""
    links = ClaimLinks(settings.base_url, settings.sealing_key)
    carriers = _carriers(settings, web)
    deliver = Deliver(links, _new_id, frozenset(carriers))
    sending = Sending(
        send_batch=SendBatch(records, deliver, utc_now),
        send_award=SendAward(records, deliver, utc_now),
        look_up=LookUpDelivery(records),
        hand_out=HandOut(records, links, utc_now),
        take_bounce=TakeBounce(records, utc_now),
        print_slips=_print_slips,
        audit=audit,
        clock=utc_now,
    )
    loops = {
        f"messages_by_{channel}": MessageLoop(
            SendMessage(records, channel, carrier, compose, links, utc_now)
        ).run
        for channel, carrier in carriers.items()
    }
    remind = RemindGraduates(records, deliver, utc_now)
    timers = {
        "reminders": every(REMIND_SECONDS, turns.alone("reminders", remind)),
        "expired_links": every(
            REMIND_SECONDS, turns.alone("expired links", NoteExpiredLinks(records, utc_now))
        ),
    }
    return sending, {**loops, **timers}


def _claiming(
    settings: Settings, records: SqlRecords, agent: AcapyAgent, look_up: LookUp, tell_wait: TellWait
) -> tuple[Claims, Together]:
    """What learners do with their links, alone or together with an officer."""
    begin = BeginClaim(records, agent, utc_now, settings.sealing_key)
    claims = Claims(
        FindClaim(records, utc_now), begin, look_up, settings.base_url, tell_wait, settings.wallet_url
    )
    together = Together(claim=ClaimTogether(begin), wallet_url=settings.wallet_url, clock=utc_now)
    return claims, together


def _questions(
    records: SqlRecords, acapy: AcapyClient, bus: Bus, turns: Turns
) -> tuple[Questions, Mapping[str, Callable[[], Awaitable[None]]]]:
    """What learners ask, and what brings it and the answers to and fro."""
    agent = AcapyMessages(acapy)
    take = turns.each("messages", TakeMessages(records, agent, utc_now))
    arrivals = Consumer(
        bus.js,
        AGENT_EVENTS,
        "issuer-messages",
        [events_of(BASIC_MESSAGE, BASE_WALLET)],
        MessageEvents(take),
        workers=1,
        poison_to=lambda message: aside_subject(message.subject),
    )
    questions = Questions(LookUpQuestions(records), AnswerQuestion(records, _new_id, utc_now))
    return questions, {
        "messages": arrivals.run,
        "messages_left": every(RECONCILE_SECONDS, _patiently(take)),
        "answers": records.bells.at_each(
            TO_ANSWER, turns.alone("answers", _patiently(SendAnswers(records, agent, utc_now)))
        ),
    }


def _organisations(
    settings: Settings, records: SqlRecords, operator: Operator, console: Console
) -> Sequence[APIRouter]:
    """How organisations show themselves, and who hosts them."""
    showing = Showing(
        look_up=LookUpProfile(records),
        describe=DescribeOrganisation(records),
        choose_logo=ChooseLogo(records, read_logo),
        word=WordMessage(records),
        preview=PreviewMessages(settings.base_url, utc_now),
    )
    pages = OwnPages(showing=showing, console=console, pages=Pages(TEMPLATES, product="Ujuzi"))
    return [
        organisations_router(operator),
        organisation_router(showing),
        own_pages(pages),
        hosted_pages(HostedPages(operator=operator, console=console)),
    ]


def _statuses(
    bus: Bus, records: SqlRecords, agent: AcapyAgent, publications: DidPublications, turns: Turns
) -> Mapping[str, Callable[[], Awaitable[None]]]:
    """What carries out revocations, suspensions and their end."""
    show_status = ShowStatus(agent, publications, turns)
    revocations = Consumer(
        bus.js,
        WORK,
        "issuer-revocations",
        [work.PUBLISH_REVOCATION],
        RevocationWork(PublishRevocation(records, agent, show_status, utc_now)),
        workers=1,
        poison_to=lambda message: aside_subject(message.subject),
    )
    statuses = Consumer(
        bus.js,
        WORK,
        "issuer-statuses",
        [work.PUBLISH_STATUS],
        StatusWork(PublishStatus(records, agent, show_status, say_status, utc_now)),
        workers=1,
        poison_to=lambda message: aside_subject(message.subject),
    )
    return {"revocations": revocations.run, "statuses": statuses.run}


def _webhooks(webhooks: SqlWebhooks, web: GuardedClient, console: Console) -> Sequence[APIRouter]:
    """Each organisation's own webhooks, by the API and in the console."""

    def of(caller: Caller) -> SqlWebhooks:
        return webhooks.of(organisation_of(caller))

    pages = WebhookPages(of=of, events=EVENTS, examine=web.examine, console=console, clock=utc_now)
    return [webhooks_router(of, events=EVENTS, examine=web.examine, clock=utc_now), *webhook_pages(pages)]


def _carriers(settings: Settings, web: GuardedClient) -> Mapping[Channel, Carrier]:
    """The ways to graduates that are set up."""
    carriers: dict[Channel, Carrier] = {}
    if settings.mail_host is not None and settings.mail_from is not None:
        password = settings.mail_password
        server = MailServer(
            host=settings.mail_host,
            port=settings.mail_port,
            tls=Tls(settings.mail_tls),
            sender=settings.mail_from,
            bounces=settings.mail_bounces,
            user=settings.mail_user,
            password=password.get_secret_value() if password else None,
            ca_file=settings.mail_ca_file,
        )
        carriers[Channel.EMAIL] = SmtpMail(server, utc_now)
    if settings.sms_url is not None:
        gateway = SmsGateway(
            url=settings.sms_url,
            body=settings.sms_body,
            headers={name: value.get_secret_value() for name, value in settings.sms_headers.items()},
            format=settings.sms_format,
            success=settings.sms_success,
        )
        carriers[Channel.SMS] = HttpSms(gateway, web)
    return carriers


def run() -> None:
    """Serve with settings from the environment until told to stop."""
    settings = from_environment(Settings)
    write_logs("issuer", settings.logs)
    send_traces("issuer")
    keep_giving_back()
    serve(create_app(settings), host=settings.host, port=settings.port)


async def invite(
    *, name: str | None, email: str, roles: frozenset[str], organisation: str | None
) -> Invitation:
    """Make a one-time link over the database of the settings in the environment."""
    settings = from_environment(Settings)
    await upgrade(settings.database_url, MIGRATIONS)
    async with Database(settings.database_url) as db:
        SqlAuditLog(db)  # from here on the change is noted
        if organisation is not None:
            await LookUp(SqlRecords(db, Outbox(db))).organisation(organisation)
        people = console_of(settings, db).manage.of(organisation)
        return await people.let_in(name=name, email=email, roles=roles)


async def close_bundle(slug: str, *, close: bool) -> bytes:
    """Make an organisation's bundle from the database of the settings, beside a service that runs or not."""
    settings = from_environment(Settings)
    await upgrade(settings.database_url, MIGRATIONS)
    async with Database(settings.database_url) as db:
        SqlAuditLog(db)  # from here on the change is noted
        records = SqlRecords(db, Outbox(db))
        closing = _closing(records, DidHost(db, settings.sealing_key, settings.did_host))
        if close:
            with housekeeping("close-bundle", f"organisation:{slug}"):
                await closing.close(slug)
        organisation, _ = await closing.look_up.organisation(slug)
        return await closing.bundle(organisation)


async def import_skill_file(
    language: str, version: str, rows: Iterable[SkillRow | SkillFault]
) -> ImportedSkills:
    """Import into the database of the settings, beside a service that runs or not."""
    settings = from_environment(Settings)
    await upgrade(settings.database_url, MIGRATIONS)
    async with Database(settings.database_url) as db:
        return await ImportSkills(SqlSkills(db), utc_now)(language, version, rows)


def command() -> None:
    """Do what the command line says."""
    command_line_of_organisations(
        "issuer",
        serve=run,
        invite=invite,
        also={
            "esco": skill_commands(import_skill_file),
            "close-bundle": closing_command(close_bundle),
        },
    )


def _patiently(do: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """Do it once, waiting for the agent if need be."""

    async def until_done() -> None:
        while True:
            try:
                await do()
            except AgentTrouble as trouble:
                if not isinstance(trouble, AgentSilent):  # that one is told once, where it is noticed
                    log.warning("waiting for the agent: %s", type(trouble).__name__)
                await asyncio.sleep(AGENT_PAUSE_SECONDS)
            else:
                return

    return until_done


def _new_id() -> UUID:
    return UUID(new_id())
