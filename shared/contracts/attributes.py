"""The AnonCreds profile: which attributes every award carries, in which order, and how absence is written."""

SCHEMA_NAME = "ujuzi-micro-credential"
SCHEMA_VERSION = "1.0"

ATTRIBUTES = (
    "given_name",
    "family_name",
    "awarded_dateint",
    "expiry_dateint",
    "grade",
    "grade_pct",
    "eqf_level",
    "workload_hours",
    "credits_x10",
    "achievement_id",
    "awarding_body_id",
    "issuer_country",
    "title",
    "profile_version",
    "twin_digest",
)

NO_EXPIRY = 99991231
"""`expiry_dateint` of an award that never expires."""

NO_FAMILY_NAME = "(mononym)"
"""`family_name` of a person who has one name: declared, not blank."""

NOT_STATED = "0"
"""Value of an integer attribute the programme does not state."""

NO_GRADE = "pass"
"""`grade` of an award without a grade; `grade_pct` is then NOT_STATED."""

NEVER_ASKED = frozenset({"twin_digest"})
"""Unique values: revealing one would make proofs linkable, so no request may ask for it."""

INTEGERS = frozenset(
    {"awarded_dateint", "expiry_dateint", "grade_pct", "eqf_level", "workload_hours", "credits_x10"}
)
"""Attributes that predicates may compare (32-bit integers)."""
