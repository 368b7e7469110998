"""The signed form of a trust list: ETSI TS 119 602 V1.1.1 (lists of trusted entities, JSON binding) as a compact JWS.

A list is taken in this order, and nobody judges by a list that failed one of them:
  (1) `open_list`: signed by the pinned key, of the pinned scheme, well formed, not from the future;
  (2) `replaces`: its number is not lower than the last one seen, and a number never says two things;
  (3) `trust_decision.decide`: not past its NextUpdate, then the questions of DESIGN.md, "A proof's way", step 6.
"""

import itertools
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NoReturn, cast

from shared.contracts.errors import UjuziError
from shared.vc import jcs, jws
from shared.vc.dateint import DateMalformed, from_rfc3339, rfc3339
from shared.vc.keys import SigningKey, public_from_multikey
from shared.vc.trust_list import (
    ACTIONS,
    STATUSES,
    Authorization,
    DidPeriod,
    Level,
    ListForked,
    ListFromTheFuture,
    ListMalformed,
    ListRolledBack,
    ListSchemeWrong,
    ListSignatureWrong,
    ListTypeWrong,
    StatusPeriod,
    TrustedEntity,
    TrustList,
)

LIST_JWS_TYPE = "trustlist+jwt"
LIST_MEDIA_TYPE = "application/jose"
LONGEST_LIST = 32 * 1024 * 1024
"""Bytes of the compact form: some 1,200 for an organisation with one authorization, so twenty thousand of them."""
LIST_TYPE = "urn:ujuzi:lote-type:learning-credentials"
CLOCK_SKEW = timedelta(minutes=5)

_VERSION = 1
_SERVICE = "urn:ujuzi:service:"
_STATUS = "urn:ujuzi:status:"
_ONE, _TWO = "one-person", "two-persons"


def build_payload(trust_list: TrustList) -> dict[str, object]:
    """The JSON of TS 119 602 for this list, with the specification's own names."""
    scheme: dict[str, object] = {
        "LoTEVersionIdentifier": _VERSION,
        "LoTESequenceNumber": trust_list.sequence,
        "LoTEType": LIST_TYPE,
        "SchemeOperatorName": _multilingual(trust_list.operator_names),
        "SchemeName": [{"lang": "en", "value": trust_list.name}],
        "SchemeTerritory": trust_list.territory,
        "ListIssueDateTime": rfc3339(trust_list.issued),
        "NextUpdate": rfc3339(trust_list.next_update),
        "PointersToOtherLoTE": [{"LoTELocation": url} for url in trust_list.pointers],
    }
    extensions: list[dict[str, str]] = []
    if trust_list.previous:
        extensions.append({"previousListDigest": trust_list.previous})
    if trust_list.four_eyes is not None:
        extensions.append({"changesApprovedBy": _TWO if trust_list.four_eyes else _ONE})
    if extensions:
        scheme["SchemeExtensions"] = extensions
    return {
        "LoTE": {
            "ListAndSchemeInformation": scheme,
            "TrustedEntitiesList": [_entity_json(entity) for entity in trust_list.entities],
        }
    }


def sign_list(trust_list: TrustList, *, key: SigningKey, kid: str) -> str:
    """The compact JWS that is published; `kid` is the DID URL of the operator's key."""
    return jws.sign(build_payload(trust_list), key=key, kid=kid, typ=LIST_JWS_TYPE)


def open_list(compact: str, *, operator_key: str, name: str | None = None, now: datetime) -> TrustList:
    """The list in `compact`, once it is known to come from the operator whose multikey was pinned.

    Staleness is not refused here: a stale list is still the newest word there is, and `decide` says what that is worth.

    Raises:
        ListMalformed, ListSignatureWrong, ListTypeWrong, ListSchemeWrong, ListFromTheFuture: see `TrustListRefused`.
    """
    header = _header(compact)
    if header.get("typ") != LIST_JWS_TYPE:
        raise ListTypeWrong(
            f"expected a JWS of type {LIST_JWS_TYPE}, found {header.get('typ')!r}: this is not a trust list"
        )
    try:
        payload = jws.verify(
            compact, public_from_multikey(operator_key), typ=LIST_JWS_TYPE, longest=LONGEST_LIST
        )
    except UjuziError as error:
        raise ListSignatureWrong(
            f"the list is not signed by the pinned operator key {operator_key}: ask the operator for its key before pinning another"
        ) from error
    trust_list = _list_from(payload)
    if name is not None and trust_list.name != name:
        raise ListSchemeWrong(
            f"expected the list {name!r}, found {trust_list.name!r}: pin the list by its own name"
        )
    if trust_list.issued > now + CLOCK_SKEW:
        raise ListFromTheFuture(
            f"issued {rfc3339(trust_list.issued)}, but it is {rfc3339(now)}: check this machine's clock"
        )
    return replace(trust_list, digest=jcs.digest_multibase(payload))


