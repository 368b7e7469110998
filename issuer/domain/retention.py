"""How long the issuer keeps what it keeps, and why.

What is published (editions, definitions, status lists) stays for ever: credentials and proofs name it. So do drafts and
figures, which say nothing of anybody. What follows is about graduates.
"""

from datetime import timedelta
from typing import Final

COMPLAINTS_KEPT: Final = timedelta(days=30)
"""Rows of a spreadsheet, and cells of it that were refused, since it was uploaded: long enough to mend, approve and send them.
What became an award is kept there."""
CONTACTS_KEPT: Final = timedelta(days=30)
"""Unless `keep_contacts_days` says otherwise: e-mail address and telephone of an award, and the messages to it, since it was
claimed or ended, or its link's last day went by. They were there to reach her for the claim; so long a message may still
bounce and she may ask. For a correction or a new issue the officer asks her, whom he has to identify anyway."""
REQUESTS_KEPT: Final = timedelta(days=3 * 366)
"""What was asked about somebody's data, and what came of it: so long a supervisory authority may ask. No name is in it."""
CLAIM_KEPT: Final = timedelta(days=730)
"""An award that nobody claims, since its last move: then it is taken back. Links are followed months late; two years after
the last sign of life an address is rarely hers any more."""
NEVER_CLAIMED: Final = "Nobody claimed it within two years."
"""The reason such an award ends with; its graduate's name goes with her address."""
YEAR: Final = timedelta(days=366)
"""For `keep_awards_years`: name, grade and date of an award that is claimed, or all of one that has ended. They are what
revoking, correcting and issuing again need, and what an officer looks up. Laws on award records differ, hence a setting."""
