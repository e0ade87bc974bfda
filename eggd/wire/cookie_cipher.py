"""Encrypted values of cookies: Egg's format, and an authenticated one.

Egg's format is AES-256-CBC whose key and initialization vector follow from the secret alone
(core:CK-8). The same text always has the same ciphertext, and a changed ciphertext is not detected
for sure. The authenticated format is `e1.` and URL-safe base64 of

    salt (16 bytes) | nonce (12) | AES-256-GCM ciphertext | tag (16)

with the key HMAC-SHA256(secret, "eggd cookie e1" | salt) and `APP NUL NAME`, the names of app and
cookie, as associated data: a changed value is rejected, and so is that of another cookie or app.

The library is imported when a value is first encrypted or decrypted, or by `prepare`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.modes import CBC, GCM

BLOCK = 16
"""Bytes of a block of AES, of a tag of GCM, and of our salt."""

_MARK = "e1."
_NONCE = 12
_LABEL = b"eggd cookie e1"


class EggKey(NamedTuple):
    """The keys that Egg derives from a secret."""

    key: bytes
    iv: bytes


class Plaintext(NamedTuple):
    """A decrypted value."""

    text: str
    key: int
    """The index of the secret that decrypts it; 0 is the newest."""


class CookieCipher:
    """Encrypts with the first secret, decrypts with every secret."""

    __slots__ = ("_derived", "_secrets")

    def __init__(self, secrets: Sequence[str]) -> None:
        """Takes the secrets, newest first."""
        self._secrets = [secret.encode() for secret in secrets]
        self._derived = [egg_key(secret) for secret in self._secrets]

    def encrypt(self, text: str) -> str:
        """Returns a text in Egg's format; "" stays ""."""
        if not text:
            return ""
        data = text.encode()
        pad = BLOCK - len(data) % BLOCK
        work = _cbc(self._derived[0]).encryptor()
        sealed = work.update(data + bytes([pad]) * pad) + work.finalize()
        return base64.urlsafe_b64encode(sealed).decode()

    def decrypt(self, value: str) -> Plaintext | None:
        """Returns the text of a value in Egg's format, None if no secret fits.

        A value that is cut, or is not base64, and a text that is not UTF-8 are all None. A wrong
        secret leaves valid padding once in 256 times; so the text is checked before the next
        secret is skipped.
        """
        sealed = _bytes_of(value)
        if not sealed or len(sealed) % BLOCK:
            return None
        return _first(_unpadded(_cbc(each), sealed) for each in self._derived)

    def seal(self, app: str, name: str, text: str) -> str:
        """Returns a text in the authenticated format, for one cookie of an app; "" stays ""."""
        if not text:
            return ""
        salt, nonce = os.urandom(BLOCK), os.urandom(_NONCE)
        work = _gcm(_message_key(self._secrets[0], salt), nonce).encryptor()
        work.authenticate_additional_data(_binding(app, name))
        data = work.update(text.encode()) + work.finalize()
        sealed = salt + nonce + data + work.tag
        return _MARK + _base64(sealed)

    def open(self, app: str, name: str, value: str) -> Plaintext | None:
        """Returns the text of a value in the authenticated format, None if no secret fits.

        The value of another app or cookie, and a value with any other character, are None.
        """
        encoded = value.removeprefix(_MARK)
        sealed = _bytes_of(encoded + "=" * (-len(encoded) % 4))
        if encoded == value or sealed is None or len(sealed) <= 2 * BLOCK + _NONCE:
            return None
        if _base64(sealed) != encoded:  # bits that base64 does not use, or the other alphabet
            return None
        return _first(self._opened(_binding(app, name), sealed))

    def _opened(self, binding: bytes, sealed: bytes) -> Iterator[bytes | None]:
        from cryptography.exceptions import InvalidTag

        salt, nonce = sealed[:BLOCK], sealed[BLOCK : BLOCK + _NONCE]
        data, tag = sealed[BLOCK + _NONCE : -BLOCK], sealed[-BLOCK:]
        for secret in self._secrets:
            work = _gcm(_message_key(secret, salt), nonce, tag).decryptor()
            work.authenticate_additional_data(binding)
            try:
                yield work.update(data) + work.finalize()
            except InvalidTag:
                yield None


def prepare() -> None:
    """Imports the library now: a tenth of a second that no request then waits for."""
    CookieCipher(["prepare"]).encrypt("prepare")


@cache
def egg_key(secret: bytes) -> EggKey:
    """Returns what OpenSSL's EVP_BytesToKey derives: MD5, without salt, one round (core:CK-8)."""
    blocks = [b""]
    for _ in range(3):
        blocks.append(hashlib.md5(blocks[-1] + secret, usedforsecurity=False).digest())
    derived = b"".join(blocks)
    return EggKey(derived[:32], derived[32:])


def _cbc(key: EggKey) -> Cipher[CBC]:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    return Cipher(algorithms.AES(key.key), modes.CBC(key.iv))


def _gcm(key: bytes, nonce: bytes, tag: bytes | None = None) -> Cipher[GCM]:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    return Cipher(algorithms.AES(key), modes.GCM(nonce, tag))


def _binding(app: str, name: str) -> bytes:
    """Returns the associated data; NUL is in no name of a cookie."""
    return f"{app}\0{name}".encode()


def _message_key(secret: bytes, salt: bytes) -> bytes:
    return hmac.digest(secret, _LABEL + salt, "sha256")


def _unpadded(cipher: Cipher[CBC], sealed: bytes) -> bytes | None:
    """Returns the decrypted bytes without their padding (PKCS#7), None if it is wrong."""
    work = cipher.decryptor()
    data = work.update(sealed) + work.finalize()
    pad = data[-1]
    right = 1 <= pad <= BLOCK and data.endswith(bytes([pad]) * pad)
    return data[:-pad] if right else None


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes_of(value: str) -> bytes | None:
    """Returns the bytes of padded base64, None for any other text."""
    try:
        return base64.b64decode(value, altchars=b"-_", validate=True)
    except ValueError:  # binascii.Error is one; so is a text that is not ASCII
        return None


def _first(decrypted: Iterable[bytes | None]) -> Plaintext | None:
    """Returns the first result that is UTF-8, of one for each secret."""
    for key, data in enumerate(decrypted):
        try:
            if data is not None:
                return Plaintext(data.decode(), key)
        except UnicodeDecodeError:
            continue
    return None
