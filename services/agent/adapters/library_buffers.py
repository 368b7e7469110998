"""What askar and anoncreds read and write, passed on without a class of Python's for each length.

Their bindings see a buffer of n bytes through the class "array of n bytes" and a pointer to that class, which ctypes keeps for ever: some
kilobytes for each length that ever came. What they are given is an array too, whose class costs more than the copy.
"""

from ctypes import POINTER, Structure, c_char_p, c_ubyte, cast, string_at
from typing import Any


def as_bytes(self: Any) -> bytes:  # noqa: ANN401  a RawBuffer of either library
    """Copy what is in a buffer of the library's."""
    return string_at(self.data, self.len) if self.len else b""


def as_view(self: Any) -> memoryview:  # noqa: ANN401  a ByteBuffer of either library
    """The same of a buffer that the library frees with this object: the copy outlives it."""
    return memoryview(bytes(self.buffer))


def given(buffer: type[Structure], arg: str | bytes | bytearray | memoryview | None) -> Structure:
    """A buffer with this in it, for as long as it is there."""
    made: Any = buffer()
    if arg is not None:
        body = arg.encode() if isinstance(arg, str) else bytes(arg)
        made.len, made.value = len(body), cast(c_char_p(body), POINTER(c_ubyte))
    return made  # type: ignore[no-any-return]  # its fields are ctypes' own
