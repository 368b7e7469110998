"""A framework is called by its official name in the reader's language, else as it is registered."""

import pytest

from issuer.entry.framework_words import framework_name


@pytest.mark.parametrize(
    ("code", "language", "name"),
    [
        ("eqf", "en", "European Qualifications Framework"),
        ("eqf", "fr", "Cadre européen des certifications"),
        ("eqf", "ar", "الإطار الأوروبي للمؤهلات"),
        ("sadcqf", "fr", "SADC Qualifications Framework"),
        ("xx-nqf", "ar", "XX-NQF"),
    ],
)
def test_by_its_name_where_one_is_known(code: str, language: str, name: str) -> None:
    assert framework_name(code, language) == name
