"""`make image-check`: the image's install script in a clean Debian, and every program of deploy/compose run in it.

No container engine is needed: mmdebstrap makes a root, and each program runs in it as its container would, as the user 10001, without
capabilities, on a read-only file system with its own /data, with exactly the environment the compose file gives. Only what it
listens on differs: an address of its own on this machine's loopback instead of 0.0.0.0.
"""

# ruff: noqa: ASYNC220, ASYNC221, S310 - nothing else runs in this loop; the addresses are our own

import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from services.launcher.main import make_secrets
from tests.support.compose_file import FOLDER, ROOT, environment_of, filled_in, rendered, variables_of
from tests.support.wait import until

SERVICES: dict[str, dict[str, Any]] = rendered(filled_in())["services"]
MODULES = [name for name, service in SERVICES.items() if service.get("command", [])[:2] == ["python", "-m"]]
ADDRESSES = {name: f"127.84.0.{number}" for number, name in enumerate(["nats", "postgres", *MODULES], 2)}
RELEASE = "trixie"
INSTALL_SECONDS = 1500
WITHIN = 300.0
GRACE_SECONDS = 30
"""As compose.yaml gives each program to end."""
OK = 200
VOLUMES = ("nats", "wallet-agent", "issuer-agent", "verifier-agent")
"""What the backup of docs/deploy.md holds beside the databases."""
_INSTALLED = """
mount --bind "$2" "$1/src"
mount -o remount,ro,bind "$1/src"
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
exec chroot "$1" sh /src/deploy/image/install.sh
"""
_CONTAINED = """
set -e
mount --bind "$1" "$1"
mount -o remount,ro,bind "$1"
mount -t tmpfs -o mode=1777 tmpfs "$1/tmp"
mount --bind "$2" "$1/data"
mount --bind "$3" "$1/run/ujuzi"
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
root=$1
shift 3
exec chroot "$root" setpriv --reuid=10001 --regid=10001 --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs "$@"
"""


def postgres_binary(name: str) -> str:
    found = [*Path("/usr/lib/postgresql").glob(f"*/bin/{name}")]
    assert found, "expected a PostgreSQL server with TLS on this machine (Debian: apt-get install postgresql)"
    return str(max(found))


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A temporary folder others can enter."""
    assert os.geteuid() == 0, "expected root: a clean root is made and entered"
    for tool in ("mmdebstrap", "unshare", "chroot", "setpriv"):
        assert shutil.which(tool), (
            f"expected {tool} on this machine (Debian: apt-get install mmdebstrap util-linux)"
        )
    postgres_binary("postgres")
    made = Path(tempfile.mkdtemp(prefix="ujuzi-image-"))
    made.chmod(0o755)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def root(folder: Path) -> Path:
    """A clean Debian in which the image's install script has run."""
    root = folder / "root"
    subprocess.run(
        ["mmdebstrap", "--quiet", "--variant=minbase", RELEASE, root], check=True, timeout=INSTALL_SECONDS
    )
    (root / "src").mkdir()
    for place in ("/etc/resolv.conf", "/etc/pip.conf"):  # how this machine reaches packages
        if Path(place).exists():
            (root / place[1:]).write_bytes(Path(place).read_bytes())
    (root / "authorities.pem").write_bytes(Path("/etc/ssl/certs/ca-certificates.crt").read_bytes())
    given = {
        key: value for key, value in os.environ.items() if key.startswith(("PIP_", "UV_", "http", "HTTP"))
    }
    subprocess.run(
        ["unshare", "--mount", "sh", "-ec", _INSTALLED, "sh", root, ROOT],
        check=True, timeout=INSTALL_SECONDS,
        env=given | {"PIP_CERT": "/authorities.pem", "SSL_CERT_FILE": "/authorities.pem", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
    )  # fmt: skip
    (root / "run" / "ujuzi").mkdir(parents=True)
    with (root / "etc" / "hosts").open("a") as hosts:
        hosts.writelines(f"{address} {name}\n" for name, address in ADDRESSES.items())
    return root


@pytest.fixture(scope="module")
def secrets(folder: Path) -> Path:
    """As `ujuzi deploy secrets` makes them."""
    make_secrets(folder / "secrets", "postgres:5432", ["nats"], ["postgres"])
    (folder / "secrets").chmod(0o755)
    return folder / "secrets"


@contextmanager
def running(root: Path, folder: Path, name: str, secrets: Path) -> Iterator[subprocess.Popen[bytes]]:
    service, data = SERVICES[name], folder / "data" / name
    data.mkdir(parents=True, exist_ok=True)
    shutil.chown(data, 10001, 10001)
    environment = environment_of(service, secrets)
    environment = {key: value.replace("0.0.0.0", ADDRESSES[name]) for key, value in environment.items()}
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            ["unshare", "--mount", "--fork", "sh", "-c", _CONTAINED, "sh", root, data, secrets, *service["command"]],
            start_new_session=True,
            env=environment | {"PATH": "/opt/ujuzi/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/data"},
            stdout=log, stderr=log,
        )  # fmt: skip
    try:
        yield process
    finally:
        # unshare passes on nothing, and its --kill-child does not outlive setpriv
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(GRACE_SECONDS)


