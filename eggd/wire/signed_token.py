"""Tokens for links: a payload that everybody can read and only a holder of the secret can write.

A token is `s1.`, the payload, `.` and the signature, both in URL-safe base64 without padding. The
signature is HMAC-SHA256 of the payload by the key HMAC-SHA256(secret, "eggd token s1" NUL APP NUL
PURPOSE): the token of another app or purpose is rejected.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence

_MARK = "s1."
_LABEL = "eggd token s1"


def signed(payload: bytes, secret: str, app: str, purpose: str) -> str:
    """Returns the token of a payload."""
    text = _base64(payload)
    return f"{_MARK}{text}.{_base64(_signature(text, secret, app, purpose))}"


def payload_of(token: str, secrets: Sequence[str], app: str, purpose: str) -> bytes | None:
    """Returns the payload of a token that one of the secrets has signed, None of any other text.

    Signatures are compared in constant time.
    """
    text, dot, signature = token.removeprefix(_MARK).partition(".")
    if not (token.startswith(_MARK) and dot and token.isascii()):
        return None
    for secret in secrets:
        expected = _base64(_signature(text, secret, app, purpose))
        if hmac.compare_digest(expected.encode(), signature.encode()):
            return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return None


def _signature(text: str, secret: str, app: str, purpose: str) -> bytes:
    label = f"{_LABEL}\0{app}\0{purpose}".encode()
    return hmac.digest(hmac.digest(secret.encode(), label, "sha256"), text.encode(), "sha256")


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
