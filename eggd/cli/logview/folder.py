"""The folder of the log files of a suite, and the files in it."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from eggd.cli.logview.unreadable import unreadable
from eggd.errors import EggError
from eggd.plugins.logrotator.rotated_name import PACKED, RotatedName, parse_name
from eggd.suite.names import SuiteNames

_DUMPS = ("agent_config.json", "application_config.json")


@dataclass(frozen=True, slots=True)
class LogPath:
    """A file of a log when its folder was listed."""

    path: Path
    inode: int = 0
    """0 for a file that did not exist."""
    mtime_ns: int = 0
    """The time of its last line then: a compressed file keeps that of the plain one."""

    @property
    def is_packed(self) -> bool:
        """Whether it is compressed."""
        return self.path.suffix in PACKED

    def size(self) -> int:
        """Returns its bytes; 0 without a file."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def modified(self) -> float:
        """Returns the Unix time of the last line; infinity for a file that was renamed since."""
        try:
            return self.path.stat().st_mtime
        except OSError:
            return float("inf")


@dataclass(slots=True)
class LogFiles:
    """One log: the file that is written, and the renamed ones."""

    name: str
    """The name of the file that is written: `shop-web.log`."""
    current: LogPath
    """This file, which need not exist."""
    renamed: list[LogPath] = field(default_factory=list)
    """The renamed files, oldest first."""


def log_folder(base_dir: Path | None) -> Path:
    """Returns the folder of the log files of an app; None is the suite that systemd runs.

    It is where the last start has put it, else the default. Raises EggError without such a folder.
    """
    names = SuiteNames.chosen(os.environ)
    runtime = Path(os.environ.get("RUNTIME_DIRECTORY") or names.runtime)
    rundir, default = (
        (runtime, Path(names.logs)) if base_dir is None else (base_dir / "run", base_dir / "logs")
    )
    folder = _from_dumps(rundir) or default
    try:
        os.listdir(folder)
    except PermissionError:
        raise unreadable(folder) from None
    except OSError as exc:
        raise EggError(
            f"no logs: {folder}: {exc.strerror}", hint="start the app, or give its directory"
        ) from None
    return folder


def log_files(folder: Path) -> list[LogFiles]:
    """Returns the logs of a folder by name; the JSON twin of a log is left out.

    Empty if the folder was removed.
    """
    logs: dict[str, LogFiles] = {}
    for file in _files(folder):
        name = file.path.name
        rotated = parse_name(name)
        log = rotated.log if rotated else name
        if not log.endswith(".log") or (rotated and not _is_readable(rotated)):
            continue
        files = logs.setdefault(log, LogFiles(log, LogPath(folder / log)))
        if rotated:
            files.renamed.append(file)
        else:
            files.current = file
    for files in logs.values():
        files.renamed.sort(key=lambda file: _age(file.path.name))
    twins = {name for name in logs if f"{name.removesuffix('.json.log')}.log" in logs}
    return [log for name, log in logs.items() if not (name.endswith(".json.log") and name in twins)]


def _files(folder: Path) -> list[LogPath]:
    """Returns the files in a folder, by name."""
    files = []
    try:
        with os.scandir(folder) as entries:
            for each in entries:
                status = each.stat(follow_symlinks=False)
                if stat.S_ISREG(status.st_mode):
                    files.append(LogPath(Path(each.path), status.st_ino, status.st_mtime_ns))
    except FileNotFoundError:  # the folder, or a file, was removed meanwhile
        return files
    return sorted(files, key=lambda file: file.path)


def _is_readable(name: RotatedName) -> bool:
    return not name.is_part and name.packed in ("", *PACKED)


def _age(name: str) -> tuple[bool, int, str]:
    rotated = parse_name(name)
    assert rotated is not None
    return rotated.age


def _from_dumps(rundir: Path) -> Path | None:
    """Returns the folder that a dump of the last start names; dumps are the suite's own files."""
    for name in _DUMPS:
        try:
            data = json.loads((rundir / name).read_bytes())
            folder = Path(data["config"]["logger"]["dir"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if folder.is_absolute():
            return folder
    return None
