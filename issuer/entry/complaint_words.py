"""What is wrong with a cell, in the reader's language: the sentences of `issuer.domain`, which the API says in English."""

from issuer.errors import Complaint


def in_words(complaint: Complaint, language: str) -> tuple[str, str]:
    """Return problem and remedy; in English where nobody translated them."""
    del language
    return complaint.problem, complaint.remedy
