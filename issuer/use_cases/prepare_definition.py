"""Make an organisation's AnonCreds schema and credential definition, in the background (seconds of arithmetic)."""

from dataclasses import dataclass, field, replace

from issuer.ports import CredentialAgent, Records
from shared.ports.turns import OneAtATime, TakeTurns


@dataclass(frozen=True)
class PrepareDefinition:
    """Idempotent: what a crashed run made is found again and used."""

    records: Records
    agent: CredentialAgent
    turns: TakeTurns = field(default_factory=OneAtATime)

    async def __call__(self, slug: str) -> None:
        """Return when both are published. Raises AgentTrouble; the work item is then tried again."""
        async with self.turns(f"definition {slug}"):
            await self._prepared(slug)

    async def _prepared(self, slug: str) -> None:
        async with self.records.reading() as tx:
            organisation, definition = await tx.organisation(slug), await tx.definition(slug)
        if organisation is None or definition is None or definition.credential_definition_id is not None:
            return
        schema_id = definition.schema_id
        if schema_id is None:
            schema_id = await self.agent.make_schema(organisation.did)
            definition = replace(definition, schema_id=schema_id)
            async with self.records.transaction() as tx:
                await tx.save_definition(definition)
        definition_id = await self.agent.make_definition(organisation.did, schema_id)
        async with self.records.transaction() as tx:
            await tx.save_definition(replace(definition, credential_definition_id=definition_id))
