"""Judge what a learner presented: gather the facts, take the seven steps, keep the verdict, close the exchange."""

import hashlib
import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from shared.contracts.signed_request import RECEIPT_JWS_TYPE
from shared.ports.clock import Clock
from shared.ports.tracing import carrier_of, span
from shared.ports.turns import TakeTurns
from shared.vc.jcs import digest_multibase
from shared.vc.trust_decision import Snapshot, Unreachable
from verifier.domain.facts import Arrival, DoesNotHold, Facts, Holds, NotRun, ShownEdition, Unknown, Untrue
from verifier.domain.judge import judge
from verifier.domain.presentation import Presentation, read
from verifier.domain.question import referent
from verifier.domain.request import Answered, Asked, Judged, answer, asked_for, decline, disclosed, settle
from verifier.domain.requirement import ACHIEVEMENT, Requirement
from verifier.domain.session import Bound
from verifier.domain.template import UsedTemplate
from verifier.domain.verdict import Result, Verdict
from verifier.errors import JudgingWaits, NotAPresentation
from verifier.ports import (
    AgentRecord,
    AskLearners,
    CheckProof,
    KeepRequests,
    KeepSessions,
    KnowTrust,
    LookedUp,
    LookUpObjects,
    PublishedObjects,
    SignAsVerifier,
)

RECEIVED = "presentation-received"
ABANDONED = "abandoned"
NOTHING = LookedUp((), PublishedObjects({}, {}, {}, ()))


class JudgeAnswer:
    """Called for every change of a proof exchange. One answer gets one verdict, however often this is called."""

    def __init__(
        self,
        *,
        requests: KeepRequests,
        agent: AskLearners,
        look_up: LookUpObjects,
        check_proof: CheckProof,
        trust: KnowTrust,
        signer: SignAsVerifier,
        clock: Clock,
        one_at_a_time: TakeTurns,
        sessions: KeepSessions,
        kept_for: timedelta = timedelta(0),
    ) -> None:
        """`kept_for`: how long what was last seen of an issuer's host that is away counts."""
        self._requests = requests
        self._agent = agent
        self._look_up = look_up
        self._check_proof = check_proof
        self._trust = trust
        self._signer = signer
        self._clock = clock
        self._one_at_a_time = one_at_a_time
        self._sessions = sessions
        self._kept_for = kept_for

    async def __call__(self, exchange_id: str) -> None:
        """Raises AgentTrouble or JudgingWaits, and then changed nothing that a repetition would not put right."""
        async with self._one_at_a_time(exchange_id):
            request = await self._requests.by_exchange(exchange_id)
            if isinstance(request, (Asked, Answered)):
                record = await self._agent.record(exchange_id)
                if record is not None and (record.presentation is not None or record.state == ABANDONED):
                    with _step("judge", request):
                        await self._advance(request, record)
            request = await self._requests.by_exchange(exchange_id)
            if isinstance(request, Judged):
                with _step("close", request):
                    await self._close(request)

    async def _advance(self, request: Asked | Answered, record: AgentRecord) -> None:
        if isinstance(request, Asked) and record.state == ABANDONED:
            declined = decline(request, record.error, now=self._clock())
            await self._requests.save(declined, expected=Asked)
            return
        if record.presentation is None:
            return
        if isinstance(request, Asked):
            request = answer(
                request,
                received_at=record.changed_at,
                answer_digest=_digest(record.presentation),
                now=self._clock(),
            )
            if not await self._requests.save(request, expected=Asked):
                return
        if request.may_return(self._clock()) and await self._bound(request) == "unbound":
            return  # judged when the learner has come back, or by the timer when she has not
        judged = await self._judge(request, record)
        await self._requests.save(judged, expected=Answered)

    async def _judge(self, answered: Answered, record: AgentRecord) -> Judged:
        asked = answered.asked
        facts = await self._gather(answered, record)
        lists = self._trust.snapshots(answered.stated.requirement.trust_lists)
        now = self._clock()
        verdict = judge(asked_for(asked), facts, lists, now=now, kept_for=self._kept_for)
        if verdict.result is Result.UNDECIDED and answered.may_wait(now):
            away = facts.away() or self._list_away(lists, now)
            if away is not None:
                raise JudgingWaits(f"request {answered.stated.id} is judged again soon: {away}")
        receipt = await self._signer.sign(
            _receipt(self._signer.did, answered, verdict, lists, now), typ=RECEIPT_JWS_TYPE
        )
        return settle(answered, verdict, disclosed(asked, facts, verdict), receipt, now=now)

    async def _bound(self, answered: Answered) -> Bound:
        if answered.stated.session is None:
            return "unbound"
        held = await self._sessions.find(answered.stated.id)
        return "unbound" if held is None else held.bound

    def _list_away(self, lists: Sequence[Snapshot], now: datetime) -> str | None:
        """Why a pinned list that is no use now may be of use in a moment."""
        for each in lists:
            usable = each.trust_list is not None and not each.trust_list.is_stale(now)
            pinned = self._trust.snapshot(each.url) is not None
            if pinned and not usable and isinstance(each.problem, Unreachable):
                return each.problem.reason
        return None

    async def _gather(self, answered: Answered, record: AgentRecord) -> Facts:
        presentation = _read(record.presentation)
        looked_up = NOTHING
        editions: dict[str, ShownEdition | Untrue | Unknown] = {}
        proof: Holds | DoesNotHold | NotRun = NotRun("there is no presentation")
        if isinstance(presentation, Presentation):
            looked_up = await self._look_up.credentials(presentation.identifiers)
            editions = await self._editions(answered.asked, presentation)
            proof = await self._check_proof(record.presentation, record.request, looked_up.objects)
        return Facts(
            arrival=Arrival(
                exchange_id=record.exchange.id,
                connection_id=record.exchange.connection_id,
                thread_id=record.exchange.thread_id,
                request_digest=digest_multibase(record.request),
                received_at=answered.received_at,
                seen_in=await self._requests.seen_before(answered.answer_digest, but_not=answered.stated.id),
            ),
            presentation=presentation,
            credentials=looked_up.credentials,
            editions=editions,
            proof=proof,
            bound=await self._bound(answered),
        )

    async def _editions(
        self, asked: Asked, presentation: Presentation
    ) -> dict[str, ShownEdition | Untrue | Unknown]:
        shown = {
            group.values[ACHIEVEMENT].raw
            for index, _ in enumerate(asked.question.needs)
            if (group := presentation.revealed.get(referent(index))) and ACHIEVEMENT in group.values
        }
        return {edition_id: await self._look_up.edition(edition_id) for edition_id in sorted(shown)}

    async def _close(self, judged: Judged) -> None:
        """Tell the wallet, then delete what the agent still holds of the presentation.

        The connection stays while what was shown is kept: the learner may ask over it for that to be deleted.
        """
        exchange = judged.answered.asked.exchange
        await self._agent.keep_in_touch(exchange.connection_id, until=judged.keep_until)
        await self._agent.close(exchange.id, verified=judged.verdict.result is Result.ACCEPTED)
        await self._agent.remove(exchange.id)
        await self._requests.cleared(judged.stated.id)


