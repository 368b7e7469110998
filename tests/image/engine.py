"""What docs/deploy.md asks of `docker`, without a container engine: `python -m tests.image.engine compose up --detach --wait`.

An image is a root folder, known by its digest; a volume is a folder. Each program runs in its image as its container would: in networks of
its own (networks.py), as its user, without capabilities, on a read-only file system with its own volume and the files that are bound into
it, with exactly the environment that the compose file and the files beside it give. PostgreSQL and Caddy, whose images cannot be had
without a registry, are this machine's. What is not here: limits of memory, processor and processes, and restarts of what ended.

State is in the folder $UJUZI_ENGINE: images/DIGEST, volumes/NAME, pids/NAME, logs/NAME.log, settings/NAME.
"""

# ruff: noqa: T201 - it is a command

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.image.networks import inside
from tests.support.compose_file import environment_of, rendered, variables_of

STATE: Final = Path(os.environ.get("UJUZI_ENGINE", "/nonexistent"))
HEALTHY_SECONDS: Final = 300.0
GRACE_SECONDS: Final = 30.0
PATHS: Final = "/opt/ujuzi/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_MAKE_ROOT: Final = """
set -e
root=$1
mount --bind "$root" "$root"
while [ "$2" != -- ]; do mount --bind "$2" "$root$3"; shift 2; done
shift 2
mount -o remount,ro,bind "$root"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
exec chroot "$root" "$@"
"""
"""ROOT [FROM TO]… -- COMMAND…"""
AS_USER: Final = ["setpriv", "--reuid=10001", "--regid=10001", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"]  # fmt: skip


class Refused(Exception):
    """The engine cannot do it; its words say why."""


def postgres_binaries() -> Path:
    found = [*Path("/usr/lib/postgresql").glob("*/bin")]
    if not found:
        raise Refused(
            "expected a PostgreSQL server with TLS on this machine (Debian: apt-get install postgresql)"
        )
    return max(found, key=lambda each: int(each.parent.name))


class Compose:
    """The services of the compose file in a folder, filled in by the file .env beside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        given = variables_of(folder / ".env")
        profiles = set(given["COMPOSE_PROFILES"].split(","))
        services = rendered(given)["services"]
        self.services: dict[str, dict[str, Any]] = {
            name: service
            for name, service in services.items()
            if not service.get("profiles") or profiles & set(service["profiles"])
        }

    def environment(self, name: str) -> dict[str, str]:
        """As the container has it."""
        return environment_of(self.services[name], self._folder / "secrets")

    def up(self, names: Sequence[str], *, anew: bool) -> None:
        """Start what does not run, and what was told other settings since; return when all are healthy."""
        wanted = [*(names or self.services)]
        for name in [each for each in wanted if each != "edge-volume"]:
            if running(name) and (anew or self._settings(name) != _read(STATE / "settings" / name)):
                stop([name])
        # What others depend on first.
        for name in sorted(wanted, key=lambda each: each not in {"postgres", "nats", "edge-volume"}):
            self.start(name)
            if name in {"postgres", "nats"}:
                self.wait_for(name)
        for name in wanted:
            self.wait_for(name)

    def start(self, name: str) -> None:
        """Start one, unless it runs."""
        if name == "edge-volume":
            volume("edge")
            return
        if running(name):
            return
        kept = STATE / "settings" / name
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(self._settings(name))
        if name == "postgres":
            self._start_postgres()
            return
        command = self.services[name].get("command") or ["caddy", "run", "--config", "/etc/caddy/Caddyfile"]
        _launch(
            name,
            [*self.contained(name), *AS_USER, *command],
            {**self.environment(name), "HOME": "/data", "PATH": PATHS},
        )

    def contained(self, name: str) -> list[str]:
        """What goes before a command to run it in a new container of this service."""
        service = self.services[name]
        root = image(
            service["image"] if name != "edge" else variables_of(self._folder / ".env")["UJUZI_IMAGE"]
        )
        bound = [(str(volume(f"{name}-nothing")), "/data")]
        for each in service.get("volumes", []):
            if each["type"] == "volume":
                bound[0] = (str(volume(each["source"])), each["target"])
            else:
                source = (self._folder / each["source"]).resolve(strict=True)
                into = root / each["target"].lstrip("/")
                into.parent.mkdir(parents=True, exist_ok=True)
                into.touch()
                bound.append((str(source), each["target"]))
        pairs = [part for pair in bound for part in pair]
        return [*inside(name), "unshare", "--mount", "sh", "-c", _MAKE_ROOT, "sh", str(root), *pairs, "--"]

    def wait_for(self, name: str) -> None:
        """Return when its own health check says that it is healthy; one without a check only has to run."""
        if name == "edge-volume":
            return
        check = self.services[name].get("healthcheck")
        deadline = time.monotonic() + HEALTHY_SECONDS
        while True:
            if not running(name):
                raise Refused(f"{name} ended: {_log(name)[-3000:]}")
            if check is None or self.execute(name, check["test"][1:], quiet=True) == 0:
                print(f"{name} is healthy", file=sys.stderr)
                return
            if time.monotonic() > deadline:
                raise Refused(f"{name} is not healthy: {_log(name)[-3000:]}")
            time.sleep(0.5)

    def execute(self, name: str, command: Sequence[str], *, quiet: bool = False) -> int:
        """Run a command in the running container of this service."""
        pid = running(name)
        if not pid:
            raise Refused(f"service {name!r} is not running")
        hide = subprocess.DEVNULL if quiet else None
        if name == "postgres":
            as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
            command = [each.replace("/docker-entrypoint-initdb.d", str(self._folder)) for each in command]
            given = {
                **self.environment(name),
                "PATH": f"{postgres_binaries()}:{PATHS}",
                "PGHOST": str(STATE / "postgres"),
            }
            return subprocess.run([*inside(name), *as_user, *command], env=given, stdout=hide, stderr=hide, check=False, cwd="/").returncode  # fmt: skip
        given = {**self.environment(name), "PATH": PATHS, "HOME": "/data"}
        entered = ["nsenter", f"--target={pid}", "--mount", "--net", "--root", "--wd=/"]
        return subprocess.run(
            [*entered, *AS_USER, *command], env=given, stdout=hide, stderr=hide, check=False
        ).returncode

    def _settings(self, name: str) -> str:
        return json.dumps([self.services[name], self.environment(name)], sort_keys=True)

    def _start_postgres(self) -> None:
        """As the entrypoint of PostgreSQL's image does: a new volume gets a cluster, and databases.sh is run once."""
        bound, data = STATE / "postgres", volume("postgres") / "data"
        binaries, given = postgres_binaries(), self.environment("postgres")
        bound.mkdir(exist_ok=True)
        for name in ("secrets/postgres.pem", "secrets/postgres-key.pem", "pg_hba.conf"):
            shutil.copy(self._folder / name, bound)
        (bound / "password").write_text(given["POSTGRES_PASSWORD"])
        for each in (bound, *bound.iterdir(), data.parent):
            shutil.chown(each, "postgres", "postgres")
        (bound / "postgres-key.pem").chmod(0o600)
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
        first = not data.exists()
        if first:
            made = [
                str(binaries / "initdb"),
                "-D",
                str(data),
                "-U",
                "postgres",
                "-A",
                "scram-sha-256",
                "--pwfile",
                str(bound / "password"),
                "--no-sync",
            ]
            subprocess.run([*as_user, *made], check=True, stdout=subprocess.DEVNULL, cwd="/")
        said = [each for each in self.services["postgres"]["command"] if each != "postgres"]
        said = [each.replace("/run/ujuzi/", f"{bound}/").replace("/etc/ujuzi/", f"{bound}/") for each in said]
        server = [
            str(binaries / "postgres"),
            "-D",
            str(data),
            "-k",
            str(bound),
            "-c",
            "listen_addresses=*",
            *said,
        ]
        _launch("postgres", [*inside("postgres"), *as_user, *server], {"PATH": PATHS})
        if first:
            asked = [str(binaries / "pg_isready"), "-q", "-h", str(bound)]
            while subprocess.run(asked, check=False).returncode:
                if not running("postgres"):
                    raise Refused(_log("postgres"))
                time.sleep(0.1)
            reach = {
                "PGHOST": str(bound),
                "PGPASSWORD": given["POSTGRES_PASSWORD"],
                "PATH": f"{binaries}:{PATHS}",
            }
            subprocess.run(["sh", self._folder / "databases.sh"], check=True, env={**given, **reach})


