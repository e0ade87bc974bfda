"""Real certificates for tests, made by openssl."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

_CURVE = ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")


@dataclass(frozen=True)
class Pair:
    """A certificate, which is its own root, and its key."""

    cert: Path
    key: Path


def make_pair(folder: Path, name: str = "server", days: int = 30) -> Pair:
    """Makes a pair for localhost that is valid for that number of days."""
    pair = Pair(folder / f"{name}.crt", folder / f"{name}.key")
    openssl("genpkey", *_CURVE, "-out", pair.key)
    openssl(
        *("req", "-x509", "-new", "-key", pair.key, "-out", pair.cert, "-days", str(days)),
        *("-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
    )
    return pair


def openssl(*arguments: str | Path) -> None:
    """Runs an openssl command; raises AssertionError with its output if it fails."""
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
