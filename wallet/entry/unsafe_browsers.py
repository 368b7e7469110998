"""Browsers in which a learner's keys would not be hers: those inside other apps, and those that send everything through a company's computers.

An app that shows pages inside itself can read what is typed and shown there. A data-saving browser draws pages on its maker's
computers, which see the same. Both are told from what they say of themselves; whoever wants to be taken for another browser is
not stopped, and what only the phone can tell is left to `safe.js`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit


class Why(StrEnum):
    """Why keys would not be hers. OLD is what `safe.js` finds: no WebCrypto, no database, no secure connection."""

    IN_APP = "in_app"
    PROXY = "proxy"
    OLD = "old"


class Phone(StrEnum):
    """What kind of device it is, as far as it matters for opening another browser."""

    ANDROID = "android"
    IPHONE = "iphone"
    OTHER = "other"


_IN_APP: Final = re.compile(
    r"""
    ;\ wv\)                                     # Android's own word for a page inside an app
    | \bVersion/4\.0\ Chrome/                   # the same before Android 5 said so
    | \bFB(AN|AV|IOS)\b | \bFB_IAB\b | Messenger(Lite)?ForiOS | \bInstagram\b | \bBarcelona\b
    | ^Mozilla.*\bWhatsApp/                     # its preview of a link, "WhatsApp/2…", is no browser
    | \bmusical_ly | \btrill_ | BytedanceWebview | \bTikTok | \bLine/ | \bLIFF\b | MicroMessenger | \bQQ/ | \bWeibo
    | \bSnapchat\b | \bPinterest/ | Twitter\ for\  | LinkedInApp | Telegram- | \bViber\b | KAKAOTALK | NAVER\(inapp | \bZalo\b
    | \bGSA/ | \bimo/ | \bYahooMobile | DiscordAndroid | \bSlack_ | \[Reddit | \bRedditAndroid | com\.google\.android\.gm
    """,
    re.VERBOSE,
)
_PROXY: Final = re.compile(
    r"""
    Opera\ Mini | \bOPiOS/ | Opera\ Mobi.*Presto | \bUCWEB | \bUCMini | \bUCBrowser | \bUBrowser | \bUC\ Browser
    | \bPuffin/ | Silk-Accelerated=true | OviBrowser | NokiaXpress | \bBOLT/ | \bSkyfire | googleweblight | \bMaui\ Browser
    """,
    re.VERBOSE | re.IGNORECASE,
)
_PROXY_HEADERS: Final = re.compile(
    r"x-operamini-.+|x-ucbrowser-.+|x-puffin-.+|x-bolt-phone-ua|x-skyfire-.+|chrome-proxy|x-original-user-agent-by-opera"
)
_PROXY_VIA: Final = re.compile(
    r"Chrome-Compression-Proxy|OperaMini|Opera-Mini|Opera Turbo|Nokia|UCWeb|Puffin", re.IGNORECASE
)
"""A `Via` of any other name may be that of the installation's own edge."""


@dataclass(frozen=True)
class Elsewhere:
    """How to go on in a browser that is safe: `address` is this very page, `intent` a link by which Android opens it in Chrome."""

    why: Why
    phone: Phone
    address: str

    @property
    def intent(self) -> str | None:
        """None where there is no such link."""
        if self.phone is not Phone.ANDROID:
            return None
        parts = urlsplit(self.address)
        rest = self.address.removeprefix(f"{parts.scheme}:")
        return f"intent:{rest}#Intent;scheme={parts.scheme};action=android.intent.action.VIEW;package=com.android.chrome;end"


def why_unsafe(user_agent: str, headers: Mapping[str, str]) -> Why | None:
    """Why keys would not be hers in the browser that says this of itself; None for one that is her own. Names of headers are in small letters."""
    if _PROXY.search(user_agent) or any(map(_PROXY_HEADERS.fullmatch, headers)):
        return Why.PROXY
    if _PROXY_VIA.search(headers.get("via", "")):
        return Why.PROXY
    return Why.IN_APP if _IN_APP.search(user_agent) else None


def phone_of(user_agent: str) -> Phone:
    """What kind of device a browser says it runs on."""
    if re.search(r"iPhone|iPad|iPod", user_agent):
        return Phone.IPHONE
    return Phone.ANDROID if "Android" in user_agent else Phone.OTHER
