"""The TLS context of a server, from two files (RFC 8446; RFC 9325 for the limits).

No message contains any part of a key.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import time

from eggd.errors import ConfigError
from eggd.smallfile import read_small

_KEY = b"PRIVATE KEY-----"
_WARNING_DAYS = 14
"""Days before a certificate's end from which on a warning is due."""
_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"

_REASONS = {"HTTP_REQUEST": "plain HTTP on a TLS port", "HTTPS_PROXY_REQUEST": "CONNECT"}


def server_context(cert: Path, key: Path) -> ssl.SSLContext:
    """Returns a context for HTTP/1.1 on TLS 1.2 and 1.3.

    `cert` is PEM: the server's certificate first, then those that lead to its root; `key` is its
    private key, without a password. Raises ConfigError with the file if one of them cannot be read
    or is malformed, or the key belongs to another certificate.
    """
    _check_certificate(cert)
    _check_key(key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(cert, key, password=lambda: "")
    except ssl.SSLError as exc:
        raise _reason(cert, key, exc) from exc
    return context


def create_context(cert: Path, key: Path, warn: Callable[[str], object]) -> ssl.SSLContext:
    """Returns `server_context`, and calls `warn` if the certificate's time is wrong; raises as it
    does."""
    context = server_context(cert, key)
    if text := expiry_warning(context, cert, time()):
        warn(text)
    return context


def expiry_warning(context: ssl.SSLContext, cert: Path, now: float) -> str:
    """Returns a warning for a certificate that is expired, not valid yet, or expires soon, else "".

    Soon is within 14 days of `now` (seconds since the epoch).
    """
    try:
        ends = ssl.cert_time_to_seconds(_end_of(context, cert))
    except ssl.SSLCertVerificationError as exc:
        return f"certificate {str(cert)!r}: {exc.verify_message}"
    days = int((ends - now) // 86400)
    return f"certificate {str(cert)!r} expires in {days} days" if days < _WARNING_DAYS else ""


def _end_of(context: ssl.SSLContext, cert: Path) -> str:
    """Returns the end of the certificate's validity, by a handshake with a client in memory.

    The standard library has no other way to read one. Raises SSLCertVerificationError if it is
    expired or not valid yet.
    """
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    client.load_verify_locations(cert)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    near = client.wrap_bio(to_client, to_server)
    far = context.wrap_bio(to_server, to_client, server_side=True)
    for each in (near, far, near):
        with suppress(ssl.SSLWantReadError):
            each.do_handshake()
    return str((near.getpeercert() or {})["notAfter"])


def why_no_tls(error: OSError) -> str:
    """Returns why a handshake failed, for the log; "" if the client just disconnected."""
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return ""
    if isinstance(error, ssl.SSLError):
        return _REASONS.get(error.reason) or error.reason.replace("_", " ").lower()
    return "no handshake in time" if isinstance(error, ConnectionAbortedError) else ""


def _check_certificate(path: Path) -> None:
    content = _content(path, "certificate")
    if _CERTIFICATE not in content:
        swapped = "it holds a private key" if _KEY in content else "-----BEGIN CERTIFICATE-----"
        raise ConfigError(f"certificate {str(path)!r} is not a PEM certificate", hint=swapped)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError as exc:
        raise ConfigError(f"certificate {str(path)!r} is broken", hint="issue it again") from exc


def _check_key(path: Path) -> None:
    content = _content(path, "key")
    if _KEY not in content:
        raise ConfigError(
            f"key {str(path)!r} is not a PEM private key", hint="-----BEGIN PRIVATE KEY-----"
        )
    if b"ENCRYPTED" in content:
        raise ConfigError(
            f"key {str(path)!r} is encrypted, but the server cannot enter a password",
            hint="openssl pkey -in KEY -out KEY.plain",
        )


def _content(path: Path, what: str) -> bytes:
    try:
        return read_small(path)
    except OSError as exc:
        raise ConfigError(f"{what} {str(path)!r} cannot be read: {exc.strerror}") from exc


def _reason(cert: Path, key: Path, error: ssl.SSLError) -> ConfigError:
    if error.reason == "KEY_VALUES_MISMATCH":
        return ConfigError(
            f"key {str(key)!r} does not belong to certificate {str(cert)!r}",
            hint="the server's own certificate is the first of its file",
        )
    if error.reason in (None, "PEM_LIB"):
        return ConfigError(f"key {str(key)!r} is broken", hint="issue key and certificate again")
    return ConfigError(f"certificate {str(cert)!r} is rejected by OpenSSL: {error.reason}")
