"""Decisions of the agent plugin: frozen data and plain functions."""
