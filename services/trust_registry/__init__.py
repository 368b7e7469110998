"""The trust registry: one authority, the organisations it accredits, and the signed lists that say so."""