def signing_key(compact: str) -> str:
    """The id of the key a list says it is signed with; only the signature proves it. Raises ListMalformed."""
    return str(_header(compact).get("kid") or "")


def replaces(old: TrustList, new: TrustList) -> bool:
    """Whether `new` is a later issue than `old`; False if it is the same one.

    Raises:
        ListSchemeWrong: they are not issues of one list.
        ListRolledBack: `new` has a lower number.
        ListForked: `new` has the same number and says something else, or follows a list that is not `old`.
    """
    if new.name != old.name:
        raise ListSchemeWrong(f"expected a new issue of {old.name!r}, found {new.name!r}")
    if new.sequence < old.sequence:
        raise ListRolledBack(
            f"number {new.sequence} is older than number {old.sequence}, which was already seen: the list was rolled back"
        )
    if new.sequence == old.sequence:
        if new.digest != old.digest:
            raise ListForked(f"number {new.sequence} now says something else than when it was first seen")
        return False
    if new.sequence == old.sequence + 1 and new.previous is not None and new.previous != old.digest:
        raise ListForked(
            f"number {new.sequence} follows another number {old.sequence} than the one seen here"
        )
    return True


def _entity_json(entity: TrustedEntity) -> dict[str, object]:
    information: dict[str, object] = {
        "TEIdentifier": entity.id,
        "TEName": _multilingual(entity.names),
        "TECountry": entity.country,
        "TEOtherIds": list(entity.external_ids),
    }
    if entity.did_periods:
        information["TEInformationExtensions"] = [
            {"did": did, **_days_json(period)} for did, period in sorted(entity.did_periods.items())
        ]
    return {
        "TrustedEntityInformation": information,
        "TrustedEntityServices": [_service_json(authorization) for authorization in entity.authorizations],
    }


def _days_json(period: DidPeriod) -> dict[str, str]:
    days = {"from": period.since, "to": period.until}
    return {name: day.isoformat() for name, day in days.items() if day is not None}


def _service_json(authorization: Authorization) -> dict[str, object]:
    extension: dict[str, object] = {
        "authorizationId": authorization.id,
        "resources": list(authorization.resources),
        "jurisdictions": list(authorization.jurisdictions),
        "validFrom": authorization.valid_from.isoformat(),
    }
    if authorization.valid_to is not None:
        extension["validTo"] = authorization.valid_to.isoformat()
    if authorization.highest_level is not None:
        extension["highestLevel"] = {
            "framework": authorization.highest_level.framework,
            "level": authorization.highest_level.level,
        }
    if authorization.attributes:  # a list without any stays, to the byte, what it was
        extension["attributes"] = list(authorization.attributes)
    if authorization.evidence_url is not None:
        extension["evidence"] = {
            "url": authorization.evidence_url,
            "digestMultibase": authorization.evidence_digest,
        }
    if authorization.delegated_by is not None:
        extension["delegatedBy"] = authorization.delegated_by
    *past, current = authorization.periods
    return {
        "ServiceInformation": {
            "ServiceName": [{"lang": "en", "value": f"{authorization.action} learning credentials"}],
            "ServiceTypeIdentifier": _SERVICE + authorization.action,
            "ServiceDigitalIdentity": {"OtherIds": list(authorization.dids)},
            **_period_json(current),
            "ServiceInformationExtensions": [extension],
        },
        # TS 119 602 orders the history newest first
        "ServiceHistory": [
            {"ServiceTypeIdentifier": _SERVICE + authorization.action, **_period_json(period)}
            for period in reversed(past)
        ],
    }


def _period_json(period: StatusPeriod) -> dict[str, object]:
    period_json: dict[str, object] = {
        "ServiceStatus": _STATUS + period.status,
        "StatusStartingTime": rfc3339(period.since),
    }
    if period.reason:
        period_json["StatusReason"] = period.reason
    if period.earlier_awards_stand is not None:
        period_json["EarlierAwardsStand"] = period.earlier_awards_stand
    return period_json


