from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from shared.vc import jws
from shared.vc.keys import SigningKey
from shared.vc.trust_list import (
    Level,
    ListForked,
    ListFromTheFuture,
    ListMalformed,
    ListRolledBack,
    ListSchemeWrong,
    ListSignatureWrong,
    ListTypeWrong,
    TrustList,
)
from shared.vc.trust_list_form import LIST_JWS_TYPE, build_payload, open_list, replaces, sign_list
from tests.unit.trust.lists import NOW, SKILL, at, authorization, period, trust_list

KEY = SigningKey.from_seed(bytes(range(32)))
KID = "did:webvh:QmAuthority:registry.ujuzi.test:authority#key-1"


def opened(compact: str, *, key: SigningKey = KEY, name: str | None = "demo") -> TrustList:
    return open_list(compact, operator_key=key.multikey, name=name, now=NOW)


def signed(payload: Mapping[str, object]) -> str:
    return jws.sign(payload, key=KEY, kid=KID, typ=LIST_JWS_TYPE)


def changed(path: str, value: object) -> str:
    """A signed list in which one field was replaced (None: removed)."""
    payload = build_payload(trust_list(authorization(period("lapsed", at(2026, 6, 1)))))
    *parents, name = path.split(".")
    inner: Any = payload
    for parent in parents:
        inner = inner[int(parent)] if parent.isdigit() else inner[parent]
    if value is None:
        del inner[name]
    else:
        inner[name] = value
    return signed(payload)


def test_a_list_survives_signing_and_opening() -> None:
    whole = trust_list(
        authorization(
            period("suspended", at(2026, 2, 1), reason="audit"),
            period("granted", at(2026, 3, 1)),
            period("withdrawn", at(2026, 6, 1), stand=True, reason="merged"),
            resources=(SKILL,),
            jurisdictions=("KE", "UG"),
            highest_level=Level(framework="eqf", level=5),
            valid_to=at(2027, 1, 1).date(),
            evidence_url="https://authority.test/decision.pdf",
            evidence_digest="zDigest",
            delegated_by="did:webvh:QmRoot:root.test",
        ),
        authorization(id="auth-2", action="verify", attributes=("title", "awarded_dateint")),
        previous="zPrevious",
        four_eyes=True,
        pointers=("https://other.test/lists/b",),
    )

    found = opened(sign_list(whole, key=KEY, kid=KID))

    assert replace(found, digest="") == whole
    assert found.digest.startswith("z")


@pytest.mark.parametrize(
    ("four_eyes", "previous"), [(None, None), (False, None), (True, None), (False, "zP")]
)
def test_a_list_says_whether_one_person_changes_it(four_eyes: bool | None, previous: str | None) -> None:
    found = opened(sign_list(trust_list(four_eyes=four_eyes, previous=previous), key=KEY, kid=KID))

    assert (found.four_eyes, found.previous) == (four_eyes, previous)


def test_a_rule_nobody_knows_is_refused() -> None:
    payload = cast("Any", build_payload(trust_list(four_eyes=True)))
    payload["LoTE"]["ListAndSchemeInformation"]["SchemeExtensions"] = [{"changesApprovedBy": "a-robot"}]

    with pytest.raises(ListMalformed, match="expected changesApprovedBy one-person or two-persons"):
        opened(jws.sign(payload, key=KEY, kid=KID, typ=LIST_JWS_TYPE))


