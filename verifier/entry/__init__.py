"""Where calls come in: the API, the pages, the agent's events."""
