"""The library of proofs is loaded before two threads can try it at once: it would panic in one of them."""

import subprocess
import sys

import pytest

_SCRIPT = """
{importing}
from anoncreds import bindings
assert bindings.LIB is None
{loading}
assert bindings.LIB is not None
"""


@pytest.mark.parametrize(
    ("importing", "loading"),
    [
        ("from verifier.adapters.anoncreds_proof import AnoncredsProof", "AnoncredsProof()"),
        ("from services.agent import patches", "patches.load_library_of_proofs()"),
    ],
    ids=["verifier", "agent"],
)
def test_it_is_loaded_when_a_program_is_put_together(importing: str, loading: str) -> None:
    subprocess.run([sys.executable, "-c", _SCRIPT.format(importing=importing, loading=loading)], check=True)
