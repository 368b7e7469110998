"""Send the signed request to whoever took the invitation up."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from shared.contracts.signed_request import (
    REQUEST_JWS_TYPE,
    AskedAlternative,
    AskedHours,
    AskedLevel,
    AskedNeed,
    NamedTrustList,
    SignedRequest,
    comment_with,
)
from shared.ports.clock import Clock
from shared.ports.tracing import carrier_of, span
from shared.ports.turns import TakeTurns
from shared.vc.jcs import digest_multibase
from shared.vc.trust_decision import Snapshot
from verifier.domain.question import Question, anoncreds_request, as_sent
from verifier.domain.request import Asked, Created, Stated, ask
from verifier.domain.requirement import Alternative, Need, along
from verifier.ports import AskLearners, KeepRequests, KnowIssuers, KnowTrust, SignAsVerifier
from verifier.use_cases.compile_requirement import compile_requirement

NONCE_BITS = 80


class AskLearner:
    """Called for every completed connection; does nothing for one that belongs to no open request."""

    def __init__(
        self,
        requests: KeepRequests,
        agent: AskLearners,
        issuers: KnowIssuers,
        trust: KnowTrust,
        signer: SignAsVerifier,
        *,
        name: str,
        clock: Clock,
        one_at_a_time: TakeTurns,
    ) -> None:
        """`name` is the organisation's."""
        self._requests = requests
        self._agent = agent
        self._issuers = issuers
        self._trust = trust
        self._signer = signer
        self._name = name
        self._clock = clock
        self._one_at_a_time = one_at_a_time

    async def __call__(self, invitation_message_id: str, connection_id: str) -> None:
        """Safe to repeat: a request that was asked is not asked again."""
        async with self._one_at_a_time(invitation_message_id):
            created = await self._requests.by_invitation(invitation_message_id)
            now = self._clock()
            if not isinstance(created, Created) or now >= created.stated.expires_at:
                return
            with span("ask", parent=carrier_of(created.stated.trace), request_id=created.stated.id):
                await self._requests.save(await self._ask(created, connection_id, now), expected=Created)

    async def _ask(self, created: Created, connection_id: str, now: datetime) -> Asked:
        stated = created.stated
        lists = await self._trust.looked_up(stated.requirement.trust_lists)
        requirement = along(stated.requirement, stated.way)
        question = await compile_requirement(requirement, self._issuers, lists, now=now)
        nonce = str(secrets.randbits(NONCE_BITS))
        request = anoncreds_request(question, request_id=stated.id, nonce=nonce, now=now)
        digest = digest_multibase(request)
        jws = await self._signer.sign(
            self._payload(stated, question, digest, lists, now), typ=REQUEST_JWS_TYPE
        )
        sent = await self._agent.send(connection_id, request, comment_with(stated.requirement.purpose, jws))
        return ask(
            created,
            as_sent(question, sent.request),
            sent.exchange,
            request_digest=digest_multibase(sent.request),
            now=now,
        )

    def _payload(
        self, stated: Stated, question: Question, digest: str, lists: Sequence[Snapshot], now: datetime
    ) -> dict[str, object]:
        requirement = along(stated.requirement, stated.way)
        signed = SignedRequest(
            iss=self._signer.did,
            iat=int(now.timestamp()),
            exp=int(stated.expires_at.timestamp()),
            request_id=stated.id,
            verifier_name=self._name,
            invitation_key=stated.invitation.key,
            purpose=requirement.purpose,
            keep_days=requirement.keep_days,
            proof_request_digest=digest,
            needs=tuple(_written(need) for need in requirement.needs),
            reveal=tuple(dict.fromkeys(name for asked in question.needs for name in asked.reveal)),
            hide_programme=requirement.hide_programme,
            name_compared=requirement.name is not None,
            trust_lists=tuple(NamedTrustList(name=each.name, url=each.url) for each in lists),
        )
        return signed.model_dump(mode="json", exclude_none=True, exclude_defaults=True)


def _written(need: Need) -> AskedNeed:
    alternatives = [_alternative(each) for each in need.alternatives]
    if len(alternatives) == 1:
        return AskedNeed(
            skill=alternatives[0].skill,
            level=alternatives[0].level,
            workload_hours=alternatives[0].workload_hours,
            awarded_after=need.awarded_after,
            not_expired=need.not_expired,
        )
    return AskedNeed(
        any_of=tuple(alternatives), awarded_after=need.awarded_after, not_expired=need.not_expired
    )


def _alternative(each: Alternative) -> AskedAlternative:
    return AskedAlternative(
        skill=each.skill,
        level=AskedLevel(framework=each.level.framework, at_least=each.level.at_least)
        if each.level
        else None,
        workload_hours=AskedHours(at_least=each.hours) if each.hours else None,
    )
