"""A wallet of somebody else's make (deploy/demo/foreign_wallet), as a program to run beside an exchange. No I/O."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from services.launcher.domain.exchange import LOOPBACK, Program, Stage

FOREIGN_WALLET_PORTS = 2
"""For the agent's peers, and for its owner."""


@dataclass(frozen=True, slots=True)
class ForeignWallet:
    """Where it runs and with what; `status_list="oldest"`: its owner cheats."""

    folder: Path
    base_port: int
    python: str
    plugins: Path
    hosts: Mapping[str, str]
    key: str = field(repr=False)
    status_list: Literal["newest", "oldest"] = "newest"

    @property
    def admin(self) -> str:
        """Address of its owner's API."""
        return f"http://{LOOPBACK}:{self.base_port + 1}"

    def program(self) -> Program:
        """Return stock ACA-Py with plain HTTP transports; it accepts, stores and answers by itself."""
        peers, owner = str(self.base_port), str(self.base_port + 1)
        return Program(
            name="foreign-wallet",
            folder=self.folder,
            command=(
                self.python, "-m", "acapy_agent", "start",
                "--label", "A wallet of somebody else's make",
                "--inbound-transport", "http", LOOPBACK, peers, "--outbound-transport", "http",
                "--endpoint", f"http://{LOOPBACK}:{peers}",
                "--admin", LOOPBACK, owner,
                "--no-ledger", "--wallet-type", "askar-anoncreds", "--wallet-name", "foreign", "--auto-provision",
                "--auto-accept-requests", "--auto-respond-messages", "--auto-respond-credential-offer",
                "--auto-store-credential", "--auto-respond-presentation-request",
                "--plugin", "foreign_wallet",
            ),
            ready=f"{self.admin}/status/ready",
            stage=Stage.AGENT,
            environment={
                "HOME": str(self.folder),
                "PYTHONPATH": str(self.plugins),
                "ACAPY_ADMIN_API_KEY": self.key,
                "ACAPY_WALLET_KEY": self.key,
                "FOREIGN_WALLET_HOSTS": json.dumps(dict(self.hosts)),
                "FOREIGN_WALLET_STATUS_LIST": self.status_list,
            },
        )  # fmt: skip
