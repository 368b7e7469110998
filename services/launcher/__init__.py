"""The `ujuzi` command: everything on one machine, and the demonstration."""
