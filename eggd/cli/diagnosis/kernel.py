"""Limits and sysctls: whether the kernel allows what the units need."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from dataclasses import dataclass

from eggd.cli.diagnosis.finding import UNSEEN, WARN, Finding, InspectedHost

FILES = 65536
"""LimitNOFILE= of the units."""


@dataclass(frozen=True, slots=True)
class Sysctl:
    """A setting, the lowest value that eggd is designed for, and what it limits."""

    name: str
    minimum: int
    why: str


SYSCTLS = (
    Sysctl("net.core.somaxconn", 4096, "limits the accept queue of egg.socket"),
    Sysctl("net.unix.max_dgram_qlen", 512, "limits the messages that wait for a busy process"),
    Sysctl("net.core.wmem_max", 212992, "limits the bytes of messages in transit"),
    Sysctl("fs.nr_open", FILES, "limits LimitNOFILE= of the units"),
    Sysctl("fs.inotify.max_user_watches", 8192, "limits the watched directories"),
    Sysctl("fs.inotify.max_user_instances", 128, "limits the processes that watch files"),
)


def sysctls(host: InspectedHost) -> Iterator[Finding]:
    """Checks that the settings of the kernel are large enough."""
    for each in SYSCTLS:
        value = _value(host, each.name)
        if value is None:
            yield Finding(UNSEEN, each.name, "cannot be read")
            continue
        setting = f"{each.name}={each.minimum}"
        hint = f"run sysctl -w {setting}, and add {setting} to /etc/sysctl.d/eggd.conf"
        enough = value >= each.minimum
        text = str(value) if enough else f"{value}: {each.why}"
        yield Finding.of(enough, each.name, text, hint, bad=WARN)


def files(host: InspectedHost) -> Iterator[Finding]:
    """Checks how many files a process of this user may open, if no unit sets another limit."""
    if host.installed:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = hard == resource.RLIM_INFINITY or hard >= FILES
    hint = f"for eggd start, set nofile {FILES} in /etc/security/limits.conf"
    raised = f", can be raised to {_number(hard)}" if hard != soft else ", the limit of this user"
    text = f"{_number(soft)}{raised}"
    yield Finding.of(enough, "open files", text, hint, bad=WARN)


def _number(limit: int) -> str:
    return "unlimited" if limit == resource.RLIM_INFINITY else str(limit)


def _value(host: InspectedHost, name: str) -> int | None:
    try:
        return int(host.path(f"/proc/sys/{name.replace('.', '/')}").read_text())
    except (OSError, ValueError):
        return None