def test_the_json_carries_the_specification_s_names() -> None:
    payload = cast(
        "Any", build_payload(trust_list(authorization(period("lapsed", at(2026, 6, 1))), previous="zP"))
    )

    scheme = payload["LoTE"]["ListAndSchemeInformation"]
    assert scheme["LoTEVersionIdentifier"] == 1
    assert scheme["LoTESequenceNumber"] == 7
    assert scheme["LoTEType"] == "urn:ujuzi:lote-type:learning-credentials"
    assert scheme["SchemeOperatorName"] == [{"lang": "en", "value": "Skills Quality Authority"}]
    assert scheme["SchemeTerritory"] == "KE"
    assert scheme["ListIssueDateTime"] == "2026-11-21T11:00:00Z"
    assert scheme["NextUpdate"] == "2026-11-22T11:00:00Z"
    assert scheme["PointersToOtherLoTE"] == []
    service = payload["LoTE"]["TrustedEntitiesList"][0]["TrustedEntityServices"][0]
    information = service["ServiceInformation"]
    assert information["ServiceTypeIdentifier"] == "urn:ujuzi:service:issue"
    assert information["ServiceStatus"] == "urn:ujuzi:status:lapsed"
    assert information["StatusStartingTime"] == "2026-06-01T12:00:00Z"
    assert information["ServiceDigitalIdentity"] == {
        "OtherIds": ["did:webvh:QmIssuer:issuer.ujuzi.test:orgs:trust"]
    }
    assert [past["ServiceStatus"] for past in service["ServiceHistory"]] == ["urn:ujuzi:status:granted"]


def test_another_operator_s_signature_is_refused() -> None:
    compact = sign_list(trust_list(authorization()), key=SigningKey.generate(), kid=KID)

    with pytest.raises(ListSignatureWrong, match="not signed by the pinned operator key"):
        opened(compact)


def test_a_changed_payload_is_refused() -> None:
    header, _, signature = sign_list(trust_list(authorization()), key=KEY, kid=KID).split(".")
    _, payload, _ = sign_list(trust_list(authorization(), sequence=8), key=KEY, kid=KID).split(".")

    with pytest.raises(ListSignatureWrong, match="not signed by the pinned operator key"):
        opened(f"{header}.{payload}.{signature}")


def test_another_type_of_signed_thing_is_refused() -> None:
    compact = jws.sign(build_payload(trust_list()), key=KEY, kid=KID, typ="ujuzi-request+jwt")

    with pytest.raises(
        ListTypeWrong, match=r"expected a JWS of type trustlist\+jwt, found 'ujuzi-request\+jwt'"
    ):
        opened(compact)


def test_another_list_of_the_same_operator_is_refused() -> None:
    with pytest.raises(ListSchemeWrong, match="expected the list 'demo', found 'drivers'"):
        opened(sign_list(trust_list(name="drivers"), key=KEY, kid=KID))


def test_another_kind_of_list_is_refused() -> None:
    with pytest.raises(
        ListSchemeWrong, match="expected a list of type urn:ujuzi:lote-type:learning-credentials"
    ):
        opened(
            changed(
                "LoTE.ListAndSchemeInformation.LoTEType",
                "http://uri.etsi.org/19602/LoTEType/EUPIDProvidersList",
            )
        )


def test_a_list_from_the_future_is_refused() -> None:
    future = trust_list(issued=NOW + timedelta(minutes=6), next_update=NOW + timedelta(days=1))

    with pytest.raises(ListFromTheFuture, match="check this machine's clock"):
        opened(sign_list(future, key=KEY, kid=KID))


@pytest.mark.parametrize("text", ["", "not a list", "a.b", "<html></html>"])
def test_something_else_than_a_jws_is_refused(text: str) -> None:
    with pytest.raises(ListMalformed, match="expected a compact JWS"):
        opened(text)


