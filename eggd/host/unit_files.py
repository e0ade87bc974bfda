"""The files of which systemd makes a unit: its own, and its drop-ins (systemd.unit(5)).

systemd reads them when it starts, and again at each `daemon-reload`. A process keeps what its unit
was when it was started: so it records the digest of the files, and a reload compares.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from pathlib import Path

SYSTEM = Path("/etc/systemd/system")
PACKAGED = Path("/usr/lib/systemd/system")
UNIT_PATH = (
    SYSTEM,
    Path("/run/systemd/system"),
    Path("/usr/local/lib/systemd/system"),
    PACKAGED,
)
"""The directories of unit files; the first one wins. /lib links to /usr/lib. Left out are those of
`systemctl set-property`, which changes processes that run, and of generators."""

_DIGEST_BYTES = 8


def files(unit: str, root: Path = Path("/")) -> list[Path]:
    """Returns the files of a unit below `root`, its own first, drop-ins as they apply.

    Of files of one name in several directories only the first counts.
    """
    chosen: dict[str, Path] = {}
    for folder in _folders(unit, root):
        for file in _listed(folder):
            if file.suffix == ".conf":
                chosen.setdefault(file.name, file)
    candidates = (each / name for name in (unit, _template(unit)) for each in _paths(root))
    unit_file = next((path for path in candidates if path.exists()), None)
    drop_ins = [chosen[name] for name in sorted(chosen)]
    return [unit_file, *drop_ins] if unit_file is not None else drop_ins


def drop_ins(name: str, root: Path = Path("/")) -> list[Path]:
    """Returns the drop-ins of a unit file in the order they apply, also of a template's instances.

    Among them are those of a prefix, such as `egg-.service.d`, and of all units of the type.
    """
    stem, at, kind = name.rpartition("@.")
    instances = {name.replace("@.", "@1.")}
    if at:
        for folder in _paths(root):
            instances |= {
                each.name.removesuffix(".d") for each in folder.glob(f"{stem}@*.{kind}.d")
            }
    paths = {file for unit in instances for file in files(unit, root) if file.suffix == ".conf"}
    return sorted(paths, key=lambda file: (file.name, str(file)))


def digest(unit: str, root: Path = Path("/")) -> str:
    """Returns a digest of the files of a unit, the same for root and in the unit's sandbox.

    "" if a directory cannot be read. Of a file that other users may not read, size and time count.
    """
    total = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    try:
        for file in files(unit, root):
            about = file.stat()
            public = about.st_mode & stat.S_IROTH and stat.S_ISREG(about.st_mode)
            content = file.read_bytes() if public else b"%d %d" % (about.st_size, about.st_mtime_ns)
            for piece in (bytes(file), content):
                total.update(len(piece).to_bytes(8) + piece)
    except OSError:
        return ""
    return total.hexdigest()


def _folders(unit: str, root: Path) -> Iterator[Path]:
    """Yields the directories of drop-ins of a unit, those that win first."""
    stem, _, kind = unit.rpartition(".")
    names = [unit, _template(unit)]
    prefix = stem.partition("@")[0]
    while "-" in prefix:
        prefix = prefix.rpartition("-")[0]
        names.append(f"{prefix}-.{kind}")
    names.append(kind)
    for name in dict.fromkeys(names):
        for folder in _paths(root):
            yield folder / f"{name}.d"


def _template(unit: str) -> str:
    """Returns `egg-worker@.service` of `egg-worker@1.service`; of another unit its name."""
    stem, _, kind = unit.rpartition(".")
    name, at, _ = stem.partition("@")
    return f"{name}{at}.{kind}"


def _paths(root: Path) -> Iterator[Path]:
    return (root / str(folder).lstrip("/") for folder in UNIT_PATH)


def _listed(folder: Path) -> list[Path]:
    """Returns the files of a directory; [] without it. Raises PermissionError."""
    try:
        return [*folder.iterdir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
