"""deploy/alerts, as Prometheus' own promtool reads and tries it (`make alerts-check`)."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "alerts" / "ujuzi.yaml"
TRIALS = Path(__file__).with_name("ujuzi.test.yaml")


def promtool(*arguments: str | Path) -> str:
    """What promtool says; it finds nothing wrong."""
    program = shutil.which("promtool")
    if program is None:
        pytest.fail("expected promtool on this machine, found none: `apt-get install prometheus` has it")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_prometheus_takes_every_rule() -> None:
    rules = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    assert f"{len(rules)} rules found" in promtool("check", "rules", "--lint-fatal", RULES)


def test_each_alert_fires_when_it_must_and_then_only() -> None:
    promtool("test", "rules", TRIALS)
    tried = {
        trial["alertname"]
        for test in yaml.safe_load(TRIALS.read_text())["tests"]
        for trial in test["alert_rule_test"]
        if trial["exp_alerts"]
    }
    rules = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    assert tried == {rule["alert"] for rule in rules}
