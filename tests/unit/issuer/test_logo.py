"""Logos: what is taken is written anew, what is dangerous is refused before it is unpacked."""

import hashlib
import io
import random
import struct
import zlib

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from issuer.adapters.pillow_logo import KEPT, LARGEST_KEPT, read_logo
from issuer.errors import LogoRefused


def picture(kind: str = "PNG", size: tuple[int, int] = (600, 200), mode: str = "RGB") -> bytes:
    into = io.BytesIO()
    Image.new(mode, size, "red").save(into, kind)
    return into.getvalue()


def claiming(width: int, height: int) -> bytes:
    """A PNG of some fifty bytes that says it is so large."""
    parts = [b"\x89PNG\r\n\x1a\n"]
    for name, body in (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\x00")),
    ):
        parts.append(struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)))
    return b"".join(parts)


@pytest.mark.parametrize(("kind", "media_type"), [("PNG", "png"), ("WEBP", "png"), ("JPEG", "jpeg")])
async def test_a_picture_is_made_to_fit_and_known_by_its_content(kind: str, media_type: str) -> None:
    logo = await read_logo(picture(kind))
    assert logo.media_type == f"image/{media_type}"
    assert logo.digest == hashlib.sha256(logo.content).hexdigest()
    with Image.open(io.BytesIO(logo.content)) as kept:
        assert kept.size == (480, 160)


async def test_nothing_but_the_picture_is_kept() -> None:
    told, into = PngInfo(), io.BytesIO()
    told.add_text("Comment", "<script>alert(1)</script>")
    Image.new("RGB", (64, 64)).save(into, "PNG", pnginfo=told)
    content = into.getvalue() + b"<?php evil ?>"
    logo = await read_logo(content)
    assert b"script" in content
    assert b"script" not in logo.content
    assert b"php" not in logo.content


async def test_a_restless_picture_gets_fewer_colours() -> None:
    noise, into = random.Random(1).randbytes(300 * 240 * 3), io.BytesIO()  # noqa: S311 - noise, no secret
    Image.frombytes("RGB", (300, 240), noise).resize(KEPT).save(into, "WEBP", quality=60)
    assert len((await read_logo(into.getvalue())).content) <= LARGEST_KEPT * 1.3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'<?xml version="1.0"?><SVG onload="alert(1)"/>', "SVG file may carry scripts"),
        (b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", "found something else"),
        (b"", "found something else"),
        (picture()[:60], "is damaged"),
        (picture(size=(16, 600)), "at least 32 pixels a side, found 16 x 600"),
        (claiming(5000, 100), "found 5000 x 100"),
        (claiming(3900, 3900), "8 million in all, found 3900 x 3900"),
        (claiming(50_000, 50_000), "more pixels than any logo has"),
        (b"\x89PNG" + bytes(256 * 1024), "at most 256 KB, found 257 KB"),
    ],
    ids=["svg", "gif", "empty", "damaged", "thin", "wide", "large", "bomb", "heavy"],
)
async def test_what_is_no_logo_is_refused_with_the_reason(content: bytes, said: str) -> None:
    with pytest.raises(LogoRefused, match=said):
        await read_logo(content)
