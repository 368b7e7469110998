import dataclasses
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from did_webvh.askar import AskarSigningKey
from did_webvh.history import load_local_history, update_document_state
from did_webvh.provision import provision_did
from hypothesis import given
from hypothesis import strategies as st

from shared.vc.data_integrity import add_proof
from shared.vc.jcs import digest_multihash
from shared.vc.keys import SigningKey
from shared.vc.webvh import (
    DidDeactivated,
    DidLog,
    DidLogInvalid,
    IdentifierMalformed,
    KeyNotAuthorised,
    create_log,
    deactivate,
    did_to_url,
    replace_keys,
    resource_to_url,
    rotate,
    split_resource_id,
    verification_method,
    verify_log,
)
from tests.support.dids import NOW, Party, party

SCID = "QmNZxwVtNp68iTXdZUwjMMqyPS7Xj5JTZpr424whqkLXyW"
HASH = "zQmNZxwVtNp68iTXdZUwjMMqyPS7Xj5JTZpr424whqkLXyW"
DATA = Path(__file__).parents[2] / "data"


def rotated(before: Party) -> Party:
    key, next_key = before.next_key, SigningKey.generate()
    log = rotate(before.log, key, next_key, NOW + timedelta(hours=1))
    return Party(log, key, next_key)


def check(log: DidLog) -> None:
    verify_log(log.did, log.jsonl, max_entries=10, now=NOW + timedelta(days=1))


def edited(log: DidLog, number: int, edit: Callable[[dict[str, Any]], None]) -> DidLog:
    lines = [json.loads(line) for line in log.lines]
    edit(lines[number - 1])
    return DidLog(log.did, tuple(json.dumps(line) for line in lines))


def resigned(log: DidLog, number: int, signer: SigningKey, edit: Callable[[dict[str, Any]], None]) -> DidLog:
    """Edit an entry and make hash and proof fit again, as somebody holding `signer` could."""

    def forge(entry: dict[str, Any]) -> None:
        edit(entry)
        del entry["proof"]
        before = json.loads(log.lines[number - 2])["versionId"] if number > 1 else entry["parameters"]["scid"]
        entry["versionId"] = f"{number}-{digest_multihash(entry | {'versionId': before})}"
        method = f"did:key:{signer.multikey}#{signer.multikey}"
        entry["proof"] = [add_proof(entry, signer, method, NOW)["proof"]]

    return edited(log, number, forge)


def test_a_new_did_names_its_host_path_key_and_services() -> None:
    key = SigningKey.generate()
    service = {"id": "#editions", "type": "UjuziEditionCatalogue", "serviceEndpoint": "https://h.test/e"}
    log = create_log(host="issuer.ujuzi.test", path=("orgs", "school"), key=key, now=NOW, services=[service])

    history = verify_log(log.did, log.jsonl, max_entries=1, now=NOW)

    assert log.did.endswith(":issuer.ujuzi.test:orgs:school")
    assert history.document["id"] == log.did
    assert history.document["service"] == [service | {"id": f"{log.did}#editions"}]
    assert history.assertion_key(verification_method(log.did, key)) == key.public
    assert history.version_time == NOW
    assert json.loads(log.lines[0])["parameters"]["portable"] is False


def test_a_log_grows_by_rotation_to_the_key_committed_to() -> None:
    old = party()
    new = rotated(old)
    history = verify_log(new.did, new.log.jsonl, max_entries=2)

    assert [version.version_id[0] for version in history.versions] == ["1", "2"]
    assert history.assertion_key(verification_method(new.did, new.key)) == new.key.public
    with pytest.raises(KeyNotAuthorised, match="does not speak for this DID"):
        history.assertion_key(verification_method(new.did, old.key))


def test_without_pre_rotation_the_old_key_hands_over() -> None:
    key, new = SigningKey.generate(), SigningKey.generate()
    log = create_log(host="issuer.ujuzi.test", path=(), key=key, now=NOW)
    longer = replace_keys(log, key=new, signer=key, next_key=None, now=NOW)
    check(replace_keys(longer, key=SigningKey.generate(), signer=new, next_key=None, now=NOW))
    with pytest.raises(DidLogInvalid, match="may not update the DID"):
        replace_keys(log, key=new, signer=new, next_key=None, now=NOW)


@pytest.mark.parametrize("rotations", [0, 1, 3])
async def test_the_checker_of_did_webvh_accepts_our_logs(tmp_path: Path, rotations: int) -> None:
    held = party()
    for _ in range(rotations):
        held = rotated(held)
    file = tmp_path / "did.jsonl"
    file.write_text(held.log.jsonl)

    state, metadata = await load_local_history(file, verify_proofs=True)

    assert state.document_id == held.did
    assert metadata.version_number == rotations + 1
    assert metadata.portable is False


