"""Who asks the learner, played with real DID logs, signatures and signed trust lists: what her wallet says, and what stops her answer.

docs/security.md shows the table.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from shared.adapters.webvh_resolver import WebvhResolver
from shared.contracts.signed_request import REQUEST_JWS_TYPE
from shared.ports.trust_pins import TrustPin
from shared.vc import jws
from shared.vc.jcs import digest_multibase
from shared.vc.keys import SigningKey
from shared.vc.trust_list import Authorization, Level, Status
from shared.vc.webvh import DidLog, create_log, did_to_url, rotate, verification_method
from tests.integration.verifier.test_attacks import LIST_URL, Authority
from tests.support.anoncreds_world import ServedInMemory
from tests.support.verifier_fakes import Clock
from tests.support.wallet_fakes import CONTENT, EDITION_ID, MemoryStore, a_credential, a_desk, a_wallet
from tests.unit.trust.lists import authorization, period
from tests.unit.wallet.test_answering import ASKED, payload
from wallet.adapters.webvh_facts import WebvhFacts
from wallet.domain.request import RequestExchange, RequestState
from wallet.domain.warning import WarningCode
from wallet.entry.shapes import RequestOut
from wallet.errors import WarningUnseen
from wallet.use_cases.consent_to_request import consent_to_request
from wallet.use_cases.find_edition import note_id
from wallet.use_cases.read_request import read_request

DOCUMENT = Path(__file__).parents[3] / "docs" / "security.md"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
CHOICES = {"need_0": "c1"}


@dataclass
class Scene:
    """A verifier with a DID, an authority with a list, and a learner with one credential who opens the verifier's link."""

    clock: Clock = field(default_factory=lambda: Clock(NOW))
    web: ServedInMemory = field(default_factory=ServedInMemory)
    key: SigningKey = field(default_factory=SigningKey.generate)
    next_key: SigningKey = field(default_factory=SigningKey.generate)
    asked: dict[str, Any] = field(default_factory=lambda: dict(ASKED))
    store: MemoryStore = field(default_factory=MemoryStore)

    def __post_init__(self) -> None:
        self.authority = Authority(self.clock)
        self.log = self.serve("jobs", self.key)

    def serve(self, name: str, key: SigningKey) -> DidLog:
        """Somebody's DID, at a host of its own."""
        log = create_log(
            host=f"{name}.ujuzi.test", path=("orgs", name), key=key, next_key=self.next_key,
            now=self.clock() - timedelta(days=2),
        )  # fmt: skip
        self.web.files[did_to_url(log.did)] = log.jsonl.encode()
        return log

    def verify(self, *later: tuple[Status, datetime], **limits: object) -> Authorization:
        """The verifier may ask since 2025, unless changed."""
        periods = (period(status, since, stand=False) for status, since in later)
        return authorization(*periods, **({"dids": (self.log.did,), "action": "verify"} | limits))

    async def lists(self, *authorizations: Authorization, **changes: object) -> None:
        """The wallet has pinned the authority's list, or takes a new issue of it."""
        listing = self.authority.listing(*authorizations, **changes)
        self.authority.web.pages[LIST_URL] = self.authority.signed(listing)
        pin = TrustPin(url=LIST_URL, name="demo", operator_key=self.authority.key.multikey)
        await self.authority.lists.pin(pin)

    def signs(self, *, key: SigningKey | None = None, kid: str | None = None, **changes: object) -> str:
        """The comment of a request, signed by the verifier unless changed."""
        now = int(self.clock().timestamp())
        said = payload(
            iss=self.log.did, iat=now, exp=now + 3600, proof_request_digest=digest_multibase(self.asked)
        )
        signed = jws.sign(
            said | changes,
            key=key or self.key,
            kid=kid or verification_method(self.log.did, self.key),
            typ=REQUEST_JWS_TYPE,
        )
        return f"Application\n{signed}"

    def receives(self, comment: str) -> None:
        """It arrives over the invitation `key-1`."""
        exchange = RequestExchange("r1", "connection-1", RequestState.OPEN, self.asked, comment)
        self.store = MemoryStore(
            held={"c1": a_credential("c1")},
            asked={"r1": exchange},
            kept={
                "connections": {"connection-1": {"recipient_keys": ["key-1"]}},
                "editions": {note_id(EDITION_ID): CONTENT},
            },
        )

    async def reads(self) -> dict[str, Any]:
        """What the learner is shown."""
        view = await read_request(a_wallet(self.store), "r1", desk=self.desk)
        return RequestOut.of(view).model_dump(mode="json")

    async def answers(self, *acknowledged: str) -> None:
        """She answers, having seen these warnings."""
        wallet = a_wallet(self.store)
        await consent_to_request(wallet, "r1", CHOICES, acknowledged=acknowledged, desk=self.desk)

    @property
    def desk(self) -> Any:  # noqa: ANN401
        facts = WebvhFacts(
            WebvhResolver(cast("Any", self.web), now=self.clock), cast("Any", self.web), clock=self.clock
        )
        desk = a_desk(facts=cast("Any", facts), lists=tuple(self.authority.lists.snapshots()))
        return replace(desk, clock=self.clock)


