"""The hosts of `eggd deploy --hosts`: a list, or a file with a host per line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from eggd.cli.options import OptionError
from eggd.smallfile import read_small

MOST = 1000
"""Hosts of one command."""

_TARGET = re.compile(
    r"(?:(?P<user>[A-Za-z_][A-Za-z0-9_.-]{0,63})@)?"
    r"(?:(?P<host>[A-Za-z0-9_][A-Za-z0-9_.-]{0,252})|\[(?P<ip>[0-9A-Fa-f:.]+(?:%[\w.-]+)?)\])"
    r"(?::(?P<port>[0-9]{1,5}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Target:
    """A host as ssh(1) finds it: a name of `~/.ssh/config`, of DNS, or an address."""

    text: str
    """The host as it was given, by which output names it."""
    destination: str
    """`HOST` or `USER@HOST`."""
    port: int | None

    @property
    def by_hand(self) -> str:
        """The command by which the operator connects to it."""
        return f"ssh -p {self.port} {self.destination}" if self.port else f"ssh {self.destination}"

    @classmethod
    def parse(cls, text: str, place: str) -> Target:
        """Returns the host of `[USER@]HOST[:PORT]`; raises OptionError with the place if wrong.

        The first character is never a dash, so that ssh cannot take it for an option.
        """
        match = _TARGET.fullmatch(text)
        port = int(match["port"]) if match and match["port"] else None
        if match is None or (port is not None and not 1 <= port <= 65535):
            raise OptionError(
                f"{place}: {text!r} is not a host", hint="use [USER@]HOST[:PORT], such as shop-1"
            )
        user = f"{match['user']}@" if match["user"] else ""
        return cls(text, f"{user}{match['host'] or match['ip']}", port)


def targets(given: str) -> list[Target]:
    """Returns the hosts of a list `A,B,C`, or of a file: one per line, `#` begins a comment.

    A value with a slash, or with the name of an existing file, is a file. Raises OptionError for a
    wrong, repeated or missing host, and OSError if the file cannot be read.
    """
    path = Path(given)
    entries = _of_file(path) if "/" in given or path.is_file() else _of_list(given)
    hosts: dict[str, Target] = {}
    for place, text in entries:
        target = Target.parse(text, place)
        if text in hosts:
            raise OptionError(f"{place}: {text!r} is listed twice", hint="remove one of the two")
        hosts[text] = target
    if not 0 < len(hosts) <= MOST:
        number = len(hosts) or "no host"
        raise OptionError(f"--hosts: {given!r}: {number}, must be 1 to {MOST} hosts")
    return list(hosts.values())


def _of_list(given: str) -> Iterable[tuple[str, str]]:
    return (("--hosts", each.strip()) for each in given.split(","))


def _of_file(path: Path) -> Iterable[tuple[str, str]]:
    try:
        lines = read_small(path).decode().splitlines()
    except UnicodeDecodeError as exc:
        raise OptionError(f"{path}: is not text in UTF-8", hint="write a host per line") from exc
    for number, line in enumerate(lines, 1):
        if text := line.partition("#")[0].strip():
            yield f"{path}:{number}", text
