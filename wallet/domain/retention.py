"""How long the wallet service keeps what it keeps, and why.

What a learner holds stays until she deletes it: nobody but her can say what it is worth. What ended in her store goes by the
times of `services.agent.domain.retention`, while it is open.
"""

from datetime import timedelta
from typing import Final

NEVER_USED_KEPT: Final = timedelta(days=365)
"""A wallet that was made here, never was connected to anybody and was not opened since. It can hold nothing, and nobody can
be told: no address of its learner is known."""
LOOK_AGAIN: Final = timedelta(days=1)
"""How often an open store is looked through."""
