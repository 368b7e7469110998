"""Organisations as CSV or JSON: read for an import, written for an export that an import takes back."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pydantic import Field, TypeAdapter, ValidationError

from services.trust_registry.domain.importing import Complaint, Imported
from services.trust_registry.domain.register import Entity
from services.trust_registry.entry.shapes import EntityBody, GrantBody
from shared.vc.trust_list import Authorization

MOST_ROWS: Final = 2000
LISTS: Final = ("dids", "external_ids", "resources", "jurisdictions", "attributes")
OF_GRANT: Final = (
    "action", "resources", "jurisdictions", "highest_level", "valid_from", "valid_to",
    "evidence_url", "evidence_digest", "delegated_by", "attributes",
)  # fmt: skip
COLUMNS: Final = ("country", "dids", "external_ids", *OF_GRANT)
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet would run, or what it takes for the beginning of it."""

type Read = tuple[list[Imported], list[Complaint]]


class Organisation(EntityBody):
    """One organisation of a JSON file, with all it may do."""

    authorizations: list[GrantBody] = Field(default_factory=list, max_length=100)


ORGANISATIONS: Final = TypeAdapter(list[Any])


def read_json(text: str) -> Read:
    """An array of organisations; a row is the place in it, from 1."""
    try:
        items = ORGANISATIONS.validate_json(text)
    except ValidationError:
        return [], [Complaint(row=1, column="", what="expected a JSON array of organisations")]
    if len(items) > MOST_ROWS:
        return [], [_too_many(len(items))]
    found: list[Imported] = []
    wrong: list[Complaint] = []
    for row, item in enumerate(items, start=1):
        try:
            body = Organisation.model_validate(item)
        except ValidationError as error:
            wrong.extend(_complaints(row, error))
            continue
        grants = tuple(each.grant() for each in body.authorizations)
        found.append(Imported(entity=body.entity(), grants=grants, rows=(row,) * (len(grants) + 1)))
    return found, wrong


