"""The directories that systemd makes for a unit (systemd.exec(5): StateDirectory= and others)."""

from __future__ import annotations

from collections.abc import Mapping


def unit_directory(environ: Mapping[str, str], variable: str) -> str:
    """Returns the first directory in a variable such as STATE_DIRECTORY, "" if it is not set."""
    return environ.get(variable, "").partition(":")[0]
