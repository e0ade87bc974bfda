"""Secrets and tokens against cross-site requests, as Egg's (process:CSRF-3, CSRF-7).

A token is a secret behind a random mask, `salt-hash`: each page has another one, so that the
compression of a response does not reveal it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import string

SECRET_LENGTH = 24
"""Characters of a secret: 18 random bytes."""
_SALT_LENGTH = 8
_IN_A_BATCH = 256
_CHARACTERS = string.ascii_letters + string.digits


class SecretSource:
    """Makes secrets, hundreds with one call of the operating system, which is expensive."""

    def __init__(self, length: int = SECRET_LENGTH) -> None:
        """Takes the number of characters of each, a multiple of four."""
        self._length = length
        self.left: list[str] = []
        """Secrets that are not used yet; always the same list."""
        os.register_at_fork(after_in_child=self.left.clear)  # two processes never share a secret

    def next(self) -> str:
        """Returns a new secret."""
        if not self.left:
            size = self._length // 4 * 3 * _IN_A_BATCH
            text = base64.urlsafe_b64encode(os.urandom(size)).decode()
            starts = range(0, len(text), self._length)
            self.left += [text[at : at + self._length] for at in starts]
        return self.left.pop()


def mask(secret: str) -> str:
    """Returns a token of the secret, another one at each call."""
    salt = "".join(secrets.choice(_CHARACTERS) for _ in range(_SALT_LENGTH))
    return f"{salt}-{_hash(salt, secret)}"


def is_token(token: str, secret: str) -> bool:
    """Returns whether the token is the secret or belongs to it; in constant time."""
    given = token.encode()
    if hmac.compare_digest(given, secret.encode()):
        return True
    salt, dash, digest = token.partition("-")
    return bool(dash) and hmac.compare_digest(digest.encode(), _hash(salt, secret).encode())


def _hash(salt: str, secret: str) -> str:
    digest = hashlib.sha1(f"{salt}-{secret}".encode(), usedforsecurity=False).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