def _multilingual(names: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"lang": language, "value": value} for language, value in sorted(names.items())]


def _header(compact: str) -> Mapping[str, object]:
    try:
        return jws.header(compact, longest=LONGEST_LIST)
    except UjuziError as error:
        raise ListMalformed(
            "expected a compact JWS (header.payload.signature), found something else"
        ) from error


class _Reader:
    """Reads one JSON object and says where in the list something is wrong."""

    __slots__ = ("_name", "_number", "_object", "_outer")

    def __init__(
        self, value: object, name: str, outer: "_Reader | None" = None, number: int | None = None
    ) -> None:
        self._name, self._outer, self._number = name, outer, number
        if not isinstance(value, dict):
            raise ListMalformed(f"{self.where}: expected an object, found {type(value).__name__}")
        self._object: dict[str, object] = value

    @property
    def where(self) -> str:
        """Written only when something is wrong: a long list has a hundred thousand such places."""
        name = self._name if self._number is None else f"{self._name}[{self._number}]"
        return name if self._outer is None else f"{self._outer.where}.{name}"

    def has(self, name: str) -> bool:
        return self._object.get(name) is not None

    def _wrong(self, name: str, expected: str) -> NoReturn:
        found = "nothing" if not self.has(name) else repr(self._object[name])[:60]
        raise ListMalformed(f"{self.where}.{name}: expected {expected}, found {found}")

    def text(self, name: str) -> str:
        value = self._object.get(name)
        if not isinstance(value, str) or not value:
            self._wrong(name, "a text")
        return value

    def optional_text(self, name: str) -> str | None:
        return self.text(name) if self.has(name) else None

    def number(self, name: str) -> int:
        value = self._object.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            self._wrong(name, "a whole number")
        return value

    def flag(self, name: str) -> bool | None:
        value = self._object.get(name)
        if value is not None and not isinstance(value, bool):
            self._wrong(name, "true or false")
        return value

    def moment(self, name: str) -> datetime:
        try:
            return from_rfc3339(self.text(name))
        except DateMalformed:
            self._wrong(name, "an RFC 3339 time")

    def day(self, name: str) -> date:
        try:
            return date.fromisoformat(self.text(name))
        except ValueError:
            self._wrong(name, "a day as YYYY-MM-DD")

    def optional_day(self, name: str) -> date | None:
        return self.day(name) if self.has(name) else None

    def items(self, name: str) -> list[object]:
        value = self._object.get(name, [])
        if not isinstance(value, list):
            self._wrong(name, "an array")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        items = self.items(name)
        for item in items:
            if not isinstance(item, str) or not item:
                self._wrong(name, "an array of texts")
        return cast("tuple[str, ...]", tuple(items))

    def names(self, name: str) -> dict[str, str]:
        readers = self.inners(name)
        names = {reader.text("lang"): reader.text("value") for reader in readers}
        if not names:
            self._wrong(name, "a name in at least one language")
        return names

    def inner(self, name: str) -> "_Reader":
        return _Reader(self._object.get(name), name, self)

    def inners(self, name: str) -> list["_Reader"]:
        return [_Reader(item, name, self, number) for number, item in enumerate(self.items(name))]


def _list_from(payload: Mapping[str, object]) -> TrustList:
    lote = _Reader(payload, "payload").inner("LoTE")
    scheme = lote.inner("ListAndSchemeInformation")
    if scheme.number("LoTEVersionIdentifier") != _VERSION:
        raise ListMalformed(
            f"expected LoTEVersionIdentifier {_VERSION}, found {scheme.number('LoTEVersionIdentifier')}"
        )
    if scheme.text("LoTEType") != LIST_TYPE:
        raise ListSchemeWrong(f"expected a list of type {LIST_TYPE}, found {scheme.text('LoTEType')}")
    extensions = scheme.inners("SchemeExtensions")
    trust_list = TrustList(
        name=next(iter(scheme.names("SchemeName").values())),
        operator_names=scheme.names("SchemeOperatorName"),
        territory=scheme.text("SchemeTerritory"),
        sequence=scheme.number("LoTESequenceNumber"),
        issued=scheme.moment("ListIssueDateTime"),
        next_update=scheme.moment("NextUpdate"),
        entities=tuple(_entity_from(entity) for entity in lote.inners("TrustedEntitiesList")),
        previous=_extension(extensions, "previousListDigest"),
        four_eyes=_approved_by_two(_extension(extensions, "changesApprovedBy")),
        pointers=tuple(pointer.text("LoTELocation") for pointer in scheme.inners("PointersToOtherLoTE")),
    )
    if trust_list.sequence < 1:
        raise ListMalformed(f"expected LoTESequenceNumber 1 or more, found {trust_list.sequence}")
    if trust_list.next_update <= trust_list.issued:
        raise ListMalformed("expected NextUpdate after ListIssueDateTime")
    _check_one_entity_per_did(trust_list)
    return trust_list


