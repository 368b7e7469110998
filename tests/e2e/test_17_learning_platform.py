"""A learning platform drives the issuer by its API alone, with a key of its own, and is told by webhook what becomes of a cohort."""

import csv
import json
from typing import Any

from standardwebhooks import Webhook as Reference

from services.launcher.adapters.bundled_files import demonstration_data
from services.launcher.adapters.http_json import JsonApi
from services.launcher.domain.story import PROGRAMME, template_of
from tests.support.exchange import RunningExchange
from tests.support.http_server import Answer, Server, http_server
from tests.support.wait import until

SECONDS = 90
SCOPES = ["awards:read", "awards:write", "templates:write", "templates:publish", "webhooks:write"]
COHORT = (
    "given_name,family_name,email,phone,language,awarded_on,grade_pct\n"
    "Wanjiku,Kamau,,,en,2026-03-01,81\n"
    "Otieno,Owino,,,en,2026-13-01,77\n"
)


class Platform:
    """What it calls, and what it is told: each message verified by the convention's own library."""

    def __init__(self, api: JsonApi, server: Server, secret: str) -> None:
        self.api, self.server, self.reference = api, server, Reference(secret)

    def told(self) -> list[dict[str, Any]]:
        return [self.reference.verify(body, headers) for _, _, headers, body in list(self.server.requests)]

    async def hears(self, event_type: str, **data: str) -> dict[str, Any]:
        """Wait until it is told of this."""

        def heard() -> dict[str, Any] | None:
            found = (each["data"] for each in self.told() if each["type"] == event_type)
            return next((each for each in found if data.items() <= each.items()), None)

        return await until(heard, SECONDS, f"the platform is told {event_type}")


async def test_a_platform_awards_a_cohort_and_hears_that_it_was_issued(exchange: RunningExchange) -> None:
    own = await exchange.issuer_api.post("/v1/api-keys", {"name": "learning platform", "scopes": SCOPES})
    api = JsonApi(exchange.endpoints["issuer"], own["key"], exchange.client)
    async with http_server() as server:
        server.answers["/told"] = Answer(status=200)
        hook = await api.post("/v1/webhooks", {"url": f"{server.url}/told"})
        platform = Platform(api, server, hook["secret"])

        programmes = json.loads(demonstration_data("programmes.json"))
        described = template_of(next(one for one in programmes if one["key"] == PROGRAMME))
        draft = await api.post("/v1/templates", described)
        published = await api.post(f"/v1/templates/{draft['id']}/publish")
        assert published["state"] == "published"

        batch = await api.send_csv("/v1/batches/check", COHORT, template=draft["id"])
        path = f"/v1/batches/{batch['id']}"
        rows: Any = await api.get(f"{path}/rows", state="faulty")
        (faulty,) = rows
        await api.put(f"{path}/rows/{faulty['row']}", {"awarded_on": "2026-03-01"})
        await api.post(f"{path}/prepare")
        prepared = await platform.hears("batch.prepared", batch_id=batch["id"])
        assert prepared["awards"] == 2

        # No mail server here: it sends the links itself.
        links = await exchange.client.get(
            f"{exchange.endpoints['issuer']}{path}/links.csv",
            headers={"Authorization": f"Bearer {own['key']}"},
        )
        link, _ = csv.DictReader(links.text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}").splitlines())
        await platform.hears("award.delivered", award_id=link["award_id"])
        award, other = (await api.get("/v1/awards", batch=batch["id"]))["items"]
        assert link["award_id"] == award["id"]
        graduate = await exchange.new_graduate()
        await graduate.take_award((await api.post(link["link"]))["invitation_url"])
        issued = await platform.hears("award.issued", award_id=award["id"])
        assert issued["links"]["award"] == f"{exchange.endpoints['issuer']}/v1/awards/{award['id']}"
        assert (await api.get(f"/v1/awards/{award['id']}"))["stage"] == "issued"

        await api.post(f"/v1/awards/{award['id']}/suspend", {"reason": "A doubt."})
        assert (await platform.hears("award.suspended", award_id=award["id"]))["suspended"] is True
        await api.post(f"/v1/awards/{other['id']}/revoke", {"reason": "Entered twice."})
        await platform.hears("award.revoked", award_id=other["id"])
        everything = json.dumps(platform.told())
        assert not any(
            name in everything for name in ("Wanjiku", "Kamau", "Otieno", "Owino", "doubt", "twice")
        )
        await api.delete(f"/v1/webhooks/{hook['webhook']['id']}")
