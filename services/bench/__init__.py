"""The benchmark: Ujuzi, stock ACA-Py and the bare arithmetic side by side, in one run on one machine."""
