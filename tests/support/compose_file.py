"""deploy/compose as Docker Compose reads it: variables filled in, files of variables read."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "compose"
_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?P<must>:\?[^}]*)?\}")


def rendered(given: Mapping[str, str]) -> dict[str, Any]:
    """The compose file with `given` in place of its variables. KeyError for one that is not given."""

    def filled(value: Any) -> Any:  # noqa: ANN401 - any part of a YAML file
        match value:
            case str():
                return _VARIABLE.sub(lambda found: given[found["name"]], value)
            case dict():
                return {key: filled(each) for key, each in value.items()}
            case list():
                return [filled(each) for each in value]
            case _:
                return value

    file: dict[str, Any] = filled(yaml.safe_load((FOLDER / "compose.yaml").read_text()))
    return file


def variables_of(file: Path) -> dict[str, str]:
    """What a file of lines NAME=value says."""
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def filled_in() -> dict[str, str]:
    """.env.example as an operator fills it in."""
    given = {
        name: value.replace(".ujuzi.example", ".ujuzi.org")
        for name, value in variables_of(FOLDER / ".env.example").items()
    }
    return given | {
        name: f"registry.ujuzi.org/{name.lower()}@sha256:{'0' * 64}"
        for name in given
        if name.endswith("_IMAGE")
    }


def environment_of(service: Mapping[str, Any], secrets: Path) -> dict[str, str]:
    """All that the container of this service has in its environment, with these secrets and the files beside their folder."""
    files = [
        secrets / file.removeprefix("secrets/")
        for file in service.get("env_file", [])
        if isinstance(file, str)
    ]
    further = [file["path"] for file in service.get("env_file", []) if isinstance(file, dict)]
    files += [file for path in further if (file := secrets.parent / path).exists()]
    given = {name: value for file in files for name, value in variables_of(file).items()}
    said: dict[str, str] = service.get("environment", {})
    return given | said
