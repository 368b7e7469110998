"""Real AnonCreds objects over real did:webvh resources, held in memory: issuers, learners, honest and hostile answers."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import anoncreds

from shared.adapters.guarded_http import Fetched, FetchFailed, NotFound
from shared.contracts.attributes import ATTRIBUTES, SCHEMA_NAME, SCHEMA_VERSION
from shared.vc.achievement import AchievementTemplate, Edition, Grading, QualityAssurance, build, read
from shared.vc.attested_resource import CRED_DEF, EDITION, REV_REG_DEF, SCHEMA, STATUS_LIST, attest, link_to
from shared.vc.award import AwardFacts, attributes
from shared.vc.keys import SigningKey
from shared.vc.webvh import create_log, did_to_url, resource_to_url, verification_method

BEGINNING = datetime(2025, 1, 1, tzinfo=UTC)
DATA_ANALYSIS = "http://data.europa.eu/esco/skill/2b92a5b2-6758-4ee3-9fb4-b6387a55cc8f"
FIRST_AID = "http://data.europa.eu/esco/skill/1d21f6ad-340f-45da-a0a3-4e83867f47a6"

DATA_ANALYTICS = AchievementTemplate(
    titles={"en": "Data Analytics Foundations", "sw": "Misingi ya Uchambuzi wa Takwimu"},
    language="en",
    country="KE",
    awarding_body="Digital Skills Trust",
    outcomes=("Query a relational database with SQL",),
    skills=(DATA_ANALYSIS,),
    workload_hours=120,
    credits=4.0,
    credit_framework="ECTS",
    levels={"eqf": 4},
    assessment="project",
    participation="blended",
    supervision=2,
    quality_assurance=QualityAssurance("programme", "annual external review"),
    verification_level="independent",
    learning_route="non-formal",
    grading=Grading("percentage", 60),
    stackable=True,
)


class ServedInMemory:
    """The web as the resolver sees it; `away` hosts do not answer."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.away: set[str] = set()

    async def get(
        self,
        url: str,
        *,
        accept: str = "*/*",  # noqa: ARG002 - the client's signature
        max_bytes: int | None = None,  # noqa: ARG002
        fresh: bool = False,  # noqa: ARG002
    ) -> Fetched:
        if any(host in url for host in self.away):
            raise FetchFailed(f"{url} does not answer")
        if url not in self.files:
            raise NotFound(f"nothing at {url}")
        return Fetched(200, {}, self.files[url])


@dataclass
class HeldCredential:
    """A credential in a learner's hands; `index` is its place in the status list."""

    credential: anoncreds.Credential
    issuer: "Issuer"
    index: int | None


@dataclass
class StatusList:
    """A published status list."""

    content: dict[str, Any]
    library: anoncreds.RevocationStatusList
    timestamp: int


