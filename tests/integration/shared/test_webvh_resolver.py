import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.adapters.guarded_http import FetchFailed, GuardedClient, NotFound
from shared.adapters.webvh_resolver import AnswerMalformed, RolledBack, StatusListMissing, WebvhResolver
from shared.vc import attested_resource
from shared.vc.attested_resource import (
    REV_REG_DEF,
    SCHEMA,
    STATUS_LIST,
    ForeignSigned,
    ResourceInvalid,
    WrongDigest,
    WrongIssuer,
    WrongType,
    attest,
    link_to,
)
from shared.vc.keys import SigningKey
from shared.vc.webvh import (
    DidDeactivated,
    DidLogInvalid,
    deactivate,
    did_to_url,
    resource_to_url,
    rotate,
    verification_method,
    verify_log,
)
from tests.support.copies import MemoryCopies
from tests.support.dids import NOW, Party, party
from tests.support.http_server import Answer, Server, http_server

HOST = "https://issuer.ujuzi.test"


@dataclass
class Site:
    """An issuer's site: what it serves, and a resolver that looks at it."""

    server: Server
    school: Party
    resolver: WebvhResolver

    @property
    def log_path(self) -> str:
        return did_to_url(self.school.did).removeprefix(HOST)

    def serve_log(self, held: Party) -> None:
        self.server.serve(self.log_path, held.log.jsonl)

    def serve(self, resource: Mapping[str, Any], *, under: str | None = None) -> str:
        where = resource_to_url(under or resource["id"]).removeprefix(HOST)
        self.server.serve(where, json.dumps(resource))
        return under or str(resource["id"])

    def asked(self, resource_id: str) -> int:
        return self.server.asked(resource_to_url(resource_id).removeprefix(HOST))

    def registry(self, lists: Sequence[Mapping[str, Any]] = ()) -> str:
        return self.serve(self.school.attest({"tag": "r"}, REV_REG_DEF, links=list(lists)))

    def status_list(self, registry: str, timestamp: int) -> dict[str, Any]:
        made = self.school.attest(
            {"revRegDefId": registry, "timestamp": timestamp, "revocationList": []}, STATUS_LIST
        )
        self.serve(made)
        return link_to(made, timestamp)


@asynccontextmanager
async def site(
    *, status_seconds: float = 60.0, history_seconds: float = 60.0, max_objects: int = 8
) -> AsyncIterator[Site]:
    async with http_server() as server, GuardedClient({"issuer.ujuzi.test": server.url}) as client:
        resolver = WebvhResolver(
            client, status_seconds=status_seconds, history_seconds=history_seconds, max_objects=max_objects
        )
        made = Site(server, party(), resolver)
        made.serve_log(made.school)
        yield made


def rotated(held: Party) -> Party:
    next_key = SigningKey.generate()
    log = rotate(held.log, held.next_key, next_key, NOW + timedelta(hours=1))
    return Party(log, held.next_key, next_key)


async def test_a_did_and_its_objects_resolve_and_are_fetched_once() -> None:
    async with site() as at:
        wanted = at.serve(at.school.attest({"name": "s"}))
        for _ in range(3):
            found = await at.resolver.resource(wanted, SCHEMA)
            assert found.content["name"] == "s"
        assert (await at.resolver.history(at.school.did)).did == at.school.did
        assert at.asked(wanted) == 1
        assert at.server.asked(at.log_path) == 1


async def test_many_who_ask_at_the_same_time_share_one_fetch() -> None:
    async with site() as at:
        wanted = at.serve(at.school.attest({"name": "s"}))
        at.server.slowly = asyncio.Event()
        asking = [asyncio.create_task(at.resolver.resource(wanted, SCHEMA)) for _ in range(20)]
        asking[0].cancel()
        at.server.slowly.set()
        found = await asyncio.gather(*asking[1:])
        assert len({id(one) for one in found}) == 1
        assert at.asked(wanted) == at.server.asked(at.log_path) == 1


async def test_the_oldest_objects_leave_a_full_memory() -> None:
    async with site(max_objects=2) as at:
        ids = [at.serve(at.school.attest({"name": str(number)})) for number in range(3)]
        for wanted in ids:
            await at.resolver.resource(wanted, SCHEMA)
        await at.resolver.resource(ids[2], SCHEMA)
        await at.resolver.resource(ids[0], SCHEMA)
        assert [at.asked(wanted) for wanted in ids] == [2, 1, 1]


async def test_an_object_served_for_another_type_is_refused_also_from_memory() -> None:
    async with site() as at:
        wanted = at.serve(at.school.attest({"name": "s"}))
        await at.resolver.resource(wanted, SCHEMA)
        with pytest.raises(WrongType, match="it says 'anonCredsSchema'"):
            await at.resolver.resource(wanted, REV_REG_DEF)


