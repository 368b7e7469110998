"""Reads measured costs, writes the pages."""
