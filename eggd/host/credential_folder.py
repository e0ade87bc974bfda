"""Folders of credentials, one file each, which only their owner may access.

<app>/.credentials                     for `eggd dev` and tests
$XDG_CONFIG_HOME/eggd/credentials      for suites that run without systemd
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from eggd.accounts import user_name
from eggd.config.credentials import LOCAL, refuse_open, unreadable
from eggd.errors import CredentialError
from eggd.smallfile import read_small
from eggd.wholefile import write_whole

_IGNORE = ".gitignore"


def write_private(path: Path, content: bytes) -> None:
    """Replaces a file, with mode 0600, in a folder that it creates with mode 0700.

    Raises CredentialError.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, content, 0o600)
    except OSError as exc:
        raise CredentialError(f"{path}: {exc.strerror}") from exc


@dataclass(frozen=True, slots=True)
class CredentialFolder:
    """One such folder."""

    path: Path

    def set(self, name: str, content: bytes) -> None:
        """Writes a credential; raises CredentialError."""
        self._check_owner()
        write_private(self.path / name, content)
        if self.path.name == LOCAL and not (self.path / _IGNORE).exists():
            # Never part of a repository, whatever the project's own .gitignore says.
            write_private(self.path / _IGNORE, b"*\n")
        refuse_open(self.path, f"folder {self.path}")

    def get(self, name: str) -> bytes:
        """Returns the content of a credential; raises CredentialError if it cannot be read."""
        path = self.path / name
        try:
            return read_small(path)
        except OSError as exc:
            if isinstance(exc, FileNotFoundError) and not path.is_symlink():
                raise self._unset(name) from None
            raise unreadable(f"credential {name} in {path}", exc) from exc

    def remove(self, name: str) -> None:
        """Removes a credential; raises CredentialError if it does not exist."""
        try:
            (self.path / name).unlink()
        except FileNotFoundError:
            raise self._unset(name) from None
        except OSError as exc:
            raise CredentialError(f"{self.path / name}: {exc.strerror}") from exc

    def names(self) -> list[str]:
        """Returns the names of its credentials; raises CredentialError if it cannot be read."""
        try:
            return sorted(each.name for each in self.path.iterdir() if each.name[0] != ".")
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as exc:
            raise CredentialError(f"{self.path}: {exc.strerror}") from exc

    def _unset(self, name: str) -> CredentialError:
        local = " --local" if self.path.name == LOCAL else ""
        hint = f"run 'eggd credential list{local}'"
        return CredentialError(f"credential {name} is not set in {self.path}", hint=hint)

    def _check_owner(self) -> None:
        """Refuses a folder of another user, who could not read root's files, or could move them."""
        place = next(each for each in (self.path, *self.path.parents) if each.exists())
        owner = place.stat().st_uid
        if owner not in (os.geteuid(), 0):
            raise CredentialError(
                f"{place} belongs to user {user_name(owner)}", hint="run it as that user"
            )
