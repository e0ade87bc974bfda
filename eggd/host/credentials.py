"""Certificate and key as systemd hands them over: two credentials (systemd.exec(5)).

It reads the files of LoadCredential= as root, anew at every start of a unit: a reload brings a new
certificate in, and no worker has to be allowed to read the key itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from eggd.errors import BootError

CERT, KEY = "tls.crt", "tls.key"
"""The names of the two credentials."""


_by_other_means = re.compile(
    r"^\s*(?:LoadCredentialEncrypted|SetCredential(?:Encrypted)?)\s*=\s*tls\.(?:crt|key):"
    r"|^\s*LoadCredential\s*=\s*tls\.(?:crt|key)(?::[^/]|\s*$)",
    re.MULTILINE,
).search


def handed_pair(environ: Mapping[str, str]) -> tuple[Path, Path] | None:
    """Returns the two in $CREDENTIALS_DIRECTORY, or None. Raises BootError if only one is there."""
    directory = environ.get("CREDENTIALS_DIRECTORY")
    if not directory:
        return None
    paths = {name: Path(directory, name) for name in (CERT, KEY)}
    return _both({name: path for name, path in paths.items() if path.exists()})


def unit_pair(unit_text: str) -> tuple[Path, Path] | None:
    """Returns the files that a unit loads the two credentials from, None where it does not.

    `unit_text` is what `systemctl cat` shows. None, too, where one is encrypted, written into the
    unit or in a credential store: nobody but systemd reads those. Raises BootError where only one
    is loaded.
    """
    if _by_other_means(unit_text):
        return None
    sources = credential_files(unit_text)
    return _both({name: sources[name] for name in (CERT, KEY) if name in sources})


def credential_files(unit_text: str) -> dict[str, Path]:
    """Returns credential -> file of every LoadCredential= that names one; an empty one resets."""
    files: dict[str, Path] = {}
    for line in unit_text.split("\n"):
        key, _, value = line.partition("=")
        name, _, path = value.strip().partition(":")
        if key.strip() != "LoadCredential":
            continue
        if not value.strip():
            files.clear()
        elif path.startswith("/"):
            files[name] = Path(path)
    return files


def _both(found: Mapping[str, Path]) -> tuple[Path, Path] | None:
    if not found:
        return None
    for name, other in ((CERT, KEY), (KEY, CERT)):
        if name not in found:
            raise BootError(
                f"credential {name} is missing beside {other}",
                hint=f"LoadCredential={name}:FILE in a drop-in of egg-worker@.service",
            )
    return found[CERT], found[KEY]
