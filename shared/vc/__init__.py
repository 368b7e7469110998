"""Pure cryptography and document forms: no I/O, no clock, no environment."""
