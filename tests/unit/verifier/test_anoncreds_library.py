"""The library of proofs is loaded before two threads can try it at once."""

import subprocess
import sys

_SCRIPT = """
from anoncreds import bindings
from verifier.adapters.anoncreds_proof import AnoncredsProof
assert bindings.LIB is None
AnoncredsProof()
assert bindings.LIB is not None
"""


def test_it_is_loaded_when_the_verifier_is_put_together() -> None:
    subprocess.run([sys.executable, "-c", _SCRIPT], check=True)
