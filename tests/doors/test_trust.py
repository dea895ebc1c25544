"""The trust store holds exactly the certificates of the system's file, in the form Java reads."""

from __future__ import annotations

import base64
import struct
from pathlib import Path

from drg.doors.trust import system_certificates, write_trust_store


def pem(der: bytes) -> str:
    body = base64.encodebytes(der).decode("ascii")
    return f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n"


def test_certificates_come_from_the_named_file_in_its_order(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(f"# first\n{pem(b'one')}\n# second\n{pem(b'two' * 40)}", encoding="utf-8")
    assert system_certificates({"SSL_CERT_FILE": str(bundle)}) == [b"one", b"two" * 40]
    assert system_certificates({"SSL_CERT_FILE": str(tmp_path / "gone.pem")}) == []


def test_the_store_is_a_jks_of_two_trusted_entries(tmp_path: Path) -> None:
    content = write_trust_store(tmp_path / "trust.jks", [b"one", b"second"]).read_bytes()
    head = bytes.fromhex("feedfeed 00000002 00000002")
    first = (
        struct.pack(">IH", 2, 3) + b"ca0" + bytes(8) + struct.pack(">H", 5) + b"X.509" + struct.pack(">I", 3) + b"one"
    )
    second = struct.pack(">IH", 2, 3) + b"ca1" + bytes(8) + struct.pack(">H", 5) + b"X.509" + struct.pack(">I", 6)
    assert content == head + first + second + b"second" + bytes(20)