async def test_tampered_foreign_signed_and_mislabelled_objects_are_refused() -> None:
    async with site() as at:
        good, other = at.school.attest({"name": "s"}), party(path=("orgs", "other"))
        at.serve(good | {"content": good["content"] | {"name": "t"}})
        with pytest.raises(WrongDigest, match="it was changed"):
            await at.resolver.resource(good["id"], SCHEMA)

        at.serve(
            attest(
                did=at.school.did,
                content=good["content"],
                resource_type=SCHEMA,
                name="s",
                key=other.key,
                verification_method=verification_method(other.did, other.key),
                created=NOW,
            )
        )
        with pytest.raises(ForeignSigned, match="does not speak for this DID"):
            await at.resolver.resource(good["id"], SCHEMA)

        for kind in (SCHEMA, REV_REG_DEF, STATUS_LIST):
            stolen = at.school.attest({"issuerId": other.did}, kind)
            with pytest.raises(WrongIssuer, match="claims to be another issuer's"):
                await at.resolver.resource(at.serve(stolen), kind)

        at.serve(at.school.attest({"name": "another"}), under=good["id"])
        with pytest.raises(WrongDigest, match="was asked for"):
            await at.resolver.resource(good["id"], SCHEMA)


async def test_a_failed_check_is_repeated_once_with_everything_fetched_anew() -> None:
    async with site() as at:
        await at.resolver.history(at.school.did)
        renewed = rotated(at.school)
        at.serve_log(renewed)
        resource = renewed.attest({"name": "s"}, created=NOW + timedelta(hours=2))
        path = resource_to_url(at.serve(resource)).removeprefix(HOST)
        stale = json.dumps(resource | {"links": []}).encode()
        at.server.answers[path] = [Answer(stale), Answer(json.dumps(resource).encode())]

        assert (await at.resolver.resource(resource["id"], SCHEMA)).content["name"] == "s"

        assert [
            headers.get("cache-control") for _, asked, headers, _ in at.server.requests if asked == path
        ] == [None, "no-cache"]
        assert at.server.asked(at.log_path) == 2


async def test_a_check_that_fails_anew_is_final() -> None:
    async with site() as at:
        resource = at.school.attest({"name": "s"})
        at.serve(resource | {"links": []})
        with pytest.raises(ResourceInvalid):
            await at.resolver.resource(resource["id"], SCHEMA)
        assert at.asked(resource["id"]) == 2


async def test_what_is_served_unchanged_is_verified_once_under_each_version_of_the_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checked: list[str] = []
    monkeypatch.setattr("shared.adapters.webvh_resolver.verify_log", _noting(checked, "log", verify_log))
    monkeypatch.setattr(attested_resource, "verify", _noting(checked, "object", attested_resource.verify))
    async with site() as at:
        registry = at.registry()
        for _ in range(3):
            await at.resolver.resource(registry, REV_REG_DEF, fresh=True)
        assert (at.asked(registry), at.server.asked(at.log_path)) == (3, 3), "it is fetched all the same"
        assert checked == ["log", "object"]
        at.school = rotated(at.school)
        at.serve_log(at.school)
        with pytest.raises(ForeignSigned):  # the very bytes that were in order under the key before
            await at.resolver.resource(registry, REV_REG_DEF, fresh=True)
        at.registry()
        await at.resolver.resource(registry, REV_REG_DEF, fresh=True)
        assert checked == ["log", "object", "log", "object", "object"]


def _noting[**P, T](checked: list[str], what: str, check: Callable[P, T]) -> Callable[P, T]:
    def noted(*args: P.args, **kwargs: P.kwargs) -> T:
        checked.append(what)
        return check(*args, **kwargs)

    return noted


async def test_a_tampered_log_is_refused() -> None:
    async with site() as at:
        at.server.serve(at.log_path, at.school.log.jsonl.replace("authentication", "keyAgreement"))
        with pytest.raises(DidLogInvalid, match=r"\(scid\)"):
            await at.resolver.history(at.school.did)


async def test_a_truncated_or_rewritten_log_is_refused_once_the_longer_one_was_seen() -> None:
    async with site(history_seconds=0) as at:
        longer, fork = rotated(at.school), rotated(at.school)
        at.serve_log(longer)
        assert (await at.resolver.history(at.school.did)).version_id.startswith("2-")
        for older in (at.school, fork):
            at.serve_log(older)
            with pytest.raises(RolledBack, match="had version 2"):
                await at.resolver.history(at.school.did)
        at.server.answers[at.log_path] = [
            Answer(at.school.log.jsonl.encode()),
            Answer(longer.log.jsonl.encode()),
        ]
        assert (await at.resolver.history(at.school.did)).version_id.startswith(
            "2-"
        )  # an old copy on the way, once


