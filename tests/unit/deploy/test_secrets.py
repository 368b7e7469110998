"""`ujuzi deploy`: secrets are made once, and certificates are those of the servers they name."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from services.launcher.adapters.certificates import certificates
from services.launcher.errors import CannotStart
from services.launcher.main import make_certificates, make_secrets

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_secrets_are_made_once(tmp_path: Path) -> None:
    make_secrets(tmp_path / "secrets", "db:5432", ["nats"], ["db"])
    before = {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()}

    with pytest.raises(CannotStart, match=r"is not empty\. Secrets are made once"):
        make_secrets(tmp_path / "secrets", "db:5432", ["nats"], ["db"])

    assert {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()} == before


def test_nobody_else_reads_a_secret(tmp_path: Path) -> None:
    make_secrets(tmp_path / "secrets", "db:5432", ["nats"], ["db"])
    readable = {file.name for file in (tmp_path / "secrets").iterdir() if file.stat().st_mode & 0o077}
    assert readable == {"ca.pem", "nats.pem", "postgres.pem"}


def test_new_certificates_leave_the_secrets_alone(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    make_secrets(folder, "db:5432", ["nats"], ["db"])
    before = {file.name: file.read_text() for file in folder.iterdir()}
    make_certificates(folder, ["nats"], ["db"])
    after = {file.name: file.read_text() for file in folder.iterdir()}
    assert {name for name in before if before[name] != after[name]} == {
        "ca.pem", "nats.pem", "nats-key.pem", "postgres.pem", "postgres-key.pem",
    }  # fmt: skip


def test_where_nothing_can_be_written_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match=r"cannot be written .* give another folder"):
        make_secrets(tmp_path / "file", "db:5432", ["nats"], ["db"])


def test_certificates_name_their_servers_for_two_years(tmp_path: Path) -> None:
    files = certificates({"nats": ["nats", "*.nats"], "postgres": ["db"]}, now=NOW)
    found = x509.load_pem_x509_certificate(files["nats.pem"].encode())
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["nats", "*.nats"]
    assert found.not_valid_after_utc - NOW == timedelta(days=730)
    authority = x509.load_pem_x509_certificate(files["ca.pem"].encode())
    found.verify_directly_issued_by(authority)
    for name in ("nats.pem", "nats-key.pem"):
        (tmp_path / name).write_text(files[name])
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
        tmp_path / "nats.pem", tmp_path / "nats-key.pem"
    )
