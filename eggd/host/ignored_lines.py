"""The lines of unit files and drop-ins that systemd ignores: misspelt sections, keys and values.

systemd reports them in its own log alone, and starts the unit without them.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eggd.errors import SystemdError
from eggd.host.unit_files import drop_ins
from eggd.spelling import suggestion, suggestion_or_list
from eggd.suite.names import SuiteNames

SYSTEMD = "/usr/lib/systemd/systemd"
"""The program of PID 1, which lists the keys that it knows."""

LONGEST = 30.0
"""Seconds that a program of systemd may take."""

_MESSAGE = re.compile(r"(/.+?):(\d+): (.*)")
_SECTION = re.compile(r"Unknown section '([^']*)'")
# systemd 252: key name 'X' in section 'Service'; 257: key 'X' in section [Service].
_KEY = re.compile(r"Unknown key (?:name )?'([^']*)' in section [\['](\w+)")
_IGNORING = re.compile(r"[.,]? *\bignoring\b(?: (?:line|assignment))?(?:(:)|\.|$)", re.IGNORECASE)
_KINDS = {"service": "Service", "socket": "Socket"}


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoredLine:
    """One line that has no effect."""

    file: str
    """Its path, below the root of the host."""
    line: int
    text: str
    """The problem, such as `[Servce] is an unknown section`."""
    hint: str
    """The nearest known name, or what to do."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}: systemd ignores it"


def ignored_lines(names: SuiteNames, root: Path = Path("/")) -> list[IgnoredLine]:
    """Returns the lines that systemd ignores in the drop-ins of an application's units.

    Needs no privileges, and no systemd that runs. Raises SystemdError if its programs are missing.
    """
    try:
        paths = {file: name for name in names.unit_files for file in drop_ins(name, root)}
    except OSError as exc:
        raise SystemdError(f"{exc.filename}: {exc.strerror}") from exc
    if not paths:
        return []
    place = () if root == Path("/") else (f"--root={root}",)
    output = _run("systemd-analyze", "--man=no", *place, "verify", "--", *_units(paths, names))
    files = {str(file.resolve()): file for file in paths}
    lines = {}
    for match in filter(None, map(_MESSAGE.fullmatch, output.splitlines())):
        file = files.get(str(Path(match[1]).resolve()))
        if file is not None and "Missing '='" not in match[3]:  # a syntax error, which has its own
            lines[file, int(match[2])] = match[3]
    known = _known() if lines else {}
    return [
        _line(f"/{file.relative_to(root)}", number, text, known)
        for (file, number), text in sorted(lines.items())
    ]


def _units(paths: Iterable[Path], names: SuiteNames) -> set[str]:
    """Returns a unit of each file, and each instance that has a drop-in of its own."""
    own = {file.parent.name.removesuffix(".d") for file in paths}
    instances = {unit for unit in own if names.slot(unit) is not None}
    return {name.replace("@.", "@1.") for name in names.unit_files} | instances


def _line(file: str, number: int, text: str, known: Mapping[str, Sequence[str]]) -> IgnoredLine:
    kind = _KINDS[Path(file).parent.name.removesuffix(".d").rpartition(".")[2]]
    hint = "correct the value"
    if match := _SECTION.match(text):
        text = f"[{match[1]}] is an unknown section"
        hint = suggestion_or_list(match[1], ("Unit", kind, "Install"), "sections")
    elif match := _KEY.match(text):
        text = f"{match[1]}= is an unknown key of [{match[2]}]"
        hint = suggestion(match[1], known.get(match[2], ())) or "remove it"
    else:
        text = _IGNORING.sub(r"\1", text).strip()
    return IgnoredLine(file=file, line=number, text=text, hint=hint)


def _known() -> dict[str, list[str]]:
    """Returns the keys of each section that the installed systemd knows."""
    known: dict[str, list[str]] = {}
    keys: list[str] = []
    for line in _run(SYSTEMD, "--dump-configuration-items").splitlines():
        if line.startswith("["):
            keys = known.setdefault(line.strip("[]"), [])
        elif "=" in line:
            keys.append(line.partition("=")[0])
    return known


def _run(*command: str) -> str:
    """Returns standard output and errors of a program; its exit code does not matter."""
    try:
        done = subprocess.run(
            command,
            env={**os.environ, "LC_ALL": "C.UTF-8", "SYSTEMD_COLORS": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=LONGEST,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        reason = getattr(exc, "strerror", None) or f"no answer within {LONGEST:g} s"
        raise SystemdError(f"{command[0]}: {reason}", hint="drop-ins are not checked") from exc
    return done.stdout + done.stderr
