from typing import Any

import pytest

from tests.support.wallet_fakes import CRED_DEF, EDITION_ID, ISSUER, a_credential
from wallet.domain.proof_request import accepts, presentation, read_needs
from wallet.errors import RequestUnreadable

RESTRICTIONS = [{"cred_def_id": CRED_DEF, "attr::achievement_id::value": EDITION_ID}]


def request(**changes: object) -> dict[str, Any]:
    return {
        "name": "ujuzi:1",
        "requested_attributes": {
            "need_0": {"names": ["achievement_id", "title"], "restrictions": RESTRICTIONS},
            "need_1": {"name": "title"},
        },
        "requested_predicates": {
            "need_0_awarded_dateint": {"name": "awarded_dateint", "p_type": ">=", "p_value": 20260101},
        },
    } | changes


def test_the_parts_of_a_need_are_brought_together() -> None:
    first, second = read_needs(request())

    assert first.id == "need_0"
    assert first.revealed == ("achievement_id", "title")
    assert [part.attribute for part in first.predicates] == ["awarded_dateint"]
    assert first.shows_programme
    assert second.revealed == ("title",)


def test_in_another_partys_request_every_referent_is_a_need() -> None:
    asked = request(
        requested_attributes={"a": {"name": "given_name"}, "b": {"name": "title"}}, requested_predicates={}
    )

    assert [need.id for need in read_needs(asked)] == ["a", "b"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"requested_attributes": {}, "requested_predicates": {}}, "asks for nothing"),
        ({"requested_attributes": {"a": {}}}, "which attributes"),
        ({"requested_attributes": []}, "damaged"),
        ({"requested_predicates": {"p": {"name": "x", "p_type": "==", "p_value": 1}}}, "comparison"),
        ({"requested_predicates": {"p": {"name": "x", "p_type": ">=", "p_value": "1"}}}, "comparison"),
        ({"requested_attributes": {"a": {"name": "x", "restrictions": [{"$or": []}]}}}, "cannot explain"),
        ({"requested_attributes": {f"a{n}": {"name": "x"} for n in range(101)}}, "too many"),
    ],
)
def test_a_request_that_cannot_be_explained_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(RequestUnreadable, match=why):
        read_needs(request(**changes))


@pytest.mark.parametrize(
    ("restriction", "admitted"),
    [
        ({"cred_def_id": CRED_DEF}, True),
        ({"cred_def_id": CRED_DEF, "attr::achievement_id::value": EDITION_ID}, True),
        ({"cred_def_id": CRED_DEF, "attr::achievement_id::value": "another"}, False),
        ({"issuer_did": ISSUER}, True),
        ({"issuer_did": "did:webvh:other"}, False),
        ({"attr::title::marker": "1"}, True),
        ({"attr::colour::marker": "1"}, False),
        ({"something_unheard_of": "x"}, False),
    ],
)
def test_restrictions_are_judged_on_the_credential(restriction: dict[str, str], admitted: bool) -> None:
    assert accepts([restriction], a_credential()) is admitted
    assert accepts([], a_credential())
    assert accepts([restriction, {"schema_id": a_credential().schema_id}], a_credential())


def test_a_presentation_uses_one_credential_for_each_need() -> None:
    made = presentation(read_needs(request()), {"need_0": "c1", "need_1": "c2"})

    assert made["requested_attributes"] == {
        "need_0": {"cred_id": "c1", "revealed": True},
        "need_1": {"cred_id": "c2", "revealed": True},
    }
    assert made["requested_predicates"] == {"need_0_awarded_dateint": {"cred_id": "c1"}}
