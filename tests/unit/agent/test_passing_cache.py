"""A cache in which what expired is never found, and is gone in the end."""

import time

import pytest
from acapy_agent.cache.in_memory import InMemoryCache

from services.agent.adapters import passing_cache


class Cache(InMemoryCache):  # type: ignore[misc]  # ACA-Py has no types
    get = passing_cache.look
    _remove_expired_cache_items = passing_cache.sweep
    set = passing_cache.keeping_briefly(InMemoryCache.set)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    at = [1000.0]
    monkeypatch.setattr(time, "perf_counter", lambda: at[0])
    return at


async def test_what_is_kept_is_found_until_the_moment_it_expires(now: list[float]) -> None:
    cache = Cache()
    await cache.set(["a", "b"], "value", ttl=10)
    now[0] += 9.9
    assert await cache.get("a") == "value"
    now[0] += 0.1
    assert await cache.get("a") is None
    assert await cache.get("never kept") is None


@pytest.mark.parametrize("ttl", [None, 3600])
async def test_nothing_is_kept_for_long(now: list[float], ttl: float | None) -> None:
    cache = Cache()
    await cache.set("for ever", "value", ttl)
    now[0] += passing_cache.MOST_SECONDS - 1
    assert await cache.get("for ever") == "value"
    now[0] += 1
    await cache.set("another", "value")
    assert set(cache._cache) == {"another"}


async def test_what_nobody_asks_for_again_is_gone_a_minute_after_it_expired(now: list[float]) -> None:
    cache = Cache()
    await cache.set("first", "value", ttl=10)
    now[0] += 59
    await cache.set("second", "value", ttl=10)
    assert set(cache._cache) == {"first", "second"}, "not swept at every call"
    now[0] += 1
    await cache.set("third", "value", ttl=10)
    assert set(cache._cache) == {"second", "third"}


async def test_whoever_waits_for_another_to_keep_it_gets_it(now: list[float]) -> None:
    assert now
    cache = Cache()
    async with cache.acquire("key") as entry:
        assert entry.result is None
        await entry.set_result("value", ttl=10)
    async with cache.acquire("key") as entry:
        assert entry.result == "value"
