"""`python -m wallet`: run the wallet service with settings from the environment."""

from shared.adapters.collector import not_collecting

if __name__ == "__main__":
    with not_collecting():
        from wallet.main import run
    run()
