"""`python -m services.trust_registry`: run the trust registry with settings from the environment."""

from services.trust_registry.main import main

if __name__ == "__main__":
    main()
