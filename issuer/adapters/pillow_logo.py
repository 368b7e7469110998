"""Logos by Pillow: what is brought is read with bounds, and written anew without anything but the picture."""

import asyncio
import hashlib
import io
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from issuer.domain.profile import LARGEST_LOGO, Logo
from issuer.errors import LogoRefused

LONGEST_SIDE: Final = 4000
MOST_PIXELS: Final = 8_000_000
"""Of what is brought: 32 MB while it is read."""
SHORTEST_SIDE: Final = 32
KEPT: Final = (480, 240)
"""Width and height a logo is made to fit: twice what pages and slips show of it."""
LARGEST_KEPT: Final = 96 * 1024
"""A PNG beyond this gets 256 colours: it goes along with every e-mail."""
_COLOURS: Final = 256
_SVG: Final = b"<svg"
_BEGINNING: Final = 1024


async def read_logo(content: bytes) -> Logo:
    """The port ReadLogo."""
    return await asyncio.to_thread(_read, content)


def _read(content: bytes) -> Logo:
    if len(content) > LARGEST_LOGO:
        raise LogoRefused(
            f"Expected a picture of at most {LARGEST_LOGO // 1024} KB, found {-(-len(content) // 1024)} KB: save it smaller."
        )
    if _SVG in content[:_BEGINNING].lower():
        raise LogoRefused("An SVG file may carry scripts and is not taken: save the logo as PNG.")
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as picture:
            _check_size(*picture.size)
            kind = picture.format
            picture.load()
            upright = ImageOps.exif_transpose(picture)
            kept = upright.convert("RGB" if kind == "JPEG" else "RGBA")
    except LogoRefused:
        raise
    except Image.DecompressionBombError as error:
        raise LogoRefused(_too_large("more pixels than any logo has")) from error
    except UnidentifiedImageError as error:
        raise LogoRefused("Expected a PNG, JPEG or WebP picture, found something else.") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:  # what Pillow raises for damaged files
        raise LogoRefused("The picture is damaged: save it anew as PNG.") from error
    kept.thumbnail(KEPT)
    written = _jpeg(kept) if kind == "JPEG" else _png(kept)
    media_type = "image/jpeg" if kind == "JPEG" else "image/png"
    return Logo(hashlib.sha256(written).hexdigest(), media_type, written)


def _check_size(width: int, height: int) -> None:
    """Before a pixel of it is unpacked: a small file may claim to be a picture that fills the memory."""
    if max(width, height) > LONGEST_SIDE or width * height > MOST_PIXELS:
        raise LogoRefused(_too_large(f"{width} x {height}"))
    if min(width, height) < SHORTEST_SIDE:
        raise LogoRefused(
            f"Expected at least {SHORTEST_SIDE} pixels a side, found {width} x {height}: take a larger picture."
        )


def _too_large(found: str) -> str:
    return (
        f"Expected at most {LONGEST_SIDE} pixels a side and {MOST_PIXELS // 1_000_000} million in all, found {found}: "
        f"save it smaller; {KEPT[0]} x {KEPT[1]} is enough."
    )


def _png(picture: Image.Image) -> bytes:
    written = _written(picture, "PNG", optimize=True)
    if len(written) <= LARGEST_KEPT:
        return written
    fewer = picture.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE)
    return _written(fewer, "PNG", optimize=True)


def _jpeg(picture: Image.Image) -> bytes:
    return _written(picture, "JPEG", quality=88, optimize=True)


def _written(picture: Image.Image, kind: str, **options: object) -> bytes:
    picture.info.clear()
    into = io.BytesIO()
    picture.save(into, kind, **options)
    return into.getvalue()
