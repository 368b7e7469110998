"""What is freed in the middle of the heap goes back to the machine."""

import ctypes
from pathlib import Path

from shared.adapters.freed_memory import give_back

PIECE, PIECES = 64 * 1024, 1_600


def resident() -> int:
    """Bytes."""
    line = next(one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


def test_what_lies_below_a_piece_in_use_is_given_back() -> None:
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    libc.malloc.argtypes = [ctypes.c_size_t]
    libc.free.argtypes = [ctypes.c_void_p]
    pieces = [libc.malloc(PIECE) for _ in range(PIECES)]
    for piece in pieces:
        ctypes.memset(piece, 1, PIECE)
    for piece in pieces[:-1]:  # the last one keeps the heap from ending sooner
        libc.free(piece)
    before = resident()
    give_back()
    assert before - resident() > PIECE * PIECES // 2
    libc.free(pieces[-1])