@asynccontextmanager
async def running_postgres(folder: Path, secrets: Path) -> AsyncIterator[None]:
    """PostgreSQL as the compose file has it: TLS only, and the users that databases.sh makes."""
    home, address = folder / "postgres", ADDRESSES["postgres"]
    home.mkdir()
    for name in ("postgres.pem", "postgres-key.pem"):
        shutil.copy(secrets / name, home)
    shutil.copy(FOLDER / "pg_hba.conf", home)
    (home / "password").write_text(variables_of(secrets / "postgres.env")["POSTGRES_PASSWORD"])
    for each in (home, *home.iterdir()):
        shutil.chown(each, "postgres", "postgres")
    (home / "postgres-key.pem").chmod(0o600)
    subprocess.run(
        [postgres_binary("initdb"), "-D", home / "data", "-U", "postgres", "-A", "scram-sha-256", "--pwfile", home / "password", "--no-sync"],
        user="postgres", check=True, stdout=subprocess.DEVNULL, cwd=home,
    )  # fmt: skip
    said = [each for each in SERVICES["postgres"]["command"] if each != "postgres"]
    said = [each.replace("/run/ujuzi/", f"{home}/").replace("/etc/ujuzi/", f"{home}/") for each in said]
    with (folder / "postgres.log").open("wb") as log:
        server = subprocess.Popen(
            [postgres_binary("postgres"), "-D", home / "data", "-k", home, "-c", f"listen_addresses={address}", *said],
            user="postgres", cwd=home, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        asked = [postgres_binary("pg_isready"), "-q", "-h", str(home)]
        await until(lambda: subprocess.run(asked, check=False).returncode == 0, WITHIN, "PostgreSQL answers")
        given = variables_of(secrets / "postgres.env")
        subprocess.run(
            ["sh", FOLDER / "databases.sh"], check=True, timeout=60,
            env=given | {"PGHOST": str(home), "PGPASSWORD": given["POSTGRES_PASSWORD"], "PATH": os.environ["PATH"]},
        )  # fmt: skip
        yield
    finally:
        server.terminate()
        server.wait(30)


@asynccontextmanager
async def running_programs(root: Path, folder: Path, secrets: Path) -> AsyncIterator[None]:
    """All but PostgreSQL, each ready; they end as containers do."""
    async with AsyncExitStack() as stack:
        started = {
            name: stack.enter_context(running(root, folder, name, secrets)) for name in ["nats", *MODULES]
        }
        for name in MODULES:
            port, path = (8021, "/status/ready") if name.endswith("-agent") else (8000, "/ready")

            def ready(name: str = name, where: str = f"http://{ADDRESSES[name]}:{port}{path}") -> bool:
                said = (folder / f"{name}.log").read_text()[-3000:]
                assert started[name].poll() is None, f"{name} ended: {said}"
                try:
                    return bool(urllib.request.urlopen(where, timeout=5).status == OK)
                except OSError:
                    return False

            await until(ready, WITHIN, f"{name} is ready: {(folder / f'{name}.log').read_text()[-3000:]}")
            print(f"image-check: {name} is ready")  # noqa: T201 - what whoever runs it waits for
        yield


def published() -> dict[str, bytes]:
    """What each party tells the world: the log of its DID."""
    issuer = SERVICES["issuer"]["environment"]["ISSUER_ORGANISATION_SLUG"]
    places = {"issuer": f"orgs/{issuer}", "registry": "authority/accredited"}
    return {
        name: urllib.request.urlopen(f"http://{ADDRESSES[name]}:8000/{place}/did.jsonl", timeout=30).read()
        for name, place in places.items()
    }


def in_containers() -> list[tuple[str, list[str]]]:
    """Each `docker compose exec NAME COMMAND…` of docs/deploy.md but PostgreSQL's, as name and command."""
    said = re.findall(
        r"^ *docker compose exec (\w.*)$", (ROOT / "docs" / "deploy.md").read_text(), re.MULTILINE
    )
    return [(name, command) for name, *command in map(shlex.split, said)]


def told(root: Path, folder: Path, secrets: Path, name: str, command: list[str]) -> str:
    """What a command says in the container of this program."""
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", _CONTAINED, "sh", root, folder / "data" / name, secrets, *command],
        env=environment_of(SERVICES[name], secrets) | {"PATH": "/opt/ujuzi/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/data"},
        capture_output=True, text=True, timeout=WITHIN, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def dumped(folder: Path, secrets: Path) -> bytes:
    """As docs/deploy.md's backup does in the container of PostgreSQL."""
    return in_postgres(
        folder, secrets, "pg_dumpall", "--username", "postgres", "--clean", "--if-exists"
    ).stdout


def in_postgres(
    folder: Path, secrets: Path, name: str, *arguments: str, given: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    password = variables_of(secrets / "postgres.env")["POSTGRES_PASSWORD"]
    return subprocess.run(
        [postgres_binary(name), *arguments], input=given, capture_output=True, check=True, timeout=WITHIN,
        env={"PGHOST": str(folder / "postgres"), "PGPASSWORD": password, "PATH": os.environ["PATH"]},
    )  # fmt: skip


async def test_every_program_becomes_ready_and_again_from_a_backup_when_all_is_lost(
    root: Path, folder: Path, secrets: Path
) -> None:
    archives = {name: folder / f"{name}.tar.gz" for name in VOLUMES}
    async with running_postgres(folder, secrets):
        async with running_programs(root, folder, secrets):
            known = published()
            commands = in_containers()
            assert [name for name, _ in commands] == ["registry", "issuer", "verifier"]
            for name, command in commands:
                link = SERVICES[name]["environment"][f"{name.upper()}_BASE_URL"]
                assert link in told(root, folder, secrets, name, command)
        dump = dumped(folder, secrets)
        for name, archive in archives.items():
            subprocess.run(["tar", "-C", folder / "data" / name, "-czf", archive, "."], check=True)

    for lost in (folder / "data", folder / "postgres"):
        shutil.rmtree(lost)

    async with running_postgres(folder, secrets):
        read_in = in_postgres(folder, secrets, "psql", "--username", "postgres", given=dump)
        said = {line.partition("ERROR:")[2].strip() for line in read_in.stderr.decode().splitlines()}
        assert said <= {"", "current user cannot be dropped", 'role "postgres" already exists'}
        for name, archive in archives.items():
            (folder / "data" / name).mkdir(parents=True)
            subprocess.run(["tar", "-C", folder / "data" / name, "-xzf", archive], check=True)
        async with running_programs(root, folder, secrets):
            assert published() == known
            restored = "The store was restored from a backup"
            log = folder / "issuer-agent.log"
            await until(lambda: restored in log.read_text(), WITHIN, "the issuer's agent knows")
            assert "TypeError" not in log.read_text()
