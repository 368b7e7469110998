"""Claim links and one-time codes."""

from dataclasses import replace

import pytest

from issuer.domain.award import Award
from issuer.domain.claim import (
    MAX_WRONG_CODES,
    claim_digest,
    claim_token,
    code_digest,
    new_code,
    try_code,
    wrong_code,
)
from issuer.errors import ClaimCodeWrong
from tests.support.issuer import SECRET, batch_of, new_id, prepared_award, published_template


def award_with_code(code: str) -> Award:
    template = published_template()
    award = prepared_award(template, batch_of(template))
    return replace(award, code_digest=code_digest(SECRET, award.id, code))


def test_a_link_depends_on_the_award_and_the_secret() -> None:
    first, second = new_id(), new_id()
    assert claim_token(SECRET, first) == claim_token(SECRET, first)
    assert claim_token(SECRET, first) != claim_token(SECRET, second)
    assert claim_token(SECRET, first) != claim_token(bytes(32), first)
    assert claim_token(SECRET, first) not in claim_digest(claim_token(SECRET, first))


def test_a_code_may_be_typed_with_spaces_hyphens_and_small_letters() -> None:
    award = award_with_code("ABCD2345")
    assert try_code(award, SECRET, " abcd-2345 ") is award


@pytest.mark.parametrize("typed", ["ABCD٢٣٤٦", "ABCD۲۳۴۶"])
def test_a_code_may_be_typed_on_an_arabic_or_persian_keyboard(typed: str) -> None:
    award = award_with_code("ABCD2346")
    assert try_code(award, SECRET, typed) is award


def test_a_wrong_code_is_counted_and_the_link_closes_after_the_last_attempt() -> None:
    award = award_with_code("ABCD2345")
    for used in range(1, MAX_WRONG_CODES + 1):
        award = try_code(award, SECRET, "WRONG")
        assert award.wrong_codes == used
        assert f"{MAX_WRONG_CODES - used} attempts left" in str(wrong_code(award))
    with pytest.raises(ClaimCodeWrong, match="this link is closed"):
        try_code(award, SECRET, "ABCD2345")


def test_a_missing_code_is_asked_for_and_not_counted() -> None:
    with pytest.raises(ClaimCodeWrong, match="Enter the one-time code"):
        try_code(award_with_code("ABCD2345"), SECRET, None)


def test_codes_differ_and_avoid_letters_that_look_alike() -> None:
    codes = {new_code() for _ in range(50)}
    assert len(codes) == 50
    assert not set("".join(codes)) & set("01IO")
