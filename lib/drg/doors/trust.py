"""The certificates this machine trusts, in a form that a Java without a system of its own can read.

A Java from a package carries its own list of certificates; a site whose network adds one of its own is
trusted by the system and by Python, yet not by that Java.
"""

from __future__ import annotations

import re
import ssl
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path

# Where the common systems keep all trusted certificates in one file.
_SYSTEM_FILES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_JKS_MAGIC, _JKS_VERSION, _TRUSTED_ENTRY, _DIGEST_BYTES = 0xFEEDFEED, 2, 2, 20
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def system_certificates(environ: Mapping[str, str]) -> list[bytes]:
    """The trusted certificates in DER, in the order of their file; empty when the system keeps no such file.

    `SSL_CERT_FILE` names the file, else the first of the places where systems keep it.
    """
    named = environ.get("SSL_CERT_FILE")
    for candidate in [named] if named else _SYSTEM_FILES:
        path = Path(candidate)
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            return [ssl.PEM_cert_to_DER_cert(found) for found in _PEM.findall(text)]
    return []


def write_trust_store(path: Path, certificates: Iterable[bytes]) -> Path:
    """Writes a Java key store (JKS, no password) that holds the certificates and nothing else; gives `path`."""
    entries = list(certificates)
    content = struct.pack(">III", _JKS_MAGIC, _JKS_VERSION, len(entries))
    for number, certificate in enumerate(entries):
        content += struct.pack(">I", _TRUSTED_ENTRY) + _text(f"ca{number}") + struct.pack(">q", 0)
        content += _text("X.509") + struct.pack(">I", len(certificate)) + certificate
    # The digest only proves knowledge of a password; read without one it is not looked at.
    path.write_bytes(content + bytes(_DIGEST_BYTES))
    return path


def _text(value: str) -> bytes:
    encoded = value.encode("ascii")
    return struct.pack(">H", len(encoded)) + encoded