async def test_a_deactivated_did_and_all_its_objects_are_refused() -> None:
    async with site(history_seconds=0) as at:
        wanted = at.serve(at.school.attest({"name": "s"}))
        await at.resolver.resource(wanted, SCHEMA)
        ended = deactivate(at.school.log, signer=at.school.next_key, now=NOW + timedelta(hours=1))
        at.serve_log(replace(at.school, log=ended))
        with pytest.raises(DidDeactivated, match="ended by its controller"):
            await at.resolver.history(at.school.did)
        with pytest.raises(DidDeactivated, match="ended by its controller"):
            await at.resolver.resource(wanted, SCHEMA)


async def test_an_entry_dated_in_the_future_is_refused() -> None:
    async with http_server() as server, GuardedClient({"issuer.ujuzi.test": server.url}) as client:
        school = party()
        server.serve(did_to_url(school.did).removeprefix(HOST), school.log.jsonl)
        early = WebvhResolver(client, now=lambda: datetime(2020, 1, 1, tzinfo=UTC))
        with pytest.raises(DidLogInvalid, match="in the future"):
            await early.history(school.did)


@pytest.mark.parametrize("body", [b"\xff", b"{", b"[" * 100_000])
async def test_what_is_not_json_is_refused(body: bytes) -> None:
    async with site() as at:
        resource = at.school.attest({"name": "s"})
        at.serve(resource)
        at.server.serve(resource_to_url(resource["id"]).removeprefix(HOST), body)
        with pytest.raises(AnswerMalformed):
            await at.resolver.resource(resource["id"], SCHEMA)


async def test_what_is_not_there_is_said_so_and_asked_for_again_next_time() -> None:
    async with site() as at:
        resource = at.school.attest({"name": "s"})
        with pytest.raises(NotFound):
            await at.resolver.resource(resource["id"], SCHEMA)
        at.serve(resource)
        assert await at.resolver.resource(resource["id"], SCHEMA)


async def test_the_newest_status_list_is_the_newest_link_whatever_the_order() -> None:
    async with site(status_seconds=0) as at:
        registry = at.registry()
        links = [at.status_list(registry, timestamp) for timestamp in (30, 10, 20)]
        at.registry(links)
        assert (await at.resolver.newest_status_list(registry)).content["timestamp"] == 30
        assert (await at.resolver.status_list_at(registry, 29)).content["timestamp"] == 20
        assert (await at.resolver.status_list_at(registry, 20)).content["timestamp"] == 20
        with pytest.raises(StatusListMissing, match="no status list up to 9"):
            await at.resolver.status_list_at(registry, 9)


async def test_a_list_published_before_the_time_asked_for_is_never_missed_for_what_is_remembered() -> None:
    async with site(status_seconds=3600) as at:
        registry = at.registry()
        first = at.status_list(registry, 10)
        at.registry([first])
        now = int(time.time())
        assert (await at.resolver.status_list_at(registry, now)).content["timestamp"] == 10
        at.registry([first, at.status_list(registry, now)])
        assert (await at.resolver.status_list_at(registry, now)).content["timestamp"] == now
        assert (await at.resolver.status_list_at(registry, now - 60)).content["timestamp"] == 10


async def test_a_registry_without_a_list_is_said_so() -> None:
    async with site() as at:
        with pytest.raises(StatusListMissing, match="has to publish one"):
            await at.resolver.newest_status_list(at.registry())


async def test_a_new_list_is_seen_when_the_definition_is_fetched_anew() -> None:
    async with site(status_seconds=60) as at:
        registry = at.registry()
        first = at.status_list(registry, 1)
        at.registry([first])
        assert (await at.resolver.newest_status_list(registry)).content["timestamp"] == 1
        at.registry([first, at.status_list(registry, 2)])
        assert (await at.resolver.newest_status_list(registry)).content["timestamp"] == 1
        assert (await at.resolver.newest_status_list(registry, fresh=True)).content["timestamp"] == 2
        assert (await at.resolver.newest_status_list(registry)).content["timestamp"] == 2


async def test_a_definition_that_lost_its_newest_list_is_refused() -> None:
    async with site(status_seconds=0) as at:
        registry = at.registry()
        first, second = at.status_list(registry, 1), at.status_list(registry, 2)
        at.registry([first, second])
        await at.resolver.newest_status_list(registry)
        at.registry([first])
        with pytest.raises(RolledBack, match="linked a status list of 2 before"):
            await at.resolver.newest_status_list(registry)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"timestamp": 8}, "timestamp of the status list"),
        ({"timestamp": "7"}, "whole number"),
        ({"timestamp": True}, "whole number"),
        ({"digestMultibase": "zQmOther"}, "another DID or digest"),
        ({"id": f"did:webvh:{'Q' * 46}:evil.example/resources/z{'Q' * 46}"}, "another DID or digest"),
    ],
)
async def test_a_link_that_does_not_fit_its_list_is_refused(change: dict[str, Any], reason: str) -> None:
    async with site(status_seconds=0) as at:
        registry = at.registry()
        at.registry([at.status_list(registry, 7) | change])
        with pytest.raises(ResourceInvalid, match=reason):
            await at.resolver.newest_status_list(registry)


