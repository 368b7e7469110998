"""Facts and rules of issuing: frozen data and plain functions, no I/O."""
