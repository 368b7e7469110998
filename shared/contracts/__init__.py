"""Wire shapes every party agrees on: plain data, no I/O."""
