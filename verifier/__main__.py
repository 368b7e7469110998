"""`python -m verifier`: run the verifier with settings from the environment."""

from verifier.main import main

if __name__ == "__main__":
    main()
