"""Play the demonstration's story on a running exchange and return the account of it."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.launcher.domain import story
from services.launcher.domain.exchange import Names
from services.launcher.ports import Accredit, Ask, HasDid, Issue, Learn, PinList, Tell
from services.launcher.use_cases.introduce_demonstration import introduce_demonstration

_CLAIMS_AT_ONCE = 6
_SOON = 3


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part."""

    authority: Accredit
    issuer_did: HasDid
    verifier_did: HasDid
    issuer: Issue
    verifier: Ask
    judges: Sequence[PinList]
    new_learner: Callable[[], Learn]


@dataclass(frozen=True, slots=True)
class Props:
    """What is on the table: a cohort's spreadsheet and the programmes a provider offers."""

    spreadsheet: str
    programmes: str


async def tell_story(
    cast: Cast,
    cheat: Learn,
    props: Props,
    names: Names,
    tell: Tell,
    *,
    learners: int,
    started_in: float,
    clock: Callable[[], float],
) -> story.Account:
    """Play every scene; nothing is left out when one does not end as expected.

    `cheat` has a wallet of somebody else's make, which hides that its award is revoked.
    """
    began = clock()
    cohort = story.cohort_of(props.spreadsheet)[:learners]

    tell.chapter("A list of whom to trust")
    await introduce_demonstration(
        cast.authority,
        cast.issuer_did,
        cast.verifier_did,
        cast.judges,
        names,
        trusted_from=story.ACCREDITED_FROM,
    )
    tell.line(f"{names.authority} lists {names.issuer} as an issuer from {story.ACCREDITED_FROM} on.")
    tell.line(f"{names.verifier} and the wallet have pinned that list, with the authority's key.")

    tell.chapter("A programme, and a spreadsheet of graduates")
    programmes = {programme["key"]: programme for programme in json.loads(props.programmes)}
    programme = programmes[story.PROGRAMME]
    template_id, edition_id = await cast.issuer.publish_template(story.template_of(programme))
    tell.line(f"{names.issuer} publishes “{programme['title']['en']}”, signed and addressed by its content:")
    tell.line(edition_id)
    await cast.issuer.wait_until_it_can_issue()
    awards = await cast.issuer.issue_batch(template_id, props.spreadsheet)
    tell.line(f"A spreadsheet of {len(awards)} rows has become {len(awards)} awards, each with a claim page.")

    tell.chapter("Graduates claim their awards")
    claims_began = clock()
    people = await _claim(cast, cheat, awards[: len(cohort)], tell)
    claimed = sum(person is not None for person in people)
    claim_seconds = clock() - claims_began
    tell.line(
        f"{claimed} of {len(cohort)} wallets hold an award. {cohort[story.CHEATING].given_name}'s is a stock ACA-Py, of "
        "somebody else's make; the others are Ujuzi's, each locked with its own key."
    )

    scenes: list[story.Told] = []
    known: set[str] = set()

    async def play(scene: story.Scene) -> None:
        graduate, person = cohort[scene.learner], people[scene.learner]
        tell.chapter(scene.title)
        tell.line(
            f"{graduate.given_name}, awarded on {graduate.awarded_on}, answers {names.verifier}: "
            f"{scene.requirement.purpose}, EQF level {scene.requirement.eqf_at_least} or higher."
        )
        if scene.how:
            tell.line(scene.how)
        scene_began = clock()
        request_id, invitation_url = await cast.verifier.ask(scene.requirement.body())
        if person is not None:
            _tell_anew(tell, await person.answer(invitation_url), known)
        verdict = await cast.verifier.verdict(request_id)
        scenes.append(story.told(scene, graduate.given_name, verdict, clock() - scene_began))
        tell.scene(scenes[-1])

    await play(story.ACCEPTED)
    await play(story.BELOW_THE_LEVEL)
    await play(story.NOT_YET_TRUSTED)
    await cast.issuer.revoke(awards[story.IN_GOOD_ORDER].id, "Awarded by mistake")
    await play(story.AFTER_REVOCATION)
    await cast.issuer.revoke(awards[story.CHEATING].id, "Awarded by mistake")
    await play(story.OLD_STATUS_LIST)
    await cast.authority.let_list_expire(valid_seconds=_SOON)
    await cast.verifier.wait_until_stale(names.list_name)
    await play(story.LIST_WENT_STALE)
    await cast.authority.declare_compromised(await cast.issuer_did.did(), "Its key was stolen")
    await cast.verifier.take_newest_list(names.list_name)
    await play(story.KEY_COMPROMISED)

    return story.Account(
        learners=len(cohort),
        claimed=claimed,
        start_seconds=round(started_in, 1),
        claim_seconds=round(claim_seconds, 1),
        total_seconds=round(started_in + clock() - began, 1),
        scenes=tuple(scenes),
    )


def _tell_anew(tell: Tell, said: Sequence[str], known: set[str]) -> None:
    """What wallets say of who asks, each sentence once."""
    for sentence in said:
        if sentence not in known:
            tell.line(f"The wallet says who asks: {sentence}")
    known.update(said)


async def _claim(
    cast: Cast, cheat: Learn, awards: Sequence[story.ClaimableAward], tell: Tell
) -> list[Learn | None]:
    """Let one learner claim each award, a few at once; None stands for one whose claim did not go through."""
    free_hands = asyncio.Semaphore(_CLAIMS_AT_ONCE)

    async def one(row: int, award: story.ClaimableAward, done: Callable[[], None]) -> Learn:
        async with free_hands:
            person = cheat if row == story.CHEATING else cast.new_learner()
            await person.create()
            await person.take_award(await cast.issuer.claim(award.claim_url))
            done()
            return person

    with tell.progress("claims", len(awards)) as done:
        outcomes = await asyncio.gather(
            *(one(row, award, done) for row, award in enumerate(awards)), return_exceptions=True
        )
    people: list[Learn | None] = []
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            tell.line(f"A claim did not go through: {outcome}")
            people.append(None)
        else:
            people.append(outcome)
    return people