def _step(name: str, request: Asked | Answered | Judged) -> AbstractContextManager[object]:
    """A step in the trace in which the request was made."""
    return span(name, parent=carrier_of(request.stated.trace), request_id=request.stated.id)


def _read(presented: object) -> Presentation | Untrue:
    try:
        return read(presented)
    except NotAPresentation as error:
        return Untrue(str(error))


def _digest(presented: object) -> str:
    """Names this presentation without saying anything of it: a proof is mostly random numbers.

    Not the canonical form: a hostile presentation may hold numbers or texts that have none.
    """
    proof = presented.get("proof") if isinstance(presented, dict) else presented
    return hashlib.sha256(json.dumps(proof, sort_keys=True).encode()).hexdigest()


def _receipt(
    did: str, answered: Answered, verdict: Verdict, lists: Sequence[Snapshot], now: datetime
) -> dict[str, object]:
    """What the job platform can show later: that it asked, what came of it and by which lists; never what was shown."""
    return {
        "iss": did,
        "iat": int(now.timestamp()),
        "request_id": answered.stated.id,
        **_template(answered.stated.template),
        **_requirement(answered.stated.requirement),
        "proof_request_digest": answered.asked.request_digest,
        "received_at": int(answered.received_at.timestamp()),
        "result": verdict.result.value,
        **({"notes": dict(verdict.notes)} if verdict.notes else {}),
        "steps": [
            {
                "number": step.number,
                "name": step.name,
                "outcome": step.outcome.value,
                "reason": step.lasting,
                "codes": list(step.codes),
            }
            for step in verdict.steps
        ],
        "trust_lists": [
            {
                "name": each.trust_list.name,
                "url": each.url,
                "sequence": each.trust_list.sequence,
                "digest": each.trust_list.digest,
                "issued": int(each.trust_list.issued.timestamp()),
            }
            for each in lists
            if each.trust_list is not None
        ],
        "status_lists": [
            {
                "digest": each.digest,
                "published": int(each.version),
                **({"checked": int(each.checked.timestamp())} if each.checked else {}),
            }
            for each in verdict.knowledge
            if each.kind == "status_list"
        ],
        "did_logs": [each.version for each in verdict.knowledge if each.kind == "did_log"],
        "keep_until": int((now + timedelta(days=answered.stated.requirement.keep_days)).timestamp()),
    }


def _requirement(asked: Requirement) -> dict[str, object]:
    """Nothing where an earlier version stored the request."""
    return {"requirement_digest": asked.digest} if asked.digest else {}


def _template(used: UsedTemplate | None) -> dict[str, object]:
    return {} if used is None else {"template": str(used.ref), "parameters": dict(used.parameters)}
