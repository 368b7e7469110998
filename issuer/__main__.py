"""`python -m issuer`: run the issuer with settings from the environment."""

from shared.adapters.collector import not_collecting

if __name__ == "__main__":
    with not_collecting():
        from issuer.main import command
    command()
