"""The verbs: one callable per file."""