@dataclass(frozen=True)
class Attack:
    """One line of the table. `says`: how the asker is shown; `warned`: codes of what is warned of, the credential's included."""

    what: str
    says: str
    warned: tuple[str, ...]
    play: Callable[[Scene], Awaitable[None]]

    @property
    def id(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", self.what.lower()).strip("-")


type Play = Callable[[Scene], Awaitable[None]]


def listed(*later: tuple[Status, datetime], **limits: object) -> Play:
    async def play(scene: Scene) -> None:
        await scene.lists(scene.verify(*later, **limits))
        scene.receives(scene.signs())

    return play


def signed_with(**changes: object) -> Play:
    async def play(scene: Scene) -> None:
        await scene.lists(scene.verify())
        scene.receives(scene.signs(**cast("Any", changes)))

    return play


async def another_lists_it(scene: Scene) -> None:
    await scene.lists(authorization())
    scene.receives(scene.signs())


async def unsigned(scene: Scene) -> None:
    await scene.lists(scene.verify())
    scene.receives(f"{scene.log.did} asks you kindly")


async def under_anothers_did(scene: Scene) -> None:
    """A stranger has a DID that works, and says in the signed text that he is the listed verifier."""
    await scene.lists(scene.verify())
    key = SigningKey.generate()
    stranger = scene.serve("elsewhere", key)
    scene.receives(scene.signs(key=key, kid=verification_method(stranger.did, key)))


async def as_himself(scene: Scene) -> None:
    """The stranger signs in his own name, and calls himself as the listed one is called."""
    await scene.lists(scene.verify())
    key = SigningKey.generate()
    stranger = scene.serve("elsewhere", key)
    kid = verification_method(stranger.did, key)
    scene.receives(scene.signs(key=key, kid=kid, iss=stranger.did, verifier_name="Digital Skills Trust"))


async def rotated_out(scene: Scene) -> None:
    await scene.lists(scene.verify())
    scene.receives(scene.signs())
    after = rotate(scene.log, scene.next_key, SigningKey.generate(), scene.clock())
    scene.web.files[did_to_url(scene.log.did)] = after.jsonl.encode()


async def its_site_is_away(scene: Scene) -> None:
    await scene.lists(scene.verify())
    scene.receives(scene.signs())
    scene.web.away.add("jobs.ujuzi.test")


async def nothing_pinned(scene: Scene) -> None:
    scene.receives(scene.signs())


async def stale(scene: Scene) -> None:
    await scene.lists(scene.verify(), next_update=scene.clock() + timedelta(minutes=1))
    scene.receives(scene.signs())
    scene.clock.forward(minutes=2)


async def never_fetched(scene: Scene) -> None:
    pin = TrustPin(url=LIST_URL, name="demo", operator_key=scene.authority.key.multikey)
    await scene.authority.lists.pin(pin)
    scene.receives(scene.signs())


async def registry_away(scene: Scene) -> None:
    await scene.lists(scene.verify())
    scene.authority.web.pages.clear()
    await scene.authority.lists.refresh(LIST_URL)
    scene.receives(scene.signs())


async def rolled_back(scene: Scene) -> None:
    """The list withdrew it; somebody serves the issue from before to the wallet."""
    before = scene.authority.signed(scene.authority.listing(scene.verify()))
    await scene.lists(scene.verify(("withdrawn", LAST_WEEK)))
    await scene.authority.serves(before)
    scene.receives(scene.signs())


async def innocent_words(scene: Scene) -> None:
    """The signed text says that the title alone is shown; the proof request asks for the grade as well."""
    scene.asked["requested_attributes"] = {"need_0": {"names": ["title", "grade"]}}
    await scene.lists(scene.verify(attributes=("title", "awarded_dateint")))
    scene.receives(scene.signs(reveal=["title"]))


async def from_both_sides(scene: Scene) -> None:
    """Nothing is to be shown: the grade is compared until one value is left."""
    scene.asked.pop("requested_attributes")
    scene.asked["requested_predicates"] = {
        f"need_0_{number}": {"name": "workload_hours", "p_type": operator, "p_value": 120}
        for number, operator in enumerate((">=", "<="))
    }
    await scene.lists(scene.verify(attributes=("title", "awarded_dateint")))
    scene.receives(scene.signs(reveal=[]))


async def by_restriction(scene: Scene) -> None:
    """The grade is not asked for: only credentials with this one are admitted."""
    scene.asked["requested_attributes"] = {
        "need_0": {"names": ["title"], "restrictions": [{"attr::grade::value": "pass"}]}
    }
    await scene.lists(scene.verify(attributes=("title", "awarded_dateint")))
    scene.receives(scene.signs())


LAST_WEEK = NOW - timedelta(days=7)
EXPECTED = {"attributes": ("title", "achievement_id")}

ATTACKS = (
    Attack("The verifier is listed and asks for what it may", "listed", (), listed(**EXPECTED)),
    Attack("The verifier is on no list", "not_listed", ("not-listed",), another_lists_it),
    Attack("The verifier is listed to award only", "not_for_this", ("not-for-this",), listed(action="issue")),
    Attack("Its listing begins next month", "not_yet", ("not-yet",), listed(valid_from=date(2026, 12, 21))),
    Attack("It was suspended", "suspended", ("suspended",), listed(("suspended", LAST_WEEK))),
    Attack("Its listing lapsed", "lapsed", ("lapsed",), listed(("lapsed", LAST_WEEK))),
    Attack("The last day of its listing is over", "lapsed", ("lapsed",), listed(valid_to=date(2026, 11, 20))),
    Attack("Its listing was withdrawn", "withdrawn", ("withdrawn",), listed(("withdrawn", LAST_WEEK))),
    Attack("Its key was reported stolen", "compromised", ("compromised",), listed(("compromised", LAST_WEEK))),
    Attack("The wallet has pinned no list", "unchecked", ("no-list",), nothing_pinned),
    Attack("The list went stale", "unchecked", ("list-stale",), stale),
    Attack("The list was never had", "unchecked", ("list-not-checked",), never_fetched),
    Attack("The registry is away and the kept list is fresh", "listed", (), registry_away),
    Attack("An older list is served to undo a withdrawal", "withdrawn", ("withdrawn", "list-refused"), rolled_back),
    Attack("The request is not signed", "nobody: unsigned", ("unproven",), unsigned),
    Attack("The signature is forged", "nobody: not-its-signature", ("unproven",), signed_with(key=SigningKey.generate())),
    Attack("It is signed with a key that was replaced", "nobody: not-its-signature", ("unproven",), rotated_out),
    Attack("A stranger signs under a listed DID", "nobody: other-sender", ("unproven",), under_anothers_did),
    Attack("A stranger calls himself as a listed organisation is called", "not_listed", ("not-listed",), as_himself),
    Attack("A signed request is passed on over another link", "nobody: other-invitation", ("unproven",), signed_with(invitation_key="key-2")),
    Attack("A signature is put under another proof request", "nobody: other-request", ("unproven",), signed_with(proof_request_digest="zOther")),
    Attack("The site of whoever signed is away", "nobody: signer-not-reached", ("unproven",), its_site_is_away),
    Attack("More values are asked for than the signed text says and the listing allows", "listed", ("more-attributes",), innocent_words),
    Attack("A value beyond the listing is enclosed between two bounds", "listed", ("more-attributes",), from_both_sides),
    Attack("A value beyond the listing is demanded by a restriction", "listed", ("more-attributes",), by_restriction),
    Attack("A credential of another kind than the listing allows is asked for", "listed", ("other-kind",), listed(resources=("urn:other",))),
    Attack("A credential from another country than the listing allows", "listed", ("other-country",), listed(jurisdictions=("ZA",))),
    Attack("A credential of a higher level than the listing allows", "listed", ("above-level",), listed(highest_level=Level(framework="eqf", level=3))),
)  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.id)
async def test_the_wallet_says_who_asks_and_stops_what_was_not_acknowledged(attack: Attack) -> None:
    scene = Scene()
    await attack.play(scene)

    shown = await scene.reads()

    verifier = shown["verifier"]
    (doubt,) = [one["about"] for one in shown["warnings"] if one["code"] == "unproven"] or [None]
    said = f"nobody: {doubt[0]}" if doubt else verifier["accreditation"]["state"]
    (candidate,) = shown["needs"][0]["candidates"]
    warned = [one["code"] for one in (*shown["warnings"], *candidate["warnings"])]
    assert (said, tuple(warned)) == (attack.says, attack.warned)
    if doubt:
        assert (verifier["did"], verifier["name"], verifier["accreditation"]) == (None, None, None)
    for one in (verifier, *shown["warnings"], *candidate["warnings"]):
        assert all(words and "{" not in words for words in one["words"].values())

    for missing in warned:
        with pytest.raises(WarningUnseen, match=missing):
            await scene.answers(*(code for code in WarningCode if code != missing))
    assert scene.store.sent == []
    await scene.answers(*warned)
    assert [kind for kind, _ in scene.store.sent] == ["proof"]


