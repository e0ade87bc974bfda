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
LIMIT = ("timeout", "--kill-after=10", str(BUILD_SECONDS))
"""Ends what a command has started, too."""
# Packages that the tests need besides eggd's dependencies: a C extension to move into a .venv, and
# what `eggd deploy` makes one with.
EXTRAS = ("python3-markupsafe", "python3-venv")

# A container has no use for these files, which are the slow part of unpacking, and a base that the
# machine loses in a crash is built again.
DPKG = ("path-exclude=/usr/share/locale/*", "path-exclude=/usr/share/doc/*", "force-unsafe-io")
_PURGE = "dpkg --purge $(dpkg-query -W -f '${Package} ' 'dbus*')"
_ADD = r"""
trap 'rm -f /usr/sbin/policy-rc.d /etc/apt/apt.conf.d/99base /etc/dpkg/dpkg.cfg.d/99base' EXIT
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d  # no daemon may start here
chmod +x /usr/sbin/policy-rc.d
printf '%s' "$1" >/etc/apt/apt.conf.d/99base
printf '%s' "$2" >/etc/dpkg/dpkg.cfg.d/99base
shift 2
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq -y --no-install-recommends install "$@"
apt-get clean
rm -rf /var/lib/apt/lists/*
"""


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


def base(flavour: Flavour, depends: str, packages: tuple[str, ...] = ()) -> Path:
    """Directory of the flavour's root file system with `depends` and `packages` installed.

    Built when it is new. The lock is of one base: other processes boot meanwhile from the others.
    """
    recipe = [Path(__file__).read_text(), flavour.name, depends, *packages]
    recipe += _sources(flavour.suite)
    digest = hashlib.sha256("\0".join(recipe).encode()).hexdigest()[:12]
    root = CACHE / f"{flavour.name}-{digest}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with root.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.exists():
            _make(flavour, depends, packages, root)
    return root


def _make(flavour: Flavour, depends: str, packages: tuple[str, ...], root: Path) -> None:
    """Builds a base, as a copy of another if that is nearly the same: ten times as fast."""
    fresh = root.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        if packages:
            options = ("\n".join(_apt_options()), "\n".join(DPKG))
            _copy(base(flavour, depends), fresh, _ADD, *options, *packages)
        elif flavour.dbus:
            _build(flavour, depends, fresh)
        else:
            _copy(base(replace(flavour, dbus=True), depends), fresh, _PURGE)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    fresh.rename(root)


def _copy(source: Path, fresh: Path, script: str, *arguments: str) -> None:
    """Copies a base and changes the copy by a shell script that runs in it."""
    root = os.fspath(fresh)
    change = [*LIMIT, "chroot", root, "sh", "-ec", script, "sh", *arguments]
    for command in (["cp", "-a", os.fspath(source), root], change):
        done = subprocess.run(command, capture_output=True, text=True, env=ENVIRON, check=False)
        if done.returncode:
            raise RuntimeError(f"{command}: {done.stdout}{done.stderr}")


def _build(flavour: Flavour, depends: str, fresh: Path) -> None:
    command = [
        *LIMIT,
        "mmdebstrap",
        "--quiet",
        "--variant=minbase",
        f"--include={','.join(flavour.packages)}",
        *(f"--dpkgopt={line}" for line in DPKG),
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
