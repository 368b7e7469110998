"""Lets `python -m services.launcher` be the `ujuzi` command."""

from services.launcher.main import main

main()