def image(name: str) -> Path:
    """The root folder of an image by its digest."""
    found = STATE / "images" / name.rpartition(":")[2]
    if not found.exists():
        raise Refused(f"no image {name}")
    return found.resolve()


def volume(name: str) -> Path:
    """The folder of a volume; a new one belongs to the image's user, as /data of the image does."""
    found = STATE / "volumes" / name
    if not found.exists():
        found.mkdir(parents=True)
        shutil.chown(found, 10001, 10001)
    return found


def running(name: str) -> int:
    """The process of a container, 0 if it does not run."""
    pid = int(_read(STATE / "pids" / name) or 0)
    try:
        gone = not pid or Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        gone = True
    return 0 if gone else pid


def stop(names: Sequence[str]) -> None:
    """End them, by force those that take too long."""
    pids = {name: pid for name in names if (pid := running(name))}
    for name, pid in pids.items():
        os.kill(pid, signal.SIGINT if name == "postgres" else signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    for name, pid in pids.items():
        while running(name):
            if time.monotonic() > deadline:
                print(f"{name} did not end and is killed", file=sys.stderr)
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.1)


def _launch(name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
    for folder in ("pids", "logs"):
        (STATE / folder).mkdir(exist_ok=True)
    with (STATE / "logs" / f"{name}.log").open("ab") as log:
        started = subprocess.Popen(
            command, env=dict(environment), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd="/"
        )  # fmt: skip
    (STATE / "pids" / name).write_text(str(started.pid))


def _read(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def _log(name: str) -> str:
    return _read(STATE / "logs" / f"{name}.log")


def _run(arguments: Sequence[str]) -> int:
    """`run --rm --user 0 -v VOLUME:/data[:ro] -v FOLDER:/backup [-w FOLDER] IMAGE COMMAND…`."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--rm", action="store_true", required=True)
    asked.add_argument("--user", choices=["0"], required=True)
    asked.add_argument("-v", action="append", dest="bound", required=True)
    asked.add_argument("-w", dest="folder", default="/data")
    asked.add_argument("image")
    asked.add_argument("command", nargs=argparse.REMAINDER)
    given = asked.parse_args(arguments)
    root, pairs = image(given.image), []
    for each in given.bound:
        source, target, *_ = each.split(":")
        named = re.fullmatch(r"ujuzi_(.+)", source)
        (root / target.lstrip("/")).mkdir(exist_ok=True)
        pairs += [str(volume(named[1])) if named else source, target]
    command = ["unshare", "--mount", "sh", "-c", _MAKE_ROOT, "sh", str(root), *pairs, "--"]
    command += ["sh", "-c", 'cd "$0" && exec "$@"', given.folder, *given.command]
    return subprocess.run(command, env={"PATH": PATHS}, check=False).returncode


def main(arguments: Sequence[str]) -> int:
    """What `docker` would answer; anything that docs/deploy.md does not use is refused."""
    match arguments:
        case ["run", *rest]:
            return _run(rest)
        case ["compose", "exec", *rest]:
            name, *command = [each for each in rest if each != "-T"]
            return Compose(Path.cwd()).execute(name, command)
        case ["compose", ("ps" | "logs") as what, *rest]:
            _tell(what, rest)
        case ["compose", "up", "--detach", *rest]:
            flags = {each for each in rest if each.startswith("--")}
            if not {"--wait"} <= flags <= {"--wait", "--force-recreate"}:
                raise Refused(f"compose up knows --wait and --force-recreate, found {flags}")
            names = [each for each in rest if each not in flags]
            Compose(Path.cwd()).up(names, anew="--force-recreate" in flags)
        case ["compose", "stop", *names]:
            stop(names or [*Compose(Path.cwd()).services])
        case ["compose", "start", *names]:
            for name in names:
                Compose(Path.cwd()).start(name)
        case _:
            raise Refused(f"docs/deploy.md uses other commands of docker than {arguments}")
    return 0


def _tell(what: str, rest: Sequence[str]) -> None:
    if what == "logs":
        print(*map(_log, rest))
        return
    for name in Compose(Path.cwd()).services:
        if rest != ["--services"]:
            print(name, "running" if running(name) else "exited")
        elif running(name):
            print(name)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Refused as refused:
        print(refused, file=sys.stderr)
        sys.exit(1)
