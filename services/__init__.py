"""The parts beside the three parties: the agent plugin, the trust registry and the launcher."""
