"""A digest of the credentials that the config has read, for the identity of a process.

So a reload replaces the agent after a change of a credential, too. Every user may read the identity
of a process: the digest has a key that only the service user may read, since it would otherwise
confirm a guess of a weak secret.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from eggd.config.credentials import values_of_config
from eggd.smallfile import read_own
from eggd.wholefile import naming

KEY = "identity.key"
"""The file in the runtime directory with the key, mode 0600; the first process creates it."""


def credential_digest(rundir: Path) -> str:
    """Returns the digest; "" if the config has read no credential. Raises OSError."""
    values = values_of_config()
    if not values:
        return ""
    digest = hashlib.blake2b(key=_key(rundir / KEY), digest_size=8)
    for name, value in sorted(values.items()):
        for piece in (name.encode(), value.encode()):
            digest.update(len(piece).to_bytes(8) + piece)
    return digest.hexdigest()


def _key(path: Path) -> bytes:
    try:
        return read_own(path, 64)
    except FileNotFoundError:
        _create(path)
        return read_own(path, 64)


def _create(path: Path) -> None:
    """Creates the file as a whole, unless another process was faster."""
    with naming(path), suppress(FileExistsError):
        fd, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}")
        try:
            with os.fdopen(fd, "wb") as file:
                file.write(secrets.token_bytes(32))
            os.link(name, path)
        finally:
            os.unlink(name)