def read_csv(text: str) -> Read:
    """One row for each authorization, or one without any; rows with the same DIDs are one organisation."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    found: dict[frozenset[str], Imported] = {}
    wrong: list[Complaint] = []
    try:
        header = [name.strip() for name in reader.fieldnames or ()]
        reader.fieldnames = header
        wrong.extend(_header(header))
        rows = [] if wrong else list(reader)
    except csv.Error as error:
        return [], [Complaint(row=reader.line_num, column="", what=f"expected CSV (RFC 4180): {error}")]
    if len(rows) > MOST_ROWS:
        return [], [_too_many(len(rows))]
    for row, cells in enumerate(rows, start=2):
        try:
            body, grant = _bodies(cells)
        except ValidationError as error:
            wrong.extend(_complaints(row, error))
            continue
        entity, grants = body.entity(), () if grant is None else (grant.grant(),)
        key = frozenset(entity.dids)
        known = found.get(key)
        if known is not None and known.entity != entity:
            what = f"expected the same organisation as in row {known.rows[0]}, which has these DIDs: make them alike"
            wrong.append(Complaint(row=row, column="dids", what=what))
            continue
        found[key] = Imported(
            entity=entity,
            grants=(*(known.grants if known else ()), *grants),
            rows=(*(known.rows if known else (row,)), *(row for _ in grants)),
        )
    return list(found.values()), wrong


def write_csv(entities: Iterable[Entity]) -> str:
    """The register as CSV. A cell that a spreadsheet would run begins with an apostrophe, which an import takes off."""
    entities = list(entities)
    languages = sorted({language for entity in entities for language in entity.names})
    columns = [*(f"name_{language}" for language in languages), *COLUMNS]
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    for entity in entities:
        said = {f"name_{language}": name for language, name in entity.names.items()} | {
            "country": entity.country,
            "dids": " ".join(entity.dids),
            "external_ids": " ".join(entity.external_ids),
        }
        for granted in entity.authorizations or (None,):
            row = said if granted is None else said | _grant_cells(granted)
            writer.writerow({name: _safe(value) for name, value in row.items()})
    return out.getvalue()


def write_json(entities: Iterable[Entity]) -> str:
    """The register as an import takes it back; statuses are not part of it."""
    return json.dumps(
        [
            EntityBody.of(entity).model_dump(mode="json", by_alias=True, exclude_none=True)
            | {"authorizations": [_grant_json(granted) for granted in entity.authorizations]}
            for entity in entities
        ],
        ensure_ascii=False,
    )


def _bodies(cells: Mapping[str, str | None]) -> tuple[EntityBody, GrantBody | None]:
    values = {name: _plain(value or "") for name, value in cells.items() if name is not None}
    split = {name: value.split() if name in LISTS else value for name, value in values.items()}
    names = {
        name.removeprefix("name_"): value
        for name, value in values.items()
        if name.startswith("name_") and value
    }
    body = EntityBody.model_validate(
        {
            "names": names,
            "country": values["country"],
            "dids": split["dids"],
            "external_ids": split.get("external_ids", []),
        }
    )
    if not any(values.get(name) for name in OF_GRANT):
        return body, None
    grant: dict[str, Any] = {
        name: split[name]
        for name in (
            "action",
            "resources",
            "jurisdictions",
            "attributes",
            "valid_from",
            "valid_to",
            "delegated_by",
        )
        if split.get(name)
    }
    if values.get("highest_level"):
        framework, _, level = values["highest_level"].partition(" ")
        grant["highest_level"] = {"framework": framework, "level": level}
    if values.get("evidence_url") or values.get("evidence_digest"):
        grant["evidence"] = {
            "url": values.get("evidence_url", ""),
            "digest": values.get("evidence_digest") or None,
        }
    return body, GrantBody.model_validate(grant)


def _header(header: Sequence[str]) -> Iterable[Complaint]:
    for name in ("country", "dids"):
        if name not in header:
            yield Complaint(row=1, column=name, what=f"expected a column {name}, found none: add it")
    if not any(name.startswith("name_") for name in header):
        yield Complaint(row=1, column="name_en", what="expected a column such as name_en, found none: add it")
    for name in header:
        if header.count(name) > 1 or not (name in COLUMNS or name.startswith("name_")):
            what = f"expected each of {', '.join(COLUMNS)}, name_LANGUAGE once at most: take this column out"
            yield Complaint(row=1, column=name[:60], what=what)


def _complaints(row: int, error: ValidationError) -> Iterable[Complaint]:
    for each in error.errors(include_input=False, include_url=False):
        where = [str(part) for part in each["loc"]]
        column = f"name_{where[1]}" if where[:1] == ["names"] and len(where) > 1 else ".".join(where)
        yield Complaint(row=row, column=column, what=each["msg"])


def _too_many(found: int) -> Complaint:
    return Complaint(
        row=MOST_ROWS + 1, column="", what=f"expected {MOST_ROWS} rows at most, found {found}: split the file"
    )


def _grant_cells(granted: Authorization) -> dict[str, str]:
    return {
        "action": granted.action,
        "resources": " ".join(granted.resources),
        "jurisdictions": " ".join(granted.jurisdictions),
        "highest_level": str(granted.highest_level or ""),
        "valid_from": granted.valid_from.isoformat(),
        "valid_to": granted.valid_to.isoformat() if granted.valid_to else "",
        "evidence_url": granted.evidence_url or "",
        "evidence_digest": granted.evidence_digest or "",
        "delegated_by": granted.delegated_by or "",
        "attributes": " ".join(granted.attributes),
    }


def _grant_json(granted: Authorization) -> dict[str, Any]:
    limit, url = granted.highest_level, granted.evidence_url
    body: dict[str, Any] = {
        "action": granted.action,
        "dids": list(granted.dids),
        "resources": list(granted.resources),
        "jurisdictions": list(granted.jurisdictions),
        "highest_level": {"framework": limit.framework, "level": limit.level} if limit else None,
        "valid_from": granted.valid_from.isoformat(),
        "valid_to": granted.valid_to.isoformat() if granted.valid_to else None,
        "evidence": {"url": url, "digest": granted.evidence_digest} if url else None,
        "delegated_by": granted.delegated_by,
        "attributes": list(granted.attributes) or None,
    }
    return {name: value for name, value in body.items() if value is not None}


def _safe(value: str) -> str:
    return f"'{value}" if value.startswith((*FORMULA, "'")) else value


def _plain(value: str) -> str:
    value = value.strip()
    return value[1:] if value.startswith("'") and value[1:].startswith((*FORMULA, "'")) else value
