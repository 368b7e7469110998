"""Memory a program has freed, given back to the machine.

glibc gives back what lies at the end of its heap only. A program of many threads frees elsewhere, and would grow for days
without using more.
"""

import ctypes
import threading
import time
from typing import Final

EVERY_SECONDS: Final = 60.0


def give_back() -> None:
    """Give back every whole page that nothing uses; does nothing where the C library knows no way."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(ctypes.c_size_t(0))


def keep_giving_back() -> None:
    """Do so now and then, in a thread of its own, as long as the process runs."""
    threading.Thread(target=_for_ever, name="freed-memory", daemon=True).start()


def _for_ever() -> None:
    while True:
        time.sleep(EVERY_SECONDS)
        give_back()
