"""Make a request from a requirement: check it, see who could meet it, invite whoever takes the link."""

from collections.abc import Collection
from datetime import UTC

from shared.ports.clock import Clock, NewId
from shared.ports.tracing import here
from verifier.domain.names import Applicant
from verifier.domain.request import Created, Stated
from verifier.domain.requirement import Requirement, along, askable, ways_of
from verifier.domain.session import Held, SessionAsked, returnable
from verifier.domain.template import UsedTemplate
from verifier.errors import Fault, RequirementInvalid
from verifier.ports import AskLearners, KeepRequests, KeepSessions, KnowIssuers, KnowTrust
from verifier.use_cases.compile_requirement import compile_requirement
from verifier.use_cases.open_in_browser import digest


class MakeRequest:
    """Returns the created request. Raises RequirementInvalid, AgentTrouble."""

    def __init__(
        self,
        requests: KeepRequests,
        agent: AskLearners,
        issuers: KnowIssuers,
        trust: KnowTrust,
        sessions: KeepSessions,
        *,
        origins: Collection[str] = (),
        new_id: NewId,
        clock: Clock,
    ) -> None:
        """`origins` are those of job platforms that learners are returned to."""
        self._sessions = sessions
        self._origins = origins
        self._requests = requests
        self._agent = agent
        self._issuers = issuers
        self._trust = trust
        self._new_id = new_id
        self._clock = clock

    async def __call__(
        self,
        requirement: Requirement,
        *,
        template: UsedTemplate | None = None,
        applicant: Applicant | None = None,
        session: SessionAsked | None = None,
        reference: str = "",
        renews: str | None = None,
        made_by: str | None = None,
    ) -> Created:
        """Nothing is stored unless the invitation was made.

        `applicant` is whose name is compared; `reference` names the platform's session that the answer is bound to;
        `renews` the request this one is made in place of; `made_by` who asks for it.
        """
        now = self._clock()
        askable(requirement, today=now.astimezone(UTC).date())
        _named(requirement, applicant)
        if session is not None and (faults := returnable(session, self._origins)):
            raise RequirementInvalid(faults)
        lists = await self._trust.looked_up(requirement.trust_lists)
        unknown = [url for url in requirement.trust_lists or () if self._trust.snapshot(url) is None]
        if unknown:
            raise RequirementInvalid(
                tuple(
                    Fault("trust_lists", f"{url} is not pinned: pin it with POST /v1/trust-lists")
                    for url in unknown
                )
            )
        warnings: list[str] = []
        for way, _ in enumerate(ways_of(requirement)):
            question = await compile_requirement(along(requirement, way), self._issuers, lists, now=now)
            found = question.warnings
            warnings += [f"way {way}: {each}" for each in found] if requirement.ways else found
        request_id = self._new_id()
        created = Created(
            Stated(
                id=request_id,
                requirement=requirement,
                invitation=await self._agent.invite(request_id, requirement.purpose),
                created_at=now,
                expires_at=now + requirement.expires_in,
                warnings=tuple(warnings),
                template=template,
                applicant=applicant,
                session=session,
                renews=renews,
                made_by=made_by,
                trace=here(),
            )
        )
        if session is not None:
            await self._sessions.add(Held(request_id, digest(reference)))
        if renews is None:
            await self._requests.add(created)
        else:
            await self._requests.renew(created)
        return created


def _named(requirement: Requirement, applicant: Applicant | None) -> None:
    """A name is given where it is compared, and nowhere else. Raises RequirementInvalid."""
    if requirement.name is not None and applicant is None:
        raise RequirementInvalid(
            (Fault("applicant", "is missing: name_match compares it with the name in the credential"),)
        )
    if requirement.name is None and applicant is not None:
        raise RequirementInvalid(
            (Fault("applicant", "is given without name_match: a name that is not compared is not taken"),)
        )
