"""`python -m wallet`: run the wallet service with settings from the environment."""

from wallet.main import run

if __name__ == "__main__":
    run()
