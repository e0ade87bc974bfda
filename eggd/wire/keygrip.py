"""Signatures of cookies by rotating keys, as npm's keygrip and Egg make them (core:CK-4)."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from typing import Literal


class Keygrip:
    """Signs with the first key, accepts signatures of every key."""

    __slots__ = ("_algorithm", "_keys")

    def __init__(
        self, keys: Sequence[str], algorithm: Literal["sha1", "sha256"] = "sha256"
    ) -> None:
        """Takes the keys, newest first; Egg uses HMAC-SHA256, npm's keygrip SHA1 by default."""
        self._keys = [key.encode() for key in keys]
        self._algorithm = algorithm

    def sign(self, text: str) -> str:
        """Returns the signature by the first key: URL-safe base64 without padding."""
        return self._signature(self._keys[0], text.encode()).decode()

    def verify(self, text: str, signature: str) -> int:
        """Returns the index of the key that a signature is from, -1 if it is of no key.

        Compares complete texts in constant time: a cut, padded or extended signature is wrong.
        """
        data, given = text.encode(), signature.encode()
        for index, key in enumerate(self._keys):
            if hmac.compare_digest(self._signature(key, data), given):
                return index
        return -1

    def _signature(self, key: bytes, data: bytes) -> bytes:
        digest = hmac.digest(key, data, self._algorithm)
        return base64.urlsafe_b64encode(digest).rstrip(b"=")
