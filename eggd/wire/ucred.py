"""The credentials of a peer as the kernel reports them: struct ucred (unix(7))."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import NamedTuple

_UCRED = struct.Struct("iII")
SIZE = _UCRED.size
"""Bytes of the structure."""


class Credentials(NamedTuple):
    """A process and its user and group at the time it sent or connected."""

    pid: int
    uid: int
    gid: int


def decode(data: bytes) -> Credentials:
    """Returns the credentials of a socket's peer, from the value of its option SO_PEERCRED."""
    return Credentials(*_UCRED.unpack_from(data))


def sender(
    ancillary: Iterable[tuple[int, int, bytes]], level: int, kind: int
) -> Credentials | None:
    """Returns the credentials of a datagram's sender, or None if the ancillary data lacks them.

    `level` and `kind` are SOL_SOCKET and SCM_CREDENTIALS.
    """
    for *key, data in ancillary:
        if key == [level, kind] and len(data) >= SIZE:
            return decode(data)
    return None
