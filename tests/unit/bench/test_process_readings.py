"""What the kernel tells of processes: this one and a child of it."""

import subprocess
import sys

from services.bench.adapters.process_readings import children_of, usage_of
from services.bench.domain.plan import DRIVER

WORKS = "sum(range(10_000_000)); print('done', flush=True); input()"


def test_a_process_has_used_what_it_and_its_children_used() -> None:
    inner = [sys.executable, "-c", WORKS]
    outer = f"import subprocess; subprocess.run({inner!r})"
    with subprocess.Popen(
        [sys.executable, "-c", outer], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        found = usage_of({"worker": process.pid})
        (child,) = children_of(process.pid)
        alone = usage_of({"child": child})["child"]
        process.communicate(b"\n")
    assert found["worker"].cpu_seconds > alone.cpu_seconds - 0.05 > 0.05
    assert found["worker"].rss_mib > alone.rss_mib > 1
    assert found[DRIVER].rss_mib > 1


def test_a_process_that_is_gone_is_left_out() -> None:
    with subprocess.Popen(["true"]) as process:
        process.wait()
    assert set(usage_of({"gone": process.pid})) == {DRIVER}
