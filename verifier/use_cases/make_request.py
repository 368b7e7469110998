"""Make a request from a requirement: check it, see who could meet it, invite whoever takes the link."""

from datetime import UTC

from shared.ports.clock import Clock, NewId
from verifier.domain.request import Created, Stated
from verifier.domain.requirement import Requirement, askable
from verifier.errors import Fault, RequirementInvalid
from verifier.ports import AskLearners, KeepRequests, KnowIssuers, KnowTrust
from verifier.use_cases.compile_requirement import compile_requirement


class MakeRequest:
    """Returns the created request. Raises RequirementInvalid, AgentTrouble."""

    def __init__(
        self,
        requests: KeepRequests,
        agent: AskLearners,
        issuers: KnowIssuers,
        trust: KnowTrust,
        *,
        new_id: NewId,
        clock: Clock,
    ) -> None:
        self._requests = requests
        self._agent = agent
        self._issuers = issuers
        self._trust = trust
        self._new_id = new_id
        self._clock = clock

    async def __call__(self, requirement: Requirement) -> Created:
        """Nothing is stored unless the invitation was made."""
        now = self._clock()
        askable(requirement, today=now.astimezone(UTC).date())
        unknown = [url for url in requirement.trust_lists or () if self._trust.snapshot(url) is None]
        if unknown:
            raise RequirementInvalid(
                tuple(
                    Fault("trust_lists", f"{url} is not pinned: pin it with POST /v1/trust-lists")
                    for url in unknown
                )
            )
        lists = self._trust.snapshots(requirement.trust_lists)
        question = await compile_requirement(requirement, self._issuers, lists, now=now)
        request_id = self._new_id()
        created = Created(
            Stated(
                id=request_id,
                requirement=requirement,
                invitation=await self._agent.invite(request_id, requirement.purpose),
                created_at=now,
                expires_at=now + requirement.expires_in,
                warnings=question.warnings,
            )
        )
        await self._requests.add(created)
        return created
