"""Certificate and key from systemd: which are there, and where they come from (process:CL-44)."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.errors import ConfigError
from eggd.host.credentials import CERT, KEY, credential_files, handed_pair, unit_pair

UNIT = """\
# /lib/systemd/system/egg-worker@.service
[Service]
LoadCredential=old:/etc/old

# /etc/systemd/system/egg-worker@.service.d/tls.conf
[Service]
LoadCredential=
LoadCredential=tls.crt:/etc/ssl/shop.crt
 LoadCredential = tls.key:/etc/ssl/private/shop.key
LoadCredentialEncrypted=db:/etc/credstore.encrypted/eggd.db
LoadCredential=from.store
SetCredential=x:y
#LoadCredential=no:/etc/no
"""
PAIR = {CERT: Path("/etc/ssl/shop.crt"), KEY: Path("/etc/ssl/private/shop.key")}


def test_the_files_that_a_unit_loads() -> None:
    assert credential_files(UNIT) == {**PAIR, "db": Path("/etc/credstore.encrypted/eggd.db")}
    assert unit_pair(UNIT) == (PAIR[CERT], PAIR[KEY])
    assert unit_pair("[Service]\nLoadCredential=token:/etc/token\n") is None


@pytest.mark.parametrize(
    ("there", "line"),
    [
        (CERT, "credential tls.key is missing beside tls.crt (LoadCredential=tls.key:FILE in"),
        (KEY, "credential tls.crt is missing beside tls.key (LoadCredential=tls.crt:FILE in"),
    ],
)
def test_one_without_the_other_is_a_mistake(there: str, line: str, tmp_path: Path) -> None:
    (tmp_path / there).write_text("")
    with pytest.raises(ConfigError) as failed:
        handed_pair({"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert failed.value.line.startswith(line)
    with pytest.raises(ConfigError):
        unit_pair(f"LoadCredential={there}:/etc/x\n")


@pytest.mark.parametrize(
    "line",
    [
        "LoadCredentialEncrypted=tls.key:/etc/credstore/tls.key.cred",
        "SetCredentialEncrypted=tls.key: k6iUCUh0RJCQyvL8k8q1UyAAAAABAAAADAAAABAAAAC",
        "LoadCredential=tls.key",
        "LoadCredential=tls.key:store.key",
    ],
)
def test_lines_that_only_systemd_can_read_are_not_checked(line: str) -> None:
    assert unit_pair(f"[Service]\nLoadCredential=tls.crt:/etc/x\n{line}\n") is None


def test_credentials_of_the_unit(tmp_path: Path) -> None:
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert (handed_pair({}), handed_pair(environ)) == (None, None)
    for name in (CERT, KEY):
        (tmp_path / name).write_text("")
    assert handed_pair(environ) == (tmp_path / CERT, tmp_path / KEY)
