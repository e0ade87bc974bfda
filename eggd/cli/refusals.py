"""Finds in the entries of logs what the sandbox of the units refused, and what would allow it.

A refused call is an ordinary error for the app, so only its text is left. Rules in the order in
which they apply; the first that fits an entry explains it.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from eggd.cli.logview.entry import Entry
from eggd.host.sandbox import MOVE, Grant, is_grantable, is_hidden
from eggd.suite.names import SuiteNames

_LEVELS = ("WARN", "ERROR", "")
_ERRNO = re.compile(
    r"\[Errno (?P<number>\d+)\] [^:\n]*(?:: b?(?P<quote>['\"])(?P<path>/.*?)(?P=quote))?"
)
_READ_ONLY = re.compile(r"[Rr]ead-only file ?system(?:: ['\"]?(?P<path>/[^\s'\",:;]+))?")
_DATABASE = re.compile(r"attempt to write a readonly database|unable to open database file")
_MEMORY = re.compile(
    r"write\+execute memory|executable stack|Unable to allocate section memory"
    r"|failed to map segment from shared object"
)
_FAMILY = re.compile(r"\bAF_[A-Z0-9_]+")
_CALL = re.compile(r"\b(?:os|resource|socket|signal|time)\.(?P<name>[a-z_]+)\(")
_NAMESPACE = re.compile(r"Failed to set up mount namespacing: (?P<path>/[^:]+): No such file")
_UNIT_ROOT = "/run/systemd/unit-root"
"""The directory in which systemd before 257 builds the root of a unit."""
_CALLS = {"nice": "setpriority"}
"""System calls that Python gives another name."""


@dataclass(frozen=True, slots=True, order=True)
class Refusal:
    """One call that was refused."""

    what: str
    """The attempt: `write /srv/shop/data.db`."""
    allow: Grant | None
    """The grant that allows it; None if no grant does, or its value is not known."""
    hint: str
    """An instruction instead of the grant, or beside it; "" if the grant is enough."""


@dataclass(slots=True, kw_only=True)
class ExplainedRefusal:
    """A refusal, and how often the logs have it."""

    refusal: Refusal
    of_agent: bool
    """Whether the agent tried it, else a worker."""
    count: int
    last: float
    """Unix time of the last entry."""


def explained(entries: Iterable[Entry], names: SuiteNames) -> list[ExplainedRefusal]:
    """Returns what entries report as refused, each once, the latest last."""
    seen: dict[tuple[Refusal, bool], ExplainedRefusal] = {}
    for entry in entries:
        refusal = refusal_of(entry.text, names) if _is_error(entry) else None
        if refusal is None:
            continue
        of_agent = entry.source in (names.agent, "egg-agent.log")
        each = seen.setdefault(
            (refusal, of_agent),
            ExplainedRefusal(refusal=refusal, of_agent=of_agent, count=0, last=0.0),
        )
        each.count, each.last = each.count + 1, entry.at
    return sorted(seen.values(), key=lambda each: each.last)


def _is_error(entry: Entry) -> bool:
    """Returns whether an entry may report an error: standard error is INFO in the journal."""
    return entry.level in _LEVELS or entry.source.endswith(".service")


def refusal_of(text: str, names: SuiteNames) -> Refusal | None:
    """Returns what a message, with its traceback, reports as refused; None if nothing was."""
    return next((each for rule in _RULES if (each := rule(text, names)) is not None), None)


def _namespace(text: str, names: SuiteNames) -> Refusal | None:
    match = _NAMESPACE.search(text)
    if match is None:
        return None
    path = match["path"].removeprefix(_UNIT_ROOT)
    user, command = names.user, names.command(f"sandbox remove write {path}")
    hint = f"make it: install -d -o {user} -g {user} {path}; or: {command}"
    return Refusal(f"start with {path}, which does not exist", None, hint)


def _memory(text: str, names: SuiteNames) -> Refusal | None:
    is_mapping = "mmap.mmap(" in text and "PermissionError: " in text
    if not (is_mapping or _MEMORY.search(text)):
        return None
    return Refusal("memory that is written and executed", Grant("memory", "execute"), "")


def _read_only(text: str, names: SuiteNames) -> Refusal | None:
    match = _READ_ONLY.search(text)
    if match is None and not _DATABASE.search(text):
        return None
    path = match["path"] if match else None
    if not path:
        hint = f"{names.command('sandbox allow write PATH')}; or {_own(names)}"
        return Refusal("write a file", None, hint)
    return _write(path, names)


def _own(names: SuiteNames) -> str:
    return f"write below {names.state}, which is the app's own"


def _write(path: str, names: SuiteNames) -> Refusal:
    directory = _existing(path)
    if is_hidden(path) or not is_grantable(directory):
        return Refusal(f"write {path}", None, MOVE if is_hidden(path) else _own(names))
    return Refusal(f"write {path}", Grant("write", directory), f"or {_own(names)}")


def _existing(path: str) -> str:
    """Returns the nearest directory that exists: a unit does not start without it."""
    return next(str(each) for each in Path(os.path.normpath(path)).parents if each.is_dir())


def _by_errno(text: str, names: SuiteNames) -> Refusal | None:
    for match in _ERRNO.finditer(text):
        rule = _BY_ERRNO.get(int(match["number"]))
        refusal = rule(match["path"] or "", text, names) if rule else None
        if refusal is not None:
            return refusal
    return None


def _denied(path: str, text: str, names: SuiteNames) -> Refusal | None:
    if is_hidden(path):
        return _missing(path, text, names)
    if not path:
        return None
    hint = (
        f"user {names.user} may not: change owner or mode of {path}; the sandbox is not the reason"
    )
    return Refusal(f"open {path}", None, hint)


def _missing(path: str, text: str, names: SuiteNames) -> Refusal | None:
    if not path or not is_hidden(path):
        return None
    return Refusal(f"see {path}", Grant("home", "read-only"), f"better: {MOVE}")


def _no_family(path: str, text: str, names: SuiteNames) -> Refusal:
    families = [each for each in _FAMILY.findall(text) if each not in ("AF_INET", "AF_UNIX")]
    if not families:
        hint = f"{names.command('sandbox allow family AF_NAME')} (often AF_NETLINK)"
        return Refusal("a socket", None, hint)
    return Refusal(f"a socket of {families[-1]}", Grant("family", families[-1]), "")


def _not_permitted(path: str, text: str, names: SuiteNames) -> Refusal:
    calls = [match["name"] for match in _CALL.finditer(text)]
    name = next((_CALLS.get(call, call) for call in reversed(calls)), "")
    if not name:
        command = names.command("sandbox allow syscall NAME")
        hint = f"{command}; strace(1) of the app names the call"
        return Refusal(f"a system call{f' on {path}' if path else ''}", None, hint)
    hint = "a grant is enough only for calls that need no capability"
    return Refusal(f"the system call {name}", Grant("syscall", name), hint)


_BY_ERRNO: dict[int, Callable[[str, str, SuiteNames], Refusal | None]] = {
    errno.EPERM: _not_permitted,
    errno.EACCES: _denied,
    errno.ENOENT: _missing,
    errno.EAFNOSUPPORT: _no_family,
}
_RULES = (_namespace, _memory, _read_only, _by_errno)