SERVICE = "LoTE.TrustedEntitiesList.0.TrustedEntityServices.0"


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("LoTE", None, "payload.LoTE: expected an object, found NoneType"),
        ("LoTE.ListAndSchemeInformation", None, "ListAndSchemeInformation: expected an object"),
        (
            "LoTE.ListAndSchemeInformation.LoTEVersionIdentifier",
            2,
            "expected LoTEVersionIdentifier 1, found 2",
        ),
        (
            "LoTE.ListAndSchemeInformation.LoTESequenceNumber",
            "7",
            "LoTESequenceNumber: expected a whole number, found '7'",
        ),
        (
            "LoTE.ListAndSchemeInformation.LoTESequenceNumber",
            True,
            "LoTESequenceNumber: expected a whole number",
        ),
        ("LoTE.ListAndSchemeInformation.LoTESequenceNumber", 0, "expected LoTESequenceNumber 1 or more"),
        (
            "LoTE.ListAndSchemeInformation.SchemeName",
            None,
            "SchemeName: expected a name in at least one language",
        ),
        ("LoTE.ListAndSchemeInformation.NextUpdate", None, "NextUpdate: expected a text, found nothing"),
        ("LoTE.ListAndSchemeInformation.NextUpdate", "soon", "NextUpdate: expected an RFC 3339 time"),
        (
            "LoTE.ListAndSchemeInformation.NextUpdate",
            "2026-11-22T11:00:00",
            "NextUpdate: expected an RFC 3339 time",
        ),
        (
            "LoTE.ListAndSchemeInformation.NextUpdate",
            "2026-11-21T11:00:00Z",
            "expected NextUpdate after ListIssueDateTime",
        ),
        ("LoTE.TrustedEntitiesList", {}, "TrustedEntitiesList: expected an array"),
        (
            f"{SERVICE}.ServiceInformation.ServiceStatus",
            "urn:ujuzi:status:fine",
            "expected one of urn:ujuzi:status:granted",
        ),
        (
            f"{SERVICE}.ServiceInformation.ServiceTypeIdentifier",
            "issue",
            "expected one of urn:ujuzi:service:issue",
        ),
        (
            f"{SERVICE}.ServiceInformation.EarlierAwardsStand",
            "yes",
            "EarlierAwardsStand: expected true or false",
        ),
        (
            f"{SERVICE}.ServiceInformation.ServiceInformationExtensions",
            [],
            "expected one ServiceInformationExtensions entry",
        ),
        (
            f"{SERVICE}.ServiceInformation.ServiceDigitalIdentity.OtherIds",
            [1],
            "OtherIds: expected an array of texts",
        ),
        (
            f"{SERVICE}.ServiceInformation.StatusStartingTime",
            "2020-01-01T00:00:00Z",
            "its history is out of order",
        ),
    ],
)
def test_a_malformed_list_is_refused_by_field(path: str, value: object, complaint: str) -> None:
    with pytest.raises((ListMalformed, ListSchemeWrong), match=complaint):
        opened(changed(path, value))


def test_a_did_under_two_entities_is_refused() -> None:
    once = trust_list(authorization())
    twice = replace(once, entities=(*once.entities, replace(once.entities[0], id="entity-2")))

    with pytest.raises(
        ListMalformed, match="expected each DID to stand for one entity, found did:webvh:QmIssuer"
    ):
        opened(sign_list(twice, key=KEY, kid=KID))


def test_a_stale_list_opens_because_staleness_is_for_the_judge() -> None:
    past = trust_list(issued=NOW - timedelta(days=2), next_update=NOW - timedelta(days=1))

    assert opened(sign_list(past, key=KEY, kid=KID)).is_stale(NOW)


# --- one issue after another


def issue(**changes: object) -> TrustList:
    return opened(sign_list(trust_list(authorization(), **changes), key=KEY, kid=KID), name=None)


def test_a_higher_number_replaces() -> None:
    old = issue()

    assert replaces(old, issue(sequence=8, previous=old.digest))
    assert replaces(old, issue(sequence=12, previous="zNeverSeen"))


def test_the_same_list_again_is_no_news() -> None:
    assert replaces(issue(), issue()) is False


def test_a_lower_number_is_refused() -> None:
    with pytest.raises(ListRolledBack, match="number 6 is older than number 7, which was already seen"):
        replaces(issue(), issue(sequence=6))


def test_the_same_number_with_other_content_is_refused() -> None:
    with pytest.raises(ListForked, match="number 7 now says something else"):
        replaces(issue(), issue(territory="UG"))


def test_a_successor_of_another_list_is_refused() -> None:
    with pytest.raises(ListForked, match="number 8 follows another number 7"):
        replaces(issue(), issue(sequence=8, previous="zAnother"))


def test_another_list_replaces_nothing() -> None:
    with pytest.raises(ListSchemeWrong, match="expected a new issue of 'demo', found 'drivers'"):
        replaces(issue(), issue(name="drivers"))


def test_a_list_that_limits_no_attributes_is_written_as_before() -> None:
    assert "attributes" not in str(build_payload(trust_list(authorization(action="verify"))))