def _extension(extensions: list[_Reader], name: str) -> str | None:
    return next((extension.text(name) for extension in extensions if extension.has(name)), None)


def _approved_by_two(said: str | None) -> bool | None:
    if said not in {None, _ONE, _TWO}:
        raise ListMalformed(f"expected changesApprovedBy {_ONE} or {_TWO}, found {said!r:.60}")
    return None if said is None else said == _TWO


def _check_one_entity_per_did(trust_list: TrustList) -> None:
    counted = Counter(did for entity in trust_list.entities for did in entity.dids)
    for did, entities in counted.items():
        if entities > 1:
            raise ListMalformed(f"expected each DID to stand for one entity, found {did} under {entities}")


def _entity_from(entity: _Reader) -> TrustedEntity:
    information = entity.inner("TrustedEntityInformation")
    return TrustedEntity(
        id=information.text("TEIdentifier"),
        names=information.names("TEName"),
        country=information.text("TECountry"),
        external_ids=information.texts("TEOtherIds"),
        authorizations=tuple(
            _authorization_from(service) for service in entity.inners("TrustedEntityServices")
        ),
        did_periods={
            period.text("did"): DidPeriod(since=period.optional_day("from"), until=period.optional_day("to"))
            for period in information.inners("TEInformationExtensions")
        },
    )


def _authorization_from(service: _Reader) -> Authorization:
    information = service.inner("ServiceInformation")
    extensions = information.inners("ServiceInformationExtensions")
    if len(extensions) != 1:
        raise ListMalformed(f"expected one ServiceInformationExtensions entry, found {len(extensions)}")
    extension = extensions[0]
    level = extension.inner("highestLevel") if extension.has("highestLevel") else None
    evidence = extension.inner("evidence") if extension.has("evidence") else None
    periods = (
        *(_period_from(past) for past in reversed(service.inners("ServiceHistory"))),
        _period_from(information),
    )
    if any(later.since < earlier.since for earlier, later in itertools.pairwise(periods)):
        raise ListMalformed(f"authorization {extension.text('authorizationId')}: its history is out of order")
    return Authorization(
        id=extension.text("authorizationId"),
        action=_one_of(information.text("ServiceTypeIdentifier"), _SERVICE, ACTIONS),
        dids=information.inner("ServiceDigitalIdentity").texts("OtherIds"),
        resources=extension.texts("resources"),
        jurisdictions=extension.texts("jurisdictions"),
        valid_from=extension.day("validFrom"),
        valid_to=extension.optional_day("validTo"),
        highest_level=Level(framework=level.text("framework"), level=level.number("level"))
        if level
        else None,
        attributes=extension.texts("attributes"),
        evidence_url=evidence.optional_text("url") if evidence else None,
        evidence_digest=evidence.optional_text("digestMultibase") if evidence else None,
        delegated_by=extension.optional_text("delegatedBy"),
        periods=periods,
    )


def _period_from(period: _Reader) -> StatusPeriod:
    return StatusPeriod(
        status=_one_of(period.text("ServiceStatus"), _STATUS, STATUSES),
        since=period.moment("StatusStartingTime"),
        reason=period.optional_text("StatusReason") or "",
        earlier_awards_stand=period.flag("EarlierAwardsStand"),
    )


def _one_of[T: str](value: str, prefix: str, allowed: tuple[T, ...]) -> T:
    for candidate in allowed:
        if value == prefix + candidate:
            return candidate
    raise ListMalformed(f"expected one of {', '.join(prefix + a for a in allowed)}, found {value}")
