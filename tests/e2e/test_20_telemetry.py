"""What an exchange tells whoever runs it: one trace from a spreadsheet to a stored credential, one from a request to its verdict, and nothing of a learner."""

import csv
import io
import json
from typing import Any
from uuid import UUID

from services.launcher.adapters.http_graduate import HttpGraduate
from services.launcher.domain.story import JUNIOR, ClaimableAward
from tests.support.exchange import RunningExchange
from tests.support.otlp_receiver import OtlpReceiver, Told
from tests.support.traces import said_in
from tests.support.wait import until

SECONDS = 60
STORED = "POST /issue-credential-2.0/records/{cred_ex_id}/store"
PUBLISHED = frozenset({"achievement_id", "awarding_body_id", "title", "profile_version", "issuer_country"})
UPLOADED = "POST /v1/batches"
ASKED = "POST /v1/requests"


async def test_one_trace_leads_from_the_spreadsheet_to_the_stored_credential(
    exchange: RunningExchange, traces: OtlpReceiver, template_id: str, spreadsheet: str
) -> None:
    *_, award = await exchange.issuer.issue_batch(template_id, spreadsheet)
    graduate = await exchange.new_graduate()
    await graduate.take_award(await exchange.issuer.claim(award.claim_url))

    def of_the_award() -> list[Told]:
        claimed = next((s.trace for s in traces.spans if s.attributes.get("award_id") == award.id), None)
        return [span for span in traces.spans if span.trace == claimed]

    def is_whole() -> bool:
        """A step is told when it ends, so after those within it."""
        spans = of_the_award()
        parents_told = {span.parent for span in spans} <= {"", *(span.id for span in traces.spans)}
        return {UPLOADED, STORED} <= {span.name for span in spans} and parents_told

    await until(
        is_whole,
        SECONDS,
        "one trace holds the upload and the storing",
    )
    spans = of_the_award()
    programs = {(span.program, span.name) for span in spans}
    assert {
        ("ujuzi-issuer", UPLOADED),
        ("ujuzi-issuer", "claim"),
        ("ujuzi-issuer", "offer"),
        ("ujuzi-issuer-agent", "POST /issue-credential-2.0/send-offer"),
        ("ujuzi-issuer", "take didcomm-sender"),
        ("ujuzi-wallet", "POST /didcomm"),
        ("ujuzi-wallet-agent", "send"),
        ("ujuzi-issuer", "follow"),
        ("ujuzi-issuer-agent", "POST /issue-credential-2.0/records/{cred_ex_id}/issue"),
        ("ujuzi-wallet-agent", STORED),
    } <= programs
    (upload,) = [span for span in spans if span.name == UPLOADED]
    assert upload.parent == ""

    said = "\n".join({*traces.resources, *(span.whole for span in traces.spans)})
    found = said_in(secrets_of(exchange, graduate, award.claim_url, spreadsheet), said)
    assert not found, f"spans hold {found}"


async def test_one_trace_leads_from_a_verifiers_request_to_its_verdict(
    exchange: RunningExchange, traces: OtlpReceiver, awards: list[ClaimableAward], spreadsheet: str
) -> None:
    award = awards.pop()
    graduate = await exchange.new_graduate()
    await graduate.take_award(await exchange.issuer.claim(award.claim_url))
    request_id, invitation_url = await exchange.verifier.ask(JUNIOR.body())
    await graduate.answer(invitation_url)
    assert (await exchange.verifier.verdict(request_id)).result == "accepted"

    def of_the_request() -> list[Told]:
        asked = next((s.trace for s in traces.spans if s.attributes.get("request_id") == request_id), None)
        return [span for span in traces.spans if span.trace == asked]

    def is_whole() -> bool:
        spans = of_the_request()
        parents_told = {span.parent for span in spans} <= {"", *(span.id for span in spans)}
        return {ASKED, "close"} <= {span.name for span in spans} and parents_told

    await until(is_whole, SECONDS, "one trace holds the request and its end")
    spans = of_the_request()
    assert {
        ("ujuzi-verifier", ASKED),
        ("ujuzi-verifier", "ask"),
        ("ujuzi-verifier-agent", "POST /present-proof-2.0/send-request"),
        ("ujuzi-wallet", "POST /didcomm"),
        ("ujuzi-verifier", "judge"),
        ("ujuzi-verifier", "close"),
    } <= {(span.program, span.name) for span in spans}
    (made,) = [span for span in spans if span.name == ASKED]
    assert made.parent == ""

    said = "\n".join(span.whole for span in spans)
    wanted = secrets_of(exchange, graduate, award.claim_url, spreadsheet)
    assert not said_in(wanted, said), "spans say too much"


async def test_no_log_says_anything_of_a_learner_nor_what_opens_something(
    exchange: RunningExchange, template_id: str, spreadsheet: str
) -> None:
    *_, award = await exchange.issuer.issue_batch(template_id, spreadsheet)
    graduate = await exchange.new_graduate()
    await graduate.take_award(await exchange.issuer.claim(award.claim_url))
    offers = await graduate.learner.offers()
    claims = {
        str(claim["value"]) for offer in offers for claim in offer["claims"] if len(str(claim["value"])) > 8
    }
    assert claims
    wanted = (secrets_of(exchange, graduate, award.claim_url, spreadsheet) | claims) - known_to_all(
        exchange, graduate, offers
    )

    logs = sorted((exchange.home / "logs").iterdir())
    assert {"issuer.log", "wallet-agent.log", "nats.log"} <= {log.name for log in logs}
    for log in logs:
        said = log.read_text(errors="replace")
        assert not said_in(wanted, said), f"{log.name} says too much"
    # the interpreter warns before there are logs
    written = (exchange.home / "logs" / "issuer.log").read_text().splitlines()
    lines = [json.loads(line) for line in written if line.startswith("{")]
    assert {line["service"] for line in lines} == {"issuer"}
    assert all({"time", "level", "logger", "event", "message"} <= line.keys() for line in lines)


def known_to_all(exchange: RunningExchange, graduate: HttpGraduate, offers: list[dict[str, Any]]) -> set[str]:
    """What logs may name: wallets by their ids, and what is published."""
    public = {claim["value"] for offer in offers for claim in offer["claims"] if claim["name"] in PUBLISHED}
    return public | {str(each.learner.wallet_id) for each in [graduate, *exchange.graduates]}


def secrets_of(
    exchange: RunningExchange, graduate: HttpGraduate, claim_url: str, spreadsheet: str
) -> set[str]:
    """What must stand nowhere: who was awarded what, and whatever opens something."""
    rows = list(csv.DictReader(io.StringIO(spreadsheet)))
    names = {
        row[column]
        for row in rows
        for column in ("given_name", "family_name", "email", "phone")
        if row.get(column)
    }
    wallets = {str(each.learner.wallet_id) for each in exchange.graduates}
    assert all(UUID(wallet) for wallet in wallets)
    keys = set(exchange.endpoints["keys"].values())
    return names | wallets | keys | {graduate.passphrase, claim_url.rsplit("/", 1)[1]}
