"""Three stock ACA-Py agents as programs to run. No I/O."""

from dataclasses import dataclass, field
from pathlib import Path

from services.launcher.domain.exchange import LOOPBACK, Program, Stage

STOCK_PORTS = 7
"""Two for each agent: its peers, its owner; and one for the controller."""
AGENTS = ("issuer", "holder", "verifier")


@dataclass(frozen=True, slots=True)
class StockSite:
    """Where they run and with what."""

    folder: Path
    base_port: int
    python: str
    plugins: Path
    key: str = field(repr=False)

    def admin(self, agent: str) -> str:
        """Address of its owner's API."""
        return f"http://{LOOPBACK}:{self.base_port + 2 * AGENTS.index(agent) + 1}"

    @property
    def controller_port(self) -> int:
        """Where webhooks go."""
        return self.base_port + STOCK_PORTS - 1

    def programs(self) -> tuple[Program, ...]:
        """Return them with ACA-Py's default settings; the holder has a wallet for each learner."""
        return tuple(self._program(agent) for agent in AGENTS)

    def _program(self, agent: str) -> Program:
        controller = f"http://{LOOPBACK}:{self.controller_port}"
        peers = str(self.base_port + 2 * AGENTS.index(agent))
        own = {
            "issuer": ("--tails-server-base-url", f"{controller}/tails"),
            "holder": ("--multitenant", "--multitenant-admin", "--auto-store-credential"),
            "verifier": (),
        }
        return Program(
            name=f"stock-{agent}",
            folder=self.folder / agent,
            command=(
                self.python, "-m", "acapy_agent", "start",
                "--label", f"Stock {agent}",
                "--inbound-transport", "http", LOOPBACK, peers, "--outbound-transport", "http",
                "--endpoint", f"http://{LOOPBACK}:{peers}",
                "--admin", LOOPBACK, str(int(peers) + 1),
                "--webhook-url", f"{controller}/webhooks/{agent}",
                "--no-ledger", "--wallet-type", "askar-anoncreds", "--wallet-name", agent, "--auto-provision",
                "--plugin", "file_registry",
                *own[agent],
            ),
            ready=f"{self.admin(agent)}/status/ready",
            stage=Stage.AGENT,
            environment={
                "HOME": str(self.folder / agent),
                "PYTHONPATH": str(self.plugins),
                "ACAPY_ADMIN_API_KEY": self.key,
                "ACAPY_WALLET_KEY": self.key,
                "ACAPY_MULTITENANT_JWT_SECRET": self.key,
                "FILE_REGISTRY_FOLDER": str(self.folder / "registry"),
            },
        )  # fmt: skip


def tenant(number: int, key: str) -> dict[str, object]:
    """A learner's wallet. A raw key spares the agent the half second of a slow hash at every opening."""
    return {
        "wallet_name": f"learner-{number}",
        "wallet_key": key,
        "wallet_key_derivation": "RAW",
        "wallet_type": "askar-anoncreds",
        "wallet_dispatch_type": "base",
        "label": f"Learner {number}",
    }
