"""The base file systems that hosts boot from: minimal Debian with systemd and eggd's dependencies.

Built by mmdebstrap with the machine's own apt configuration and kept under `.cache/hosts`, by the
hash of everything that goes in. Standard library only: `make run` uses it before anything is
installed.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
CACHE = TOP / ".cache" / "hosts"
ENVIRON = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
BUILD_SECONDS = 400
"""The limit of a build, which takes half a minute; shorter than that of a test (conftest.py)."""
# Packages that the tests need besides eggd's dependencies: a C extension to move into a .venv, and
# what `eggd deploy` makes one with.
EXTRAS = ("python3-markupsafe", "python3-venv")


@dataclass(frozen=True, slots=True)
class Flavour:
    """One kind of host: the Debian suite, and whether a D-Bus daemon runs on it."""

    suite: str
    dbus: bool

    @property
    def name(self) -> str:
        """Short name for folders and test ids."""
        return self.suite if self.dbus else f"{self.suite}-nodbus"

    @property
    def packages(self) -> tuple[str, ...]:
        """The packages that are installed besides minbase and eggd's dependencies."""
        return ("systemd", "systemd-sysv", *(("dbus",) if self.dbus else ()), *EXTRAS)


BOOKWORM = Flavour("bookworm", dbus=True)
BOOKWORM_NODBUS = Flavour("bookworm", dbus=False)
TRIXIE = Flavour("trixie", dbus=True)
SYSTEMS = (BOOKWORM_NODBUS, TRIXIE)
"""Debian 12 and 13, with and without D-Bus: each test runs on both."""


def base(flavour: Flavour, depends: str) -> Path:
    """Directory of the flavour's root file system, `depends` installed; built when it is new."""
    recipe = [Path(__file__).read_text(), flavour.name, depends, *_sources(flavour.suite)]
    digest = hashlib.sha256("\0".join(recipe).encode()).hexdigest()[:12]
    root = CACHE / f"{flavour.name}-{digest}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{flavour.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.exists():
            _make(flavour, depends, root)
    return root


def _make(flavour: Flavour, depends: str, root: Path) -> None:
    """Builds a base; one without D-Bus is a copy of that with it, which is ten times as fast."""
    fresh = root.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        if flavour.dbus:
            _build(flavour, depends, fresh)
        else:
            _copy_without_dbus(base(replace(flavour, dbus=True), depends), fresh)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    fresh.rename(root)


def _copy_without_dbus(source: Path, fresh: Path) -> None:
    purge = "dpkg --purge $(dpkg-query -W -f '${Package} ' 'dbus*')"
    copied, root = os.fspath(source), os.fspath(fresh)
    for command in (["cp", "-a", copied, root], ["chroot", root, "sh", "-ec", purge]):
        done = subprocess.run(command, capture_output=True, text=True, env=ENVIRON, check=False)
        if done.returncode:
            raise RuntimeError(f"{command}: {done.stderr}")


def _build(flavour: Flavour, depends: str, fresh: Path) -> None:
    command = [
        *("timeout", "--kill-after=10", str(BUILD_SECONDS)),  # ends what it has started, too
        "mmdebstrap",
        "--quiet",
        "--variant=minbase",
        f"--include={','.join(flavour.packages)}",
        # A container has no use for these, and they are the slow part of unpacking.
        "--dpkgopt=path-exclude=/usr/share/locale/*",
        "--dpkgopt=path-exclude=/usr/share/doc/*",
        *(f"--aptopt={line}" for line in _apt_options()),
        # apt itself resolves alternatives (`a | b`) as it will at the installation.
        f'--customize-hook=chroot "$1" apt-get satisfy -qq -y --no-install-recommends "{depends}"',
        '--customize-hook=mkdir -p "$1/var/log/journal"',
        '--customize-hook=printf "127.0.0.1 localhost\\n::1 localhost\\n" >"$1/etc/hosts"',
        '--customize-hook=rm -f "$1"/etc/apt/apt.conf.d/99mm* "$1"/etc/dpkg/dpkg.cfg.d/99mm*',
        flavour.suite,
        str(fresh),
        "-",
    ]
    sources = "\n".join(_sources(flavour.suite)) + "\n"
    done = subprocess.run(
        command,
        input=sources,
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=ENVIRON,
        check=False,
    )
    if done.returncode:
        late = f" after {BUILD_SECONDS} s" if done.returncode in (124, 137) else ""
        raise RuntimeError(f"mmdebstrap {flavour.name} failed{late}:\n{done.stderr}")


def _sources(suite: str) -> list[str]:
    """Returns lines of sources.list for `suite`, from the mirrors of the machine itself."""
    own = _own_suite()
    lines = [
        f"deb {uri} {release.replace(own, suite)} main"
        for uri, release in _targets()
        if release.split("-")[0] == own
    ]
    return lines or [f"deb http://deb.debian.org/debian {suite} main"]


def _targets() -> Iterator[tuple[str, str]]:
    listing = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)", "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for line in sorted(set(listing.splitlines())):
        uri, release = line.split(" ", 1)
        yield uri.rstrip("/"), release


def _own_suite() -> str:
    found = re.search(r"^VERSION_CODENAME=(\w+)", Path("/etc/os-release").read_text(), re.MULTILINE)
    return found[1] if found else "bookworm"


def _apt_options() -> list[str]:
    """The machine's own way to its mirror: proxies, and how strictly dates are checked."""
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
    wanted = re.compile(r'^Acquire::(?:https?::Proxy|Check-(?:Valid-Until|Date)) "[^"]+";$')
    return [line for line in dump.splitlines() if wanted.match(line)]


def depends_of(deb: Path) -> str:
    """The `Depends:` of a package file, as one line."""
    return subprocess.run(
        ["dpkg-deb", "--field", os.fspath(deb), "Depends"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