@dataclass
class Issuer:
    """An organisation that publishes everything a proof refers to."""

    web: ServedInMemory
    slug: str
    revocable: bool = True
    key: SigningKey = field(default_factory=SigningKey.generate)
    lists: list[StatusList] = field(default_factory=list)
    editions: dict[str, Edition] = field(default_factory=dict)

    def __post_init__(self) -> None:
        service = {
            "id": "#editions",
            "type": "UjuziEditionCatalogue",
            "serviceEndpoint": f"https://{self.slug}.ujuzi.test/orgs/{self.slug}/editions",
        }
        log = create_log(
            host=f"{self.slug}.ujuzi.test",
            path=("orgs", self.slug),
            key=self.key,
            now=BEGINNING,
            services=[service],
        )
        self.did = log.did
        self.web.files[did_to_url(self.did)] = log.jsonl.encode()
        self.schema = anoncreds.Schema.create(SCHEMA_NAME, SCHEMA_VERSION, self.did, list(ATTRIBUTES))
        self.schema_id = self.publish(SCHEMA, self.schema.to_dict())["id"]
        self.definition, self.definition_private, self.definition_proof = (
            anoncreds.CredentialDefinition.create(
                self.schema_id, self.schema, self.did, "default", "CL", support_revocation=self.revocable
            )
        )
        self.definition_id = self.publish(CRED_DEF, self.definition.to_dict())["id"]
        self._next_index = 1
        if self.revocable:
            self._make_registry()
        self._serve_catalogue()

    def _make_registry(self) -> None:
        self.registry, self.registry_private = anoncreds.RevocationRegistryDefinition.create(
            self.definition_id,
            self.definition,
            self.did,
            "0",
            "CL_ACCUM",
            1000,
            tails_dir_path=tempfile.mkdtemp(prefix="ujuzi-tails-"),
        )
        self.registry_content = self.registry.to_dict()
        self.registry_id = self.publish(REV_REG_DEF, self.registry_content, links=[])["id"]
        first = anoncreds.RevocationStatusList.create(
            self.definition, self.registry_id, self.registry, self.registry_private, self.did, True, int(BEGINNING.timestamp())  # noqa: FBT003 - the library's signature
        )  # fmt: skip
        self._publish_list(first)

    def publish(
        self,
        resource_type: str,
        content: Mapping[str, Any],
        *,
        links: Sequence[Mapping[str, Any]] | None = None,
        key: SigningKey | None = None,
        method: str | None = None,
    ) -> dict[str, Any]:
        """Sign and serve one object; `key` and `method` of somebody else make a foreign-signed one."""
        resource = attest(
            did=self.did,
            content=content,
            resource_type=resource_type,
            name="test",
            key=key or self.key,
            verification_method=method or verification_method(self.did, self.key),
            created=BEGINNING,
            links=links,
        )
        self.web.files[resource_to_url(resource["id"])] = json.dumps(resource).encode()
        return resource

    def publish_edition(self, template: AchievementTemplate = DATA_ANALYTICS) -> str:
        """Publish an edition and list it in the catalogue."""
        content = build(template, issuer_did=self.did, issuer_name="Digital Skills Trust", now=BEGINNING)
        edition_id: str = self.publish(EDITION, content)["id"]
        self.editions[edition_id] = read(content)
        self._serve_catalogue()
        return edition_id

    def award(self, edition_id: str, edition: Edition, awarded: date, **more: Any) -> dict[str, str]:  # noqa: ANN401
        """The attributes of an award."""
        facts = AwardFacts(
            award_id="01991a6e-0000-7000-8000-000000000001",
            given_name="Amina",
            family_name="Wanjiru",
            awarded_on=awarded,
            salt="a-salt-of-more-than-16-characters",
            grade_pct=80,
            **more,
        )
        return attributes(edition_id, edition, facts)

    def issue(self, learner: "Learner", values: Mapping[str, str]) -> HeldCredential:
        """Issue a credential with these values."""
        offer = anoncreds.CredentialOffer.create(self.schema_id, self.definition_id, self.definition_proof)
        request, metadata = anoncreds.CredentialRequest.create(
            "entropy", None, self.definition, learner.link_secret, "learner", offer
        )
        index = None
        revocation = None
        if self.revocable:
            index, self._next_index = self._next_index, self._next_index + 1
            revocation = anoncreds.CredentialRevocationConfig(
                self.registry, self.registry_private, self.lists[-1].library, index
            )
        made = anoncreds.Credential.create(
            self.definition, self.definition_private, offer, request, dict(values), None, revocation
        )
        registry = self.registry if self.revocable else None
        received = made.process(metadata, learner.link_secret, self.definition, registry)
        return HeldCredential(received, self, index)

    def republish(self, at: int) -> None:
        """Publish a status list that says the same, later."""
        self._publish_list(self.lists[-1].library.update(
            self.definition, self.registry, self.registry_private, None, None, at
        ))  # fmt: skip

    def revoke(self, held: HeldCredential, at: int) -> None:
        """Publish a status list that revokes this credential."""
        self._publish_list(self.lists[-1].library.update(
            self.definition, self.registry, self.registry_private, None, [held.index], at
        ))  # fmt: skip

    def _publish_list(self, made: anoncreds.RevocationStatusList) -> None:
        content = made.to_dict()
        self.lists.append(StatusList(content, made, content["timestamp"]))
        links = [link_to(self.publish(STATUS_LIST, each.content), each.timestamp) for each in self.lists]
        self.publish(REV_REG_DEF, self.registry_content, links=links)

    def _serve_catalogue(self) -> None:
        self.web.files[f"https://{self.slug}.ujuzi.test/orgs/{self.slug}/editions"] = json.dumps(
            {"editions": list(self.editions), "credential_definitions": [self.definition_id]}
        ).encode()


class Learner:
    """Holds credentials and presents them, honestly or not."""

    def __init__(self) -> None:
        self.link_secret = anoncreds.create_link_secret()

    def present(
        self,
        request: Mapping[str, Any],
        choices: Mapping[str, HeldCredential],
        *,
        hide: Sequence[str] = (),
        status: StatusList | None = None,
    ) -> dict[str, Any]:
        """Answer each referent with the credential chosen for it; referents in `hide` stay unrevealed.

        `status` is the list to prove against; the newest otherwise.
        """
        chosen = anoncreds.PresentCredentials()
        used: dict[int, HeldCredential] = {}
        for referent, held in choices.items():
            timestamp, state = self._state(held, status)
            used[id(held)] = held
            if referent in request["requested_attributes"]:
                chosen.add_attributes(
                    held.credential,
                    referent,
                    reveal=referent not in hide,
                    timestamp=timestamp,
                    rev_state=state,
                )
            else:
                chosen.add_predicates(held.credential, referent, timestamp=timestamp, rev_state=state)
        made = anoncreds.Presentation.create(
            json.dumps(request),
            chosen,
            {},
            self.link_secret,
            {held.issuer.schema_id: held.issuer.schema for held in used.values()},
            {held.issuer.definition_id: held.issuer.definition for held in used.values()},
        )
        presented: dict[str, Any] = made.to_dict()
        return presented

    def _state(
        self, held: HeldCredential, status: StatusList | None
    ) -> tuple[int | None, anoncreds.CredentialRevocationState | None]:
        if held.index is None:
            return None, None
        against = status or held.issuer.lists[-1]
        state = anoncreds.CredentialRevocationState.create(
            held.issuer.registry, against.library, held.index, held.issuer.registry.tails_location
        )
        return against.timestamp, state