def test_a_log_made_by_did_webvh_is_accepted() -> None:
    key, next_key = AskarSigningKey.generate("ed25519"), AskarSigningKey.generate("ed25519")
    did = "did:webvh:{SCID}:issuer.ujuzi.test:orgs:school"
    first = provision_did(
        {"@context": ["https://www.w3.org/ns/did/v1"], "id": did}, params={"updateKeys": [key.multikey]}
    )
    first.proofs.append(first.create_proof(key, timestamp=first.timestamp))
    second = update_document_state(
        first,
        key,
        params_update={"updateKeys": [next_key.multikey]},
        timestamp=first.timestamp + timedelta(seconds=1),
    )
    text = f"{first.history_json()}\n{second.history_json()}\n"

    history = verify_log(first.document_id, text, max_entries=2)

    assert history.version_id == second.version_id


def test_a_log_made_by_the_swiss_did_toolbox_is_accepted() -> None:
    text = (DATA / "swiyu_did.jsonl").read_text()
    assert verify_log(f"did:webvh:{SCID}:example.com", text, max_entries=1).version_id.startswith("1-QmRYUsg")


def test_a_deactivated_did_is_refused() -> None:
    held = party()
    ended = deactivate(held.log, signer=held.next_key, now=NOW + timedelta(hours=1))
    with pytest.raises(DidDeactivated, match="ended by its controller"):
        check(ended)


def set_in(*path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def edit(entry: dict[str, Any]) -> None:
        for name in path[:-1]:
            entry = entry[name]
        entry[path[-1]] = value

    return edit


@pytest.mark.parametrize(
    ("edit", "check_name", "reason"),
    [
        (set_in("state", "assertionMethod", value=[]), "scid", "it was changed"),
        (set_in("versionTime", value="2026-11-21T12:00:01Z"), "scid", "it was changed"),
        (set_in("parameters", "portable", value=True), "scid", "it was changed"),
        (set_in("parameters", "scid", value=SCID), "scid", "the DID names the SCID"),
        (set_in("parameters", "updateKeys", value=[]), "parameters", "no updateKeys"),
        (set_in("parameters", "updateKeys", value="z6Mk"), "parameters", "list of texts"),
        (set_in("parameters", "method", value="did:webvh:0.3"), "parameters", "did:webvh:1.0 was expected"),
        (set_in("parameters", "surprise", value=1), "parameters", "unknown parameter 'surprise'"),
        (set_in("parameters", "portable", value="no"), "parameters", "true or false"),
        (set_in("parameters", "witness", value={"threshold": 1}), "witness", "cannot be checked here"),
        (set_in("versionTime", value="yesterday"), "time", "A time was expected"),
        (set_in("versionTime", value="2036-11-21T12:00:00Z"), "time", "in the future"),
        (set_in("versionId", value=f"1-{SCID}"), "entry hash", "it was changed"),
        (set_in("versionId", value=f"2-{SCID}"), "sequence", "version 1 was expected"),
        (set_in("proof", value=[]), "proof", "not signed"),
        (set_in("proof", value=["x"]), "proof", "may not update"),
        (set_in("surprise", value=1), "structure", "exactly the members"),
        (set_in("state", "number", value=2**60), "structure", "no canonical form"),
        (set_in("state", value=[]), "structure", "state of entry 1 must be"),
    ],
)
def test_a_tampered_first_entry_is_refused(
    edit: Callable[[dict[str, Any]], None], check_name: str, reason: str
) -> None:
    with pytest.raises(DidLogInvalid, match=reason) as refused:
        check(edited(party().log, 1, edit))
    assert refused.value.check == check_name


def test_a_later_entry_tampered_with_breaks_the_hash_chain() -> None:
    with pytest.raises(DidLogInvalid, match=r"\(entry hash\).*entry 2"):
        check(edited(rotated(party()).log, 2, set_in("state", "assertionMethod", value=[])))


def test_an_entry_whose_hash_fits_but_not_its_proof_is_refused() -> None:
    held = party()

    def swap_proof(entry: dict[str, Any]) -> None:
        entry["proof"][0]["created"] = "2026-11-21T12:00:09Z"

    with pytest.raises(DidLogInvalid, match=r"\(proof\).*does not hold"):
        check(edited(held.log, 1, swap_proof))


def test_an_entry_by_a_key_not_committed_to_is_refused() -> None:
    held, thief = rotated(party()), SigningKey.generate()
    with pytest.raises(DidLogInvalid, match=r"\(pre-rotation\).*did not commit to"):
        check(resigned(held.log, 2, thief, set_in("parameters", "updateKeys", value=[thief.multikey])))
    with pytest.raises(DidLogInvalid, match=r"\(pre-rotation\).*must give updateKeys"):
        check(resigned(held.log, 2, thief, set_in("parameters", value={})))
    with pytest.raises(DidLogInvalid, match=r"\(proof\).*may not update"):
        check(resigned(held.log, 2, thief, lambda _: None))


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (set_in("state", "id", value=f"did:webvh:{SCID}:elsewhere.test"), r"\(identity\).*Moved or renamed"),
        (set_in("versionTime", value="2026-11-21T12:00:00Z"), r"\(time\).*not later"),
        (set_in("parameters", "scid", value=SCID), "gives the scid again"),
        (set_in("parameters", "portable", value=True), "only the first entry may"),
    ],
)
def test_what_even_the_controller_may_not_change_is_refused(
    edit: Callable[[dict[str, Any]], None], reason: str
) -> None:
    held = rotated(party())
    with pytest.raises(DidLogInvalid, match=reason):
        check(resigned(held.log, 2, held.key, edit))


