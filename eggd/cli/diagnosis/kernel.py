"""Limits and sysctls: what the units ask for, and what the kernel gives."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from dataclasses import dataclass

from eggd.cli.diagnosis.finding import OK, UNSEEN, WARN, Finding, Place

FILES = 65536
"""LimitNOFILE= of the units."""


@dataclass(frozen=True, slots=True)
class Sysctl:
    """A setting, the least value that eggd is laid out for, and what depends on it."""

    name: str
    least: int
    why: str


SYSCTLS = (
    Sysctl("net.core.somaxconn", 4096, "it limits the accept queue of egg.socket"),
    Sysctl("net.unix.max_dgram_qlen", 512, "number of messages that can wait for a busy process"),
    Sysctl("net.core.wmem_max", 212992, "bytes of messages in transit"),
    Sysctl("fs.nr_open", FILES, "LimitNOFILE= of the units cannot be above it"),
    Sysctl("fs.inotify.max_user_watches", 8192, "folders that can be watched"),
    Sysctl("fs.inotify.max_user_instances", 128, "processes that can watch"),
)


def sysctls(place: Place) -> Iterator[Finding]:
    """The settings of the kernel, those that are too small with what makes them larger."""
    for each in SYSCTLS:
        value = _value(place, each.name)
        if value is None:
            yield Finding(UNSEEN, each.name, "cannot be read")
        elif value < each.least:
            cure = f"sysctl -w {each.name}={each.least}, for ever in /etc/sysctl.d/eggd.conf"
            yield Finding(WARN, each.name, f"{value}: {each.why}", cure)
        else:
            yield Finding(OK, each.name, str(value))


def files(place: Place) -> Iterator[Finding]:
    """How many files a process of this user may open; the units have a limit of their own."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = hard in (resource.RLIM_INFINITY,) or hard >= FILES
    cure = f"eggd start has no more either: nofile {FILES} in /etc/security/limits.conf"
    yield Finding(
        OK if enough else WARN,
        "open files",
        f"{_number(soft)}, can be raised to {_number(hard)}",
        "" if enough else cure,
    )


def _number(limit: int) -> str:
    return "unlimited" if limit == resource.RLIM_INFINITY else str(limit)


def _value(place: Place, name: str) -> int | None:
    try:
        return int(place.path(f"/proc/sys/{name.replace('.', '/')}").read_text())
    except (OSError, ValueError):
        return None
