"""What an exchange tells whoever runs it: one trace from a spreadsheet to a stored credential, and nothing of a learner."""

import csv
import io
from uuid import UUID

from services.launcher.adapters.http_graduate import HttpGraduate
from tests.support.exchange import RunningExchange
from tests.support.otlp_receiver import OtlpReceiver, Told
from tests.support.wait import until

SECONDS = 60
STORED = "POST /issue-credential-2.0/records/{cred_ex_id}/store"
UPLOADED = "POST /v1/batches"


async def test_one_trace_leads_from_the_spreadsheet_to_the_stored_credential(
    exchange: RunningExchange, traces: OtlpReceiver, template_id: str, spreadsheet: str
) -> None:
    *_, award = await exchange.issuer.issue_batch(template_id, spreadsheet)
    graduate = await exchange.new_graduate()
    await graduate.take_award(await exchange.issuer.claim(award.claim_url))

    def of_the_award() -> list[Told]:
        claimed = next((s.trace for s in traces.spans if s.attributes.get("award_id") == award.id), None)
        return [span for span in traces.spans if span.trace == claimed]

    await until(
        lambda: {UPLOADED, STORED} <= {span.name for span in of_the_award()},
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
    assert {span.parent for span in spans} - {span.id for span in traces.spans} == {""}

    said = "\n".join({*traces.resources, *(span.whole for span in traces.spans)})
    found = [
        secret for secret in secrets_of(exchange, graduate, award.claim_url, spreadsheet) if secret in said
    ]
    assert not found, f"spans hold {found}"


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
