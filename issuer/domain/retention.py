"""How long the issuer keeps what it keeps, and why.

What is published (editions, definitions, status lists) stays for ever: credentials and proofs name it. So do drafts and
figures, which say nothing of anybody. What follows is about graduates.
"""

from datetime import timedelta
from typing import Final

COMPLAINTS_KEPT: Final = timedelta(days=30)
"""Cells of a spreadsheet that were refused, since it was imported: long enough to mend them."""
CONTACTS_KEPT: Final = timedelta(days=90)
"""E-mail address and telephone of an award that is claimed or has ended, and the messages to it, since its last move: they
were there to reach her for the claim. For a correction or a new issue the officer asks her, whom he has to identify anyway."""
CLAIM_KEPT: Final = timedelta(days=730)
"""An award that nobody claims, since its last move: then it is taken back. Links are followed months late; two years after
the last sign of life an address is rarely hers any more."""
NEVER_CLAIMED: Final = "Nobody claimed it within two years."
"""The reason such an award ends with; its graduate's name goes with her address."""
YEAR: Final = timedelta(days=366)
"""For `keep_awards_years`: name, grade and date of an award that is claimed, or all of one that has ended. They are what
revoking, correcting and issuing again need, and what an officer looks up. Laws on award records differ, hence a setting."""
