"""`python -m services.trust_registry`: run the trust registry with settings from the environment."""

from shared.adapters.collector import not_collecting

if __name__ == "__main__":
    with not_collecting():
        from services.trust_registry.main import main
    main()
