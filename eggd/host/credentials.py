"""Certificate and key as two credentials of a unit (systemd.exec(5)).

systemd reads the files of LoadCredential= as root at every start of a unit. So a reload activates a
new certificate, and workers need no permission to read the key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from eggd.errors import ConfigError

CERT, KEY = "tls.crt", "tls.key"
"""The names of the two credentials."""


_OTHER_SOURCES = re.compile(
    r"^\s*(?:LoadCredentialEncrypted|SetCredential(?:Encrypted)?)\s*=\s*tls\.(?:crt|key):"
    r"|^\s*LoadCredential\s*=\s*tls\.(?:crt|key)(?::[^/]|\s*$)",
    re.MULTILINE,
).search


def handed_pair(environ: Mapping[str, str]) -> tuple[Path, Path] | None:
    """Returns both files in $CREDENTIALS_DIRECTORY; None without them.

    Raises ConfigError if only one of them exists.
    """
    directory = environ.get("CREDENTIALS_DIRECTORY")
    if not directory:
        return None
    paths = {name: Path(directory, name) for name in (CERT, KEY)}
    return _both({name: path for name, path in paths.items() if path.exists()})


def unit_pair(unit_text: str) -> tuple[Path, Path] | None:
    """Returns the files from which a unit loads both credentials; None without them.

    `unit_text` is the output of `systemctl cat`. Returns None, too, if a credential is encrypted,
    part of the unit file or in a credential store, which only systemd can read. Raises ConfigError
    if only one is loaded.
    """
    if _OTHER_SOURCES(unit_text):
        return None
    sources = credential_files(unit_text)
    return _both({name: sources[name] for name in (CERT, KEY) if name in sources})


def credential_files(unit_text: str) -> dict[str, Path]:
    """Returns the file of each credential that a unit loads, encrypted or not.

    An empty value resets the list.
    """
    files: dict[str, Path] = {}
    for line in unit_text.split("\n"):
        key, _, value = line.partition("=")
        name, _, path = value.strip().partition(":")
        if key.strip() not in ("LoadCredential", "LoadCredentialEncrypted"):
            continue
        if not value.strip():
            files.clear()
        elif path.startswith("/"):
            files[name] = Path(path)
    return files


def _both(files: Mapping[str, Path]) -> tuple[Path, Path] | None:
    if not files:
        return None
    for name, other in ((CERT, KEY), (KEY, CERT)):
        if name not in files:
            raise ConfigError(
                f"credential {name} is missing beside {other}",
                hint=f"LoadCredential={name}:FILE in a drop-in of egg-worker@.service",
            )
    return files[CERT], files[KEY]
