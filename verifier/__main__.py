"""`python -m verifier`: run the verifier with settings from the environment."""

from shared.adapters.collector import not_collecting

if __name__ == "__main__":
    with not_collecting():
        from verifier.main import main
    main()