def test_nothing_may_follow_the_end_of_a_did() -> None:
    held = party()
    ended = deactivate(held.log, signer=held.next_key, now=NOW + timedelta(hours=1))
    with pytest.raises(DidLogInvalid, match="follows the entry that ended the DID"):
        replace_keys(
            ended, key=held.next_key, signer=held.next_key, next_key=None, now=NOW + timedelta(hours=2)
        )


def test_a_log_that_lacks_its_beginning_or_middle_is_refused() -> None:
    log = rotated(rotated(party())).log
    for kept in (log.lines[1:], (log.lines[0], log.lines[2])):
        with pytest.raises(DidLogInvalid, match=r"\(sequence\).*missing or out of order"):
            check(dataclasses.replace(log, lines=kept))


@given(st.integers(min_value=1, max_value=400))
def test_a_log_cut_off_within_a_line_is_refused(left: int) -> None:
    log = party().log
    with pytest.raises(DidLogInvalid, match=r"\(size\)"):
        verify_log(log.did, log.jsonl[:left], max_entries=10)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("[1]", "exactly the members"),
        ('{"versionId":"a","versionId":"b"}', "given twice"),
        ("[" * 100_000, r"\(size\)"),
        ("\n".join("{}" for _ in range(11)), "at most 10 entries"),
    ],
)
def test_what_is_no_log_is_refused(text: str, reason: str) -> None:
    with pytest.raises(DidLogInvalid, match=reason):
        verify_log(party().did, text, max_entries=10)


def test_another_dids_log_is_refused() -> None:
    with pytest.raises(DidLogInvalid, match=r"\(scid\)"):
        verify_log(party().did, party().log.jsonl, max_entries=10)
    held = party()
    moved = held.did.replace("school", "college")
    with pytest.raises(DidLogInvalid, match=r"\(identity\)"):
        verify_log(moved, held.log.jsonl, max_entries=10)


def test_dids_and_object_ids_lead_to_their_urls() -> None:
    assert did_to_url(f"did:webvh:{SCID}:a.test") == "https://a.test/.well-known/did.jsonl"
    assert did_to_url(f"did:webvh:{SCID}:a.test%3A8443:x:y") == "https://a.test:8443/x/y/did.jsonl"
    did = f"did:webvh:{SCID}:a.test:x"
    assert split_resource_id(f"{did}/resources/{HASH}") == (did, HASH)
    assert resource_to_url(f"{did}/resources/{HASH}") == f"https://a.test/x/resources/{HASH}"


@pytest.mark.parametrize(
    "rest",
    [
        "127.0.0.1", "localhost", "a.localhost", "2130706433", "[::1]", "%5B%3A%3A1%5D", "UPPER.test", "a_b.test",
        "user%40a.test", "a.test%2Fpath", "a.test%3A0", "a.test%3A99999", "a.test%3Ax", "a.test:..", "a.test:%2E%2E",
        "a.test:x%2F..%2Fy", "a.test:", "a.test:a%5Cb", "a.test:a?b", "a.test:%0A", "", "-a.test", "a..test",
    ],
)  # fmt: skip
def test_dids_that_lead_to_no_public_host_or_outside_their_path_are_refused(rest: str) -> None:
    with pytest.raises(IdentifierMalformed):
        did_to_url(f"did:webvh:{SCID}:{rest}")


@pytest.mark.parametrize(
    "wrong", ["did:web:a.test", "did:webvh:short:a.test", f"did:webvh:{SCID}", "", "x" * 5000]
)
def test_other_dids_are_refused(wrong: str) -> None:
    with pytest.raises(IdentifierMalformed, match="A DID was expected"):
        did_to_url(wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        f"/resources/{HASH}.json",
        "/resources/",
        f"/resources/{HASH}/..",
        f"/files/{HASH}",
        f"?x#/resources/{HASH}",
    ],
)
def test_other_object_ids_are_refused(wrong: str) -> None:
    with pytest.raises(IdentifierMalformed, match="An object id was expected"):
        split_resource_id(f"did:webvh:{SCID}:a.test{wrong}")


@given(st.text(max_size=80))
def test_any_text_is_a_did_or_refused(text: str) -> None:
    for candidate in (text, f"did:webvh:{SCID}:{text}"):
        try:
            url = did_to_url(candidate)
        except IdentifierMalformed:
            continue
        assert url.startswith("https://")
        assert "/../" not in url
