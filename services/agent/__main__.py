"""`python -m services.agent`: run one party's DIDComm agent."""

from services.agent.main import run

run()