async def test_a_list_of_another_registry_is_refused() -> None:
    async with site(status_seconds=0) as at:
        registry = at.registry()
        at.registry([at.status_list(f"{registry}x", 7)])
        with pytest.raises(ResourceInvalid, match="revRegDefId of the status list"):
            await at.resolver.newest_status_list(registry)


# --- copies


@asynccontextmanager
async def keeping(copies: MemoryCopies) -> AsyncIterator[Site]:
    """A site, looked at by a resolver that keeps copies and waits a fifth of a second."""
    async with http_server() as server, GuardedClient({"issuer.ujuzi.test": server.url}) as client:
        resolver = WebvhResolver(client, copies=copies, try_seconds=0.2)
        made = Site(server, party(), resolver)
        made.serve_log(made.school)
        yield made


def restarted(at: Site, copies: MemoryCopies) -> WebvhResolver:
    """A resolver that remembers nothing but its copies."""
    return WebvhResolver(at.resolver._client, copies=copies, try_seconds=0.2)


async def test_a_host_that_fails_is_judged_by_copies_that_say_how_old_they_are() -> None:
    copies = MemoryCopies()
    async with keeping(copies) as at:
        wanted = at.registry()
        now = await at.resolver.seen(wanted, REV_REG_DEF, fresh=True)
        assert not now.away
        at.server.answers[at.log_path] = Answer(status=500)
        at.server.answers[resource_to_url(wanted).removeprefix(HOST)] = Answer(status=500)
        later = await restarted(at, copies).seen(wanted, REV_REG_DEF, fresh=True)
        assert later.resource == now.resource
        assert "500 came" in later.away
        assert (later.log_at, later.at) == (
            copies.kept[at.school.did].fetched_at,
            copies.kept[wanted].fetched_at,
        )
        with pytest.raises(FetchFailed, match="500 came"):
            await restarted(at, MemoryCopies()).seen(wanted, REV_REG_DEF, fresh=True)


async def test_a_host_that_hangs_is_waited_for_a_moment_only_where_there_are_copies() -> None:
    copies = MemoryCopies()
    async with keeping(copies) as at:
        wanted = [at.registry([at.status_list("r", number)]) for number in (1, 2)]
        for each in wanted:
            await at.resolver.seen(each, REV_REG_DEF, fresh=True)
        at.server.slowly = asyncio.Event()
        began = time.monotonic()
        later = restarted(at, copies)
        for each in wanted:
            assert "did not answer within" in (await later.seen(each, REV_REG_DEF, fresh=True)).away
        assert time.monotonic() - began < 0.4, "the second is not waited for again"
        at.server.slowly.set()


async def test_what_a_host_says_is_gone_is_not_judged_by_copies() -> None:
    copies = MemoryCopies()
    async with keeping(copies) as at:
        wanted = at.registry()
        await at.resolver.seen(wanted, REV_REG_DEF, fresh=True)
        at.server.answers[at.log_path] = Answer(status=410)
        with pytest.raises(NotFound):
            await restarted(at, copies).seen(wanted, REV_REG_DEF, fresh=True)


async def test_what_never_changes_is_read_from_its_copy_under_the_present_log() -> None:
    copies = MemoryCopies()
    async with keeping(copies) as at:
        wanted = at.serve(at.school.attest({"name": "s"}))
        await at.resolver.resource(wanted, SCHEMA)
        assert (await restarted(at, copies).resource(wanted, SCHEMA)).content["name"] == "s"
        assert at.asked(wanted) == 1
        at.serve_log(rotated(at.school))
        with pytest.raises(ForeignSigned):
            await restarted(at, copies).resource(wanted, SCHEMA)
        assert at.asked(wanted) == 3, "a copy under a replaced key is fetched anew, and once more to be sure"


async def test_a_damaged_copy_counts_for_nothing() -> None:
    copies = MemoryCopies()
    async with keeping(copies) as at:
        wanted = at.registry()
        await at.resolver.seen(wanted, REV_REG_DEF, fresh=True)
        copies.kept[wanted] = replace(copies.kept[wanted], body=b"{}")
        at.server.answers[at.log_path] = Answer(status=500)
        with pytest.raises(FetchFailed):
            await restarted(at, copies).seen(wanted, REV_REG_DEF, fresh=True)
