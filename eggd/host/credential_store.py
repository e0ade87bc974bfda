"""The credentials of a host's units: files that only root may read, and drop-ins that load them.

    /etc/credstore.encrypted/eggd.NAME                         made by systemd-creds(1); without it
    /etc/credstore/eggd.NAME                                   mode 0600
    /etc/systemd/system/egg-worker@.service.d/credential-NAME.conf
    /etc/systemd/system/egg-agent.service.d/credential-NAME.conf

An encrypted one can be read only on this host: its key is in /var/lib/systemd, or in the TPM.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from eggd.errors import CredentialError, ProgramError
from eggd.host.credential_folder import write_private
from eggd.host.drop_in import write_drop_in
from eggd.host.loaded_units import daemon_reload
from eggd.host.systemctl import Systemctl
from eggd.host.unit_credentials import UnitCredential, app_units, unit_credentials
from eggd.suite.names import SuiteNames

PROGRAM = "systemd-creds"
_ENCRYPTED, _PLAIN, _SYSTEM = "etc/credstore.encrypted", "etc/credstore", "etc/systemd/system"
_HEAD = "# Written by eggd credential set.\n[Service]\n"


@dataclass(frozen=True, slots=True)
class CredentialStore:
    """Sets and removes credentials of this host; only root can."""

    systemctl: Systemctl
    names: SuiteNames
    """The names of the suite."""
    root: Path = Path("/")

    @property
    def booted(self) -> bool:
        """Whether systemd runs this host (sd_booted(3)); it does not while an image is built."""
        return (self.root / "run/systemd/system").is_dir()

    def set(self, name: str, content: bytes) -> str:
        """Stores a credential and loads it in worker and agent, from their next start on.

        Returns why it is not encrypted, "" if it is. Raises CredentialError, or SystemdError if
        systemd does not read the drop-ins.
        """
        self._refuse_other(name)
        text, reason = _encrypted(name, content)
        encrypted, plain = (
            self.root / _ENCRYPTED / self._file(name),
            self.root / _PLAIN / self._file(name),
        )
        file, key = (plain, "LoadCredential") if reason else (encrypted, "LoadCredentialEncrypted")
        write_private(file, content if reason else text)
        line = f"{key}={name}:/{file.relative_to(self.root)}\n"
        for unit in app_units(self.names):
            _write_drop_in(self._drop_in(unit, name), _HEAD + line)
        _unlink(encrypted if reason else plain)
        self._reload()
        return reason

    def get(self, name: str) -> bytes:
        """Returns what `set` stored; raises CredentialError if it is not set or not readable."""
        self._refuse_other(name)
        loaded = unit_credentials(self.names, self.root).get(name)
        if loaded is None:
            raise self._unset(name)
        return content_of(loaded)

    def remove(self, name: str) -> None:
        """Removes what `set` wrote; raises CredentialError without it."""
        drop_ins = [self._drop_in(unit, name) for unit in app_units(self.names)]
        files = [self.root / folder / self._file(name) for folder in (_ENCRYPTED, _PLAIN)]
        if not any(each.exists() for each in (*drop_ins, *files)):
            self._refuse_other(name)
            raise self._unset(name)
        for each in drop_ins:  # first, as a unit whose file is missing cannot start
            _unlink(each)
        self._reload()
        for each in files:
            _unlink(each)

    def _unset(self, name: str) -> CredentialError:
        return CredentialError(f"credential {name} is not set", hint="run 'eggd credential list'")

    def _refuse_other(self, name: str) -> None:
        loaded = unit_credentials(self.names, self.root).get(name)
        if loaded and loaded.origin not in [
            self._drop_in(unit, name) for unit in app_units(self.names)
        ]:
            raise CredentialError(
                f"credential {name} is loaded by {loaded.origin}", hint="change it there"
            )

    def _drop_in(self, unit: str, name: str) -> Path:
        return self.root / _SYSTEM / f"{unit}.d" / f"credential-{name}.conf"

    def _file(self, name: str) -> str:
        return f"{self.names.user}.{name}"

    def _reload(self) -> None:
        if self.booted:  # else systemd reads the drop-ins when it boots
            daemon_reload(self.systemctl)


def content_of(loaded: UnitCredential) -> bytes:
    """Returns the content of a credential as the units get it; for root.

    Raises CredentialError if it cannot be read, or is not in a file.
    """
    if loaded.file is None:
        raise CredentialError(f"credential {loaded.name}: only systemd can read it")
    if loaded.encrypted:
        return _decrypted(loaded)
    try:
        return loaded.file.read_bytes()
    except OSError as exc:
        raise CredentialError(
            f"credential {loaded.name} in {loaded.file}: {exc.strerror}",
            hint=f"{loaded.origin} loads it",
        ) from exc


def _decrypted(loaded: UnitCredential) -> bytes:
    try:
        return _run("decrypt", loaded.name, str(loaded.file))
    except ProgramError as exc:
        raise CredentialError(
            f"credential {loaded.name} in {loaded.file}: {exc.message}",
            hint=f"run 'eggd credential set {loaded.name}' on this host",
        ) from exc


def _encrypted(name: str, content: bytes) -> tuple[bytes, str]:
    """Returns the encrypted content, or b"" and the reason why it cannot be encrypted."""
    try:
        text = _run("encrypt", name, "-", content)
        if _run("decrypt", name, "-", text) == content:
            return text, ""
        return b"", f"{PROGRAM} does not decrypt what it encrypted"
    except ProgramError as exc:
        return b"", exc.message


def _run(verb: str, name: str, file: str, content: bytes | None = None) -> bytes:
    """Runs systemd-creds with the content on its standard input; raises ProgramError."""
    try:
        done = subprocess.run(
            [PROGRAM, f"--name={name}", verb, file, "-"],
            input=content,
            stdin=subprocess.DEVNULL if content is None else None,
            capture_output=True,
            check=False,
        )
    except OSError as exc:
        raise ProgramError(f"{PROGRAM}: {exc.strerror}") from exc
    if done.returncode:
        lines = done.stderr.decode(errors="replace").split("\n")
        reason = next((line for line in reversed(lines) if line.strip()), f"exit {done.returncode}")
        raise ProgramError(f"{PROGRAM} {verb}: {reason.strip()}")
    return done.stdout


def _write_drop_in(path: Path, text: str) -> None:
    try:
        write_drop_in(path, text)
    except OSError as exc:
        raise CredentialError(f"{path}: {exc.strerror}", hint="run it as root") from exc


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as exc:
        raise CredentialError(f"{path}: {exc.strerror}", hint="run it as root") from exc
