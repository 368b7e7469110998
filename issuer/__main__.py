"""`python -m issuer`: run the issuer with settings from the environment."""

from issuer.main import run

if __name__ == "__main__":
    run()
