"""The plugin's connections, shared by everything ACA-Py builds on its own: bound in the injection context."""

from dataclasses import dataclass, field

from nats.aio.client import Client
from nats.js import JetStreamContext

from services.agent.adapters.traces import Threads
from services.agent.ports import Lease
from services.agent.settings import Settings
from shared.adapters.guarded_http import GuardedClient
from shared.adapters.webvh_resolver import WebvhResolver


@dataclass(frozen=True)
class Link:
    """What the plugin reaches the outside with."""

    settings: Settings
    nats: Client
    jetstream: JetStreamContext
    lease: Lease
    web: GuardedClient
    resolver: WebvhResolver
    threads: Threads = field(default_factory=Threads)
