from wallet.domain.words import claims, predicate_in_words, value_in_words


def test_values_are_put_in_words() -> None:
    assert value_in_words("awarded_dateint", "20260131") == "31 January 2026"
    assert value_in_words("expiry_dateint", "99991231") == "does not expire"
    assert value_in_words("family_name", "(mononym)") == "none (one name only)"
    assert value_in_words("eqf_level", "0") == "not stated"
    assert value_in_words("credits_x10", "45") == "4.5"
    assert value_in_words("grade_pct", "87") == "87 %"


def test_a_value_of_unexpected_shape_is_shown_as_it_is() -> None:
    assert value_in_words("awarded_dateint", "last spring") == "last spring"
    assert value_in_words("awarded_dateint", "20261399") == "20261399"


def test_a_predicate_says_what_is_proven_and_not_the_value() -> None:
    assert predicate_in_words("awarded_dateint", ">=", 20240101) == "awarded on or after 1 January 2024"
    assert predicate_in_words("expiry_dateint", ">=", 20261121) == "still valid on 21 November 2026"
    assert predicate_in_words("eqf_level", ">=", 4) == "European level (EQF) at least 4"
    assert predicate_in_words("credits_x10", "<", 45) == "less than 4.5 credits"
    assert predicate_in_words("shoe_{size}", ">", 40) == "shoe {size} more than 40"


def test_claims_come_in_reading_order_and_keep_unknown_ones() -> None:
    found = claims({"zebra": "1", "given_name": "Amina", "title": "First aid"})

    assert [claim.name for claim in found] == ["title", "given_name", "zebra"]
    assert found[1].label == "Given name"
