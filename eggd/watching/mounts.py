"""Finds the type of a file system, since some report only the changes of this host."""

from __future__ import annotations

import os

DEAF = ("9p", "afs", "ceph", "cifs", "fuse", "gfs2", "glusterfs", "nfs", "nfs4", "ocfs2", "smb3")
"""File systems that others write to without an event here; also `fuse.NAME` and `virtiofs`."""
_ALSO = ("fuse.", "virtiofs")


class Mounts:
    """The types of file systems by device."""

    def __init__(self) -> None:
        self._types: dict[int, str] = {}

    def deaf_type(self, device: int) -> str:
        """Returns the type of the file system of a device if it lacks events, else ""."""
        if device not in self._types:
            self._types.update(_types())
            self._types.setdefault(device, "")
        name = self._types[device]
        return name if name in DEAF or name.startswith(_ALSO) else ""


def _types() -> dict[int, str]:
    """Returns the types of all mounted file systems, by proc_pid_mountinfo(5)."""
    try:
        with open("/proc/self/mountinfo", "rb") as file:
            lines = os.fsdecode(file.read()).splitlines()
    except OSError:
        return {}
    types: dict[int, str] = {}
    for line in lines:
        fields, _, rest = line.partition(" - ")
        major, _, minor = fields.split()[2].partition(":")
        types[os.makedev(int(major), int(minor))] = rest.split()[0]
    return types
