"""How long a text message is, as telephones count it (3GPP TS 23.038 and 23.040): each segment is paid for."""

from dataclasses import dataclass
from typing import Final

_GSM7: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)  # fmt: skip
_EXTENDED: Final = frozenset("^{}\\[~]|€")
"""Characters that take two septets."""


@dataclass(frozen=True, slots=True)
class SmsSize:
    """In septets where every character is in `GSM-7`, else in the 16-bit units of `UCS-2`."""

    encoding: str
    units: int
    segments: int


def sms_size(text: str) -> SmsSize:
    """Count a text; a character that takes two units is never cut by the end of a segment."""
    if all(c in _GSM7 or c in _EXTENDED for c in text):
        return _counted("GSM-7", [2 if c in _EXTENDED else 1 for c in text], alone=160, joined=153)
    return _counted("UCS-2", [len(c.encode("utf-16-be")) // 2 for c in text], alone=70, joined=67)


def _counted(encoding: str, widths: list[int], *, alone: int, joined: int) -> SmsSize:
    units = sum(widths)
    if units <= alone:
        return SmsSize(encoding, units, 1)
    segments, filled = 1, 0
    for width in widths:
        if filled + width > joined:
            segments, filled = segments + 1, 0
        filled += width
    return SmsSize(encoding, units, segments)
