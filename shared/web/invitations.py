"""How an invitation leaves a page: as a code to scan, as a link for the wallet app on this device."""

from urllib.parse import urlsplit

import segno
from segno.encoder import DataOverflowError

QUIET_ZONE = 4
"""Modules of white on each side, as ISO/IEC 18004 asks; white also where the page is dark."""


def qr_svg(link: str) -> str | None:
    """Return SVG that grows with its box, black on white; None if the link is too long for any code."""
    try:
        code = segno.make(link, error="l", micro=False)
    except DataOverflowError:
        return None
    return str(code.svg_inline(border=QUIET_ZONE, dark="black", light="white", omitsize=True))


def qr_file(link: str) -> str | None:
    """Return the same as a file of its own."""
    svg = qr_svg(link)
    return svg and svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)


def page_link(wallet_url: str | None, invitation_url: str) -> str | None:
    """Return the same invitation at a wallet in the browser; None where none is named."""
    return wallet_url and f"{wallet_url}/i?{urlsplit(invitation_url).query}"


def app_link(invitation_url: str) -> str:
    """Return the same invitation under the scheme that wallet apps register on phones."""
    return f"didcomm://invite?{urlsplit(invitation_url).query}"
