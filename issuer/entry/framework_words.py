"""Names of frameworks of levels in the console's languages, where an official one is known; elsewhere they stand as registered."""

from collections.abc import Mapping
from typing import Final

from shared.vc.frameworks import FRAMEWORKS

_NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "fr": {
        "eqf": "Cadre européen des certifications",
        "acqf": "Cadre continental africain des certifications",
        "ma-nqf": "Maroc\N{NO-BREAK SPACE}: Cadre national des certifications",
    },
    "ar": {
        "eqf": "الإطار الأوروبي للمؤهلات",
    },
}
"""Those of the framework's own documents in that language; what nobody found there is not translated."""


def framework_name(code: str, language: str) -> str:
    """The framework's name; its code in capitals where it is not among FRAMEWORKS."""
    known = FRAMEWORKS.get(code)
    return _NAMES.get(language, {}).get(code) or (known.name if known else code.upper())
