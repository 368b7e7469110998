"""`python -m services.trust_registry`: run the trust registry with settings from the environment."""

from services.trust_registry.main import run

if __name__ == "__main__":
    run()
