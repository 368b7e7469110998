"""Run the trust registry: `python -m services.trust_registry`."""

from services.trust_registry.main import main

main()
