"""The verifier's doors to SQL, the agent, published objects and the AnonCreds library."""
