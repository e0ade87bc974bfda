"""Credentials of the units: which they load, and what a command of root gets of them."""

from __future__ import annotations

import os
import pwd
import signal
from pathlib import Path

import pytest

from eggd import credential
from eggd.config import credentials
from eggd.config.credentials import Places, config_files_read
from eggd.errors import CredentialError
from eggd.host.handed_credentials import handed_credentials
from eggd.host.unit_credentials import unit_credentials, unit_user
from eggd.suite.names import DEFAULT

WORKER, AGENT = "egg-worker@.service", "egg-agent.service"
ETC, LIB = "etc/systemd/system", "usr/lib/systemd/system"


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def test_drop_ins_apply_in_order_and_a_later_line_wins(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            f"{LIB}/{WORKER}": "[Service]\nLoadCredential=unit:/etc/unit\nUser=eggd\n",
            f"{LIB}/{WORKER}.d/10.conf": "[Service]\nLoadCredential=hidden:/x\n",
            f"{ETC}/{WORKER}.d/10.conf": "[Service]\nLoadCredential=a:/etc/a\nUser=shop\n",
            f"{ETC}/{WORKER}.d/20.conf": " LoadCredentialEncrypted = a:/etc/a.cred\n"
            "LoadCredential=store\n#LoadCredential=no:/no\nSetCredential=b: secret %h\n"
            "SetCredential=a:x\n",
            f"{ETC}/{AGENT}.d/20.conf": "[Service]\nLoadCredential=gone:/x\nLoadCredential=\n"
            "LoadCredential=b:/etc/b\n",
        },
    )
    found = unit_credentials(DEFAULT, tmp_path)
    files = {name: (each.file, each.encrypted, each.units) for name, each in found.items()}
    assert files == {
        "a": (tmp_path / "etc/a.cred", True, (WORKER,)),
        "b": (None, False, (WORKER, AGENT)),
        "store": (None, False, (WORKER,)),
        "unit": (tmp_path / "etc/unit", False, (WORKER,)),
    }
    assert found["a"].origin == tmp_path / ETC / f"{WORKER}.d/20.conf"
    assert unit_user(DEFAULT, tmp_path) == "shop"


def test_a_host_without_units_has_none(tmp_path: Path) -> None:
    assert (unit_credentials(DEFAULT, tmp_path), unit_user(DEFAULT, tmp_path)) == ({}, "eggd")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A host whose units load three credentials, one of them from a missing file."""
    for name in ("HOME", "XDG_CONFIG_HOME", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    lines = ("a:/etc/a", "tls.key:/etc/key", "lost:/etc/lost", "store")
    text = "\n".join(f"LoadCredential={line}" for line in lines)
    write(tmp_path, {f"{ETC}/{WORKER}.d/x.conf": text, "etc/a": "hush", "etc/key": "hush"})
    return tmp_path


def user(name: str) -> pwd.struct_passwd:
    return pwd.struct_passwd((name, "x", os.geteuid(), os.getegid(), "", "/", "/bin/sh"))


def test_a_command_of_root_gets_copies_while_it_runs(root: Path) -> None:
    warnings: list[str] = []
    with handed_credentials(user("eggd"), warnings.append, DEFAULT, root) as given:
        folder = Path(given["CREDENTIALS_DIRECTORY"])
        assert {each.name: each.read_text() for each in folder.iterdir()} == {"a": "hush"}
        modes = [each.stat().st_mode & 0o777 for each in (folder, folder / "a")]
        assert modes == [0o700, 0o400]
    assert not folder.exists()
    assert [line.partition(" (")[0] for line in warnings] == [
        f"credential lost in {root}/etc/lost: No such file or directory"
    ]


def test_a_credential_that_no_place_has_names_those_that_were_copied(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = root / "home/.config/eggd/credentials"
    home.mkdir(parents=True)
    (home / "folder").mkdir()
    (home / "link").symlink_to("nowhere")
    monkeypatch.setenv("HOME", str(root / "home"))
    monkeypatch.setattr(credentials, "_lookup", credentials._Lookup())
    warnings: list[str] = []
    with handed_credentials(user("root"), warnings.append, DEFAULT, root) as given:
        with config_files_read(Places(environ=given)):
            pass
        with pytest.raises(CredentialError) as failed:
            credential("gone")
    assert failed.value.message.partition(": ")[2] == (
        f"credential gone is missing: it is not in the units' credentials, {home},"
        " EGG_CREDENTIAL_GONE_FILE or EGG_CREDENTIAL_GONE"
    )
    assert warnings[:2] == [
        f"credential folder in {home}/folder is not a regular file",
        (
            f"credential link in {home}/link: the link leads to no file"
            f" (correct or remove {home}/link)"
        ),
    ]


def test_the_copies_are_removed_when_the_command_is_terminated(root: Path) -> None:
    with (
        pytest.raises(SystemExit) as ended,
        handed_credentials(user("eggd"), lambda line: None, DEFAULT, root) as given,
    ):
        signal.raise_signal(signal.SIGTERM)
    assert ended.value.code == 128 + signal.SIGTERM
    assert not Path(given["CREDENTIALS_DIRECTORY"]).exists()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_user_that_is_not_the_units_user_gets_none(root: Path) -> None:
    with handed_credentials(user("somebody"), pytest.fail, DEFAULT, root) as given:
        assert given == {}
