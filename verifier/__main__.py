"""`python -m verifier`."""

from verifier.main import main

main()
