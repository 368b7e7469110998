"""Costs, needs, queues and charts: plain functions."""
