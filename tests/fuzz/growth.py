"""`python -m tests.fuzz.growth <table`: read a cohort, and print by how many bytes this process grew at most meanwhile.

A process of its own, whose memory the kernel counts: asking Python about each object takes thirty times as long as reading.
"""

import sys
from datetime import date
from pathlib import Path

from issuer.domain.graduate import GradingRule
from issuer.domain.spreadsheet import Sheet, read_sheet


def read(content: bytes) -> Sheet:
    return read_sheet(
        content, today=date(2026, 11, 21), grading=GradingRule("percentage", 50), default_language="en"
    )


def _resident(which: str) -> int:
    return int(Path("/proc/self/status").read_text().partition(f"{which}:")[2].split()[0]) * 1024


def main() -> None:
    content = sys.stdin.buffer.read()
    Path("/proc/self/clear_refs").write_text("5")  # the highest it was begins anew
    before = _resident("VmRSS")
    assert not read(content).graduates
    sys.stdout.write(str(_resident("VmHWM") - before))


if __name__ == "__main__":
    main()
