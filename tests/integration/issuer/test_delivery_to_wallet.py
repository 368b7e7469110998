"""From a spreadsheet over a real mail server and an SMS gateway to a credential in a wallet, with real agents."""

import csv
import io
import json
import re
from typing import Any

from tests.integration.issuer import learner
from tests.integration.issuer.conftest import IssuerUnderTest
from tests.support.flows import new_learner
from tests.support.smtp_server import report_about
from tests.support.wait import until

HEADER = "given_name,family_name,email,phone,language,awarded_on,grade_pct\n"
ROWS = (
    "Amina,Wanjiru,amina.mail@example.org,+254700000011,ar,2026-03-01,88\n"
    "Baraka,-,gone@example.org,+254700000012,fr,2026-03-01,71\n"
    "Chipo,Moyo,,,sw,2026-03-01,90\n"
)


async def batch(issuer: IssuerUnderTest) -> dict[str, Any]:
    return await issuer.post(
        "/v1/batches",
        params={"template": await issuer.template()},
        content=(HEADER + ROWS).encode(),
        headers={"Content-Type": "text/csv"},
    )


async def stand(issuer: IssuerUnderTest, batch_id: str) -> dict[tuple[str, str, str], int]:
    found = (await issuer.api.get(f"/v1/batches/{batch_id}/delivery")).json()["messages"]
    return {(each["kind"], each["channel"], each["state"]): each["count"] for each in found}


async def test_a_mail_and_a_code_lead_to_a_credential_and_a_bounce_to_the_officer(
    issuer: IssuerUnderTest,
) -> None:
    issuer.mail.refuse["gone@example.org"] = "550 5.1.1 <gone@example.org>: no such user"
    made = await batch(issuer)
    sent = await issuer.post(f"/v1/batches/{made['id']}/send", json={})
    assert sent["queued"] == {"email": 2, "sms": 0, "sheet": 1}
    assert (await issuer.post(f"/v1/batches/{made['id']}/send"))["sent_before"] == 3

    async def all_out() -> bool:
        return sum(
            count for (_, way, state), count in (await stand(issuer, made["id"])).items()
            if way != "sheet" and state != "queued"
        ) == 4  # fmt: skip

    await until(all_out, 40, "mails and codes are out")
    assert await stand(issuer, made["id"]) == {
        ("claim_link", "email", "sent"): 1,
        ("claim_link", "email", "bounced"): 1,
        ("claim_link", "sheet", "queued"): 1,
        ("code", "sms", "sent"): 2,
    }

    (mail,) = issuer.mail.to("amina.mail@example.org")
    assert '<html lang="ar" dir="rtl">' in mail.html
    link = re.search(r"http://\S+/claim/\S+", mail.text)
    assert link is not None
    texts = {(body := json.loads(raw))["to"]: body["text"] for _, _, _, raw in issuer.sms.requests}
    code = re.search(r"\b[2-9A-Z]{8}\b", texts["+254700000011"])
    assert code is not None
    assert code.group() not in mail.text

    without = await issuer.api.post(link.group(), json={})
    assert without.status_code == 403
    page = await issuer.api.get(link.group(), headers={"Accept": "text/html", "Accept-Language": "en"})
    assert "You can use this link until" in page.text

    wallet = (await new_learner(issuer.wallet)).api
    begun = await issuer.post(link.group(), json={"code": code.group()})
    await learner.accept(wallet, await learner.offered(wallet, begun["invitation_url"]))
    awards = (await issuer.api.get("/v1/awards", params={"batch": made["id"]})).json()["items"]
    amina, baraka, chipo = sorted(awards, key=lambda award: award["row"])
    await issuer.reaches(amina["id"], "issued")
    assert len(await learner.credentials(wallet)) == 1

    shown = (await issuer.api.get(f"/v1/awards/{baraka['id']}/messages")).json()
    bounced = next(each for each in shown["messages"] if each["state"] == "bounced")
    assert "no such user" in bounced["problem"]
    assert "gone@" not in bounced["problem"]
    assert "supersede" in bounced["remedy"]

    listed = await issuer.api.get(f"/v1/batches/{made['id']}/links.csv")
    rows = list(csv.DictReader(io.StringIO(listed.content.decode("utf-8-sig"), newline="")))
    assert [row["given_name"] for row in rows] == ["Baraka", "Chipo"]
    slips = await issuer.api.get(f"/v1/batches/{made['id']}/slips.pdf")
    assert slips.content.startswith(b"%PDF-")
    assert (await stand(issuer, made["id"]))["claim_link", "sheet", "sent"] == 1
    log = (await issuer.api.get("/v1/audit", params={"limit": 200})).json()["items"]
    noted = {(line["what"], tuple(line["objects"])) for line in log}
    for file in ("slips.pdf", "links.csv"):
        assert (f"GET /v1/batches/{{batch_id}}/{file}", (f"batch:{made['id']}",)) in noted

    short = rows[1]["link"]
    assert (await issuer.api.get(short)).status_code == 200
    assert chipo["state"] == "prepared"


async def test_a_report_taken_in_is_shown_and_only_with_its_scope(issuer: IssuerUnderTest) -> None:
    made = await batch(issuer)
    await issuer.post(f"/v1/batches/{made['id']}/send", json={"codes": False})
    awards = (await issuer.api.get("/v1/awards", params={"batch": made["id"]})).json()["items"]
    amina = next(award for award in awards if award["given_name"] == "Amina")

    async def out() -> list[dict[str, Any]]:
        found = (await issuer.api.get(f"/v1/awards/{amina['id']}/messages")).json()["messages"]
        return [each for each in found if each["state"] == "sent"]

    (message,) = await until(out, 40, "the mail is out")
    report = report_about(f"<ujuzi.{message['id']}@ngo.example>", to="awards@ngo.example")
    kind = {"Content-Type": "message/rfc822"}
    key = (await issuer.post("/v1/api-keys", json={"name": "mail server", "scopes": ["bounces:write"]}))[
        "key"
    ]
    reader = (await issuer.post("/v1/api-keys", json={"name": "reader", "scopes": ["awards:read"]}))["key"]

    refused = await issuer.api.post(
        "/v1/bounces", content=report, headers={**kind, "Authorization": f"Bearer {reader}"}
    )
    assert refused.status_code == 403
    mine = {"Authorization": f"Bearer {key}"}
    assert (await issuer.api.post("/v1/bounces", content=report, headers=mine)).status_code == 415
    nonsense = await issuer.api.post(
        "/v1/bounces", content=b"Subject: x\r\n\r\nhello", headers={**kind, **mine}
    )
    assert nonsense.status_code == 422
    taken = await issuer.api.post("/v1/bounces", content=report, headers={**kind, **mine})
    assert (taken.status_code, taken.json()["state"]) == (200, "bounced")
    assert (await issuer.api.get("/v1/awards", headers=mine)).status_code == 403, "the key may nothing else"
