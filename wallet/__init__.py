"""The learner's wallet: claim, keep, understand and share micro-credentials; sealed unless she opens it."""
