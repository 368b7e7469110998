"""`python -m verifier`: run the verifier with settings from the environment."""

from verifier.main import run

if __name__ == "__main__":
    run()