@pytest.mark.parametrize("status", ["suspended", "lapsed", "withdrawn", "compromised"])
async def test_a_listing_that_ends_between_looking_and_answering_stops_the_answer(status: Status) -> None:
    scene = Scene()
    await scene.lists(scene.verify())
    scene.receives(scene.signs())
    assert (await scene.reads())["warnings"] == []

    await scene.lists(scene.verify((status, scene.clock())))

    with pytest.raises(WarningUnseen, match=f"found none for {status}"):
        await scene.answers()
    assert scene.store.sent == []


async def test_a_list_that_goes_stale_between_looking_and_answering_stops_the_answer() -> None:
    scene = Scene()
    await scene.lists(scene.verify(), next_update=scene.clock() + timedelta(minutes=1))
    scene.receives(scene.signs())
    assert (await scene.reads())["warnings"] == []

    scene.clock.forward(minutes=2)

    with pytest.raises(WarningUnseen, match="found none for list-stale"):
        await scene.answers()
    assert scene.store.sent == []


async def test_a_listing_narrowed_between_looking_and_answering_stops_the_answer() -> None:
    scene = Scene()
    await scene.lists(scene.verify())
    scene.receives(scene.signs())
    assert (await scene.reads())["warnings"] == []

    await scene.lists(scene.verify(attributes=("title",)))

    with pytest.raises(WarningUnseen, match="found none for more-attributes"):
        await scene.answers()
    assert scene.store.sent == []


async def test_a_kept_list_says_how_old_it_is() -> None:
    scene = Scene()
    await registry_away(scene)
    looked = scene.clock()
    scene.clock.forward(hours=3)

    used = (await scene.reads())["verifier"]["accreditation"]["trust_list"]

    assert datetime.fromisoformat(used["checked_at"]) == looked


def test_the_document_shows_this_very_table() -> None:
    rows = re.findall(
        r"^\| (.+?) \| `([\w: -]+)` \| (`[^|]+`|nothing) \|$", DOCUMENT.read_text(), re.MULTILINE
    )
    shown = [
        (what, says, "" if warned == "nothing" else warned.replace("`", "")) for what, says, warned in rows
    ]
    assert shown == [(each.what, each.says, ", ".join(each.warned)) for each in ATTACKS]
