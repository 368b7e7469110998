from datetime import datetime, timedelta

from shared.adapters.guarded_http import NotFound
from shared.adapters.http_trust_lists import TrustSnapshots
from shared.ports.trust_pins import TrustPin
from shared.vc.keys import SigningKey
from shared.vc.trust_decision import Refused, Unreachable, decide
from shared.vc.trust_list_form import sign_list
from shared.vc.webvh import DidHistory
from tests.unit.trust.fakes import MemoryTrustPins, Web
from tests.unit.trust.lists import NOW, authorization, question, trust_list

KEY = SigningKey.from_seed(bytes(range(32)))
URL = "https://registry.ujuzi.test/lists/demo"
PIN = TrustPin(url=URL, name="demo", operator_key=KEY.multikey)


def signed(key: SigningKey = KEY, **changes: object) -> str:
    return sign_list(trust_list(authorization(), **changes), key=key, kid="did:webvh:x#1")


class Bench:
    """One party's snapshots over a web and a clock that a test moves."""

    def __init__(self, pins: MemoryTrustPins | None = None) -> None:
        self.web = Web()
        self.pins = pins or MemoryTrustPins()
        self.now = NOW
        self.lists = TrustSnapshots(self.web, self.pins, self, clock=self.clock)

    async def history(self, did: str, *, fresh: bool = False) -> DidHistory:
        raise NotFound(f"nothing is served for {did}, fresh={fresh}")

    def clock(self) -> datetime:
        return self.now


async def test_a_pinned_list_is_fetched_at_once() -> None:
    bench = Bench()
    bench.web.pages[URL] = signed()

    snapshot = await bench.lists.pin(PIN)

    assert snapshot.state(NOW) == "fresh"
    assert bench.lists.snapshots() == (snapshot,)
    assert decide(bench.lists.snapshots(), question(), now=NOW).outcome == "passed"


async def test_a_newer_list_is_taken_and_remembered() -> None:
    bench = Bench()
    bench.web.pages[URL] = signed()
    await bench.lists.pin(PIN)
    bench.web.pages[URL] = signed(sequence=9)

    await bench.lists.refresh_all()

    [state] = await bench.pins.all()
    assert state.seen is not None
    assert (state.seen.sequence, state.seen.compact) == (9, bench.web.pages[URL])


async def test_a_rolled_back_list_is_refused_and_the_old_one_kept() -> None:
    bench = Bench()
    bench.web.pages[URL] = signed()
    await bench.lists.pin(PIN)
    bench.web.pages[URL] = signed(sequence=6)

    snapshot = await bench.lists.refresh(URL)

    assert snapshot.state(NOW) == "refused"
    assert snapshot.trust_list is not None
    assert snapshot.trust_list.sequence == 7
    decision = decide(bench.lists.snapshots(), question(), now=NOW)
    assert decision.outcome == "passed"
    assert "rolled back" in decision.warnings[0]
    later = decide(bench.lists.snapshots(), question(), now=NOW + timedelta(days=1))
    assert later.outcome == "unknown"
    assert "rolled back" in later.reason


async def test_a_rollback_is_refused_after_a_restart_too() -> None:
    before = Bench()
    before.web.pages[URL] = signed()
    await before.lists.pin(PIN)
    after = Bench(before.pins)
    after.web.pages[URL] = signed(sequence=6)
    await after.lists.start()

    snapshot = await after.lists.refresh(URL)

    assert isinstance(snapshot.problem, Refused)
    assert "number 6 is older than number 7" in snapshot.problem.reason


async def test_a_restart_takes_up_the_stored_list_without_a_fetch() -> None:
    before = Bench()
    before.web.pages[URL] = signed()
    await before.lists.pin(PIN)
    after = Bench(before.pins)

    await after.lists.start()

    assert after.web.asked == 0
    assert decide(after.lists.snapshots(), question(), now=NOW).outcome == "passed"


async def test_a_list_by_another_key_is_refused() -> None:
    bench = Bench()
    bench.web.pages[URL] = signed(SigningKey.generate())

    snapshot = await bench.lists.pin(PIN)

    assert snapshot.trust_list is None
    assert isinstance(snapshot.problem, Refused)
    assert "not signed by the pinned operator key" in snapshot.problem.reason
    decision = decide([snapshot], question(), now=NOW)
    assert decision.outcome == "unknown"
    assert "could not be checked: the list is not signed by the pinned operator key" in decision.reason


async def test_an_unreachable_list_says_since_when_and_recovers() -> None:
    bench = Bench()
    await bench.lists.pin(PIN)
    bench.now += timedelta(minutes=1)

    lost = await bench.lists.refresh(URL)

    assert lost.problem == Unreachable(reason=f"no answer from {URL}", since=NOW)
    bench.web.pages[URL] = signed()
    assert (await bench.lists.refresh(URL)).state(bench.now) == "fresh"


async def test_a_stored_list_that_was_tampered_with_is_refused_and_still_guards_its_number() -> None:
    before = Bench()
    before.web.pages[URL] = signed()
    await before.lists.pin(PIN)
    # the key of the pin is changed behind our back, so the stored list no longer opens
    other = SigningKey.generate()
    [state] = await before.pins.all()
    tampered = MemoryTrustPins()
    await tampered.pin(TrustPin(url=URL, name="demo", operator_key=other.multikey))
    assert state.seen is not None
    await tampered.advance(URL, state.seen)
    after = Bench(tampered)
    after.web.pages[URL] = signed(other, sequence=2)
    await after.lists.start()
    [stored] = after.lists.snapshots()
    assert isinstance(stored.problem, Refused)
    assert "the stored list is refused" in stored.problem.reason

    snapshot = await after.lists.refresh(URL)

    assert isinstance(snapshot.problem, Refused)
    assert "number 2 is older than number 7" in snapshot.problem.reason
    after.web.pages[URL] = signed(other, sequence=7, territory="UG")
    forked = await after.lists.refresh(URL)
    assert isinstance(forked.problem, Refused)
    assert "number 7 now says something else" in forked.problem.reason


async def test_pinning_another_key_starts_afresh() -> None:
    bench = Bench()
    bench.web.pages[URL] = signed()
    await bench.lists.pin(PIN)
    new_key = SigningKey.generate()
    bench.web.pages[URL] = signed(new_key, sequence=1)

    snapshot = await bench.lists.pin(TrustPin(url=URL, name="demo", operator_key=new_key.multikey))

    assert snapshot.state(NOW) == "fresh"


async def test_an_unpinned_list_is_gone() -> None:
    bench = Bench()
    bench.web.pages[URL] = signed()
    await bench.lists.pin(PIN)

    await bench.lists.unpin(URL)

    assert bench.lists.snapshots() == ()
    [unknown] = bench.lists.snapshots([URL])
    assert decide([unknown], question(), now=NOW).reason.endswith(
        "could not be checked: this list is not pinned"
    )


async def test_a_pin_made_or_dropped_by_another_process_is_noticed() -> None:
    bench = Bench()
    bench.web.pages[URL] = signed()
    await bench.pins.pin(PIN)
    await bench.lists.refresh_all()
    assert len(bench.lists.snapshots()) == 1

    await bench.pins.unpin(URL)
    await bench.lists.refresh_all()

    assert bench.lists.snapshots() == ()


async def test_something_that_is_not_text_is_refused() -> None:
    bench = Bench()
    bench.web.pages[URL] = "\u00e9\u00e9"

    snapshot = await bench.lists.pin(PIN)

    assert isinstance(snapshot.problem, Refused)
    assert "expected a compact JWS" in snapshot.problem.reason
