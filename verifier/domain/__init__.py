"""Requirements, requests and verdicts: frozen data and plain functions."""
