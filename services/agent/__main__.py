"""`python -m services.agent`: run one party's DIDComm agent with settings from the environment."""

from services.agent.main import run

if __name__ == "__main__":
    run()
