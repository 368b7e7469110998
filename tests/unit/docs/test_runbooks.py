"""Alerts, runbooks, the page about monitoring and the code name the same metrics."""

import ast
import re
from pathlib import Path
from typing import Any, Final

import yaml
from prometheus_client import Counter, Histogram

from shared.ports import metrics

ROOT: Final = Path(__file__).parents[3]
RULES: Final = yaml.safe_load((ROOT / "deploy" / "alerts" / "ujuzi.yaml").read_text())
RUNBOOKS: Final = (ROOT / "docs" / "runbooks.md").read_text()
MONITORING: Final = (ROOT / "docs" / "monitoring.md").read_text()
SUFFIXES: Final = ("_bucket", "_sum", "_count")


def alerts() -> list[dict[str, Any]]:
    return [rule for group in RULES["groups"] for rule in group["rules"]]


def told() -> set[str]:
    """Every metric of ours, by the name under which Prometheus keeps it."""
    counted = {
        f"{one._name}_total" if isinstance(one, Counter) else one._name
        for one in vars(metrics).values()
        if isinstance(one, Counter | Histogram)
    }
    return counted | {one.name for one in vars(metrics).values() if isinstance(one, metrics.Gauge)}


def named_in(text: str) -> set[str]:
    names = re.findall(r"\bujuzi_[a-z_]+\b", text)
    return {name for name in names if name != "ujuzi_issuer"}


def plain(name: str) -> str:
    return next((name.removesuffix(end) for end in SUFFIXES if name.endswith(end)), name)


def test_every_alert_says_what_it_is_and_for_whom() -> None:
    assert len(alerts()) > 10
    assert len({alert["alert"] for alert in alerts()}) == len(alerts())
    for alert in alerts():
        assert alert.keys() <= {"alert", "expr", "for", "labels", "annotations"}
        assert alert["labels"]["severity"] in {"page", "ticket"}
        assert alert["annotations"]["summary"]


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    chapters = re.split(r"^## ", RUNBOOKS, flags=re.MULTILINE)[1:]
    assert {chapter.partition("\n")[0] for chapter in chapters} == {alert["alert"] for alert in alerts()}
    for chapter in chapters:
        assert "**Means:**" in chapter
        assert "**Learners notice:**" in chapter
        assert re.search(r"^1\. ", chapter, re.MULTILINE), chapter


def test_alerts_and_runbooks_name_metrics_that_there_are() -> None:
    said = named_in(RUNBOOKS).union(*(named_in(alert["expr"]) for alert in alerts()))
    assert {plain(name) for name in said} <= told()


def test_the_page_about_monitoring_names_every_metric() -> None:
    rows = MONITORING.replace("`…_ack_pending`", "`ujuzi_consumer_ack_pending`").replace(
        "`…_redelivered{", "`ujuzi_consumer_redelivered{"
    )
    assert told() <= named_in(rows)


def test_each_word_a_runbook_looks_for_in_the_log_is_written_there() -> None:
    sought = re.findall(r"\$LOGS \| grep (?:-i )?\"([^\"]+)\"", RUNBOOKS)
    assert len(sought) > 5
    assert len(sought) == RUNBOOKS.count("$LOGS | grep"), "expected that words sought for are quoted"
    lines = written()
    for words in sought:
        for word in words.split("\\|"):
            assert any(re.search(word, line) for line in lines), f"no line of a log has {word!r}"


def written() -> list[str]:
    """Every line that code may write into a log, with … for what is filled in."""
    lines: list[str] = []
    for folder in ("shared", "services", "wallet", "issuer", "verifier"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call):
                    lines += _of(node)
    return lines


def _of(call: ast.Call) -> list[str]:
    match call:
        case ast.Call(func=ast.Attribute(value=ast.Name("log" | "_log")), args=[ast.Constant(str(said)), *_]):
            return [re.sub(r"%[.\d]*[sdf]", "…", said)]
        case ast.Call(func=ast.Name("Outage"), args=[part]):
            return [f"{_text(part)} is away: …"]
        case ast.Call(func=ast.Name("running")):
            return [f"{loop.arg} stopped; it is started again in … s" for loop in call.keywords if loop.arg]
        case _:
            return []


def _text(part: ast.expr) -> str:
    match part:
        case ast.Constant(str(said)):
            return said
        case ast.JoinedStr(values):
            return "".join(_text(value) for value in values)
        case _:
            return "…"
