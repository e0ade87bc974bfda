"""`eggd keys`: a new key, and the replacement of one that is a credential."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest

from tests.cli.host import Host, error
from tests.cli.test_check import app

pytestmark = pytest.mark.slow

NOTE = (
    "note: {} accepted, too; run 'eggd keys prune{}' when the cookies that they signed have"
    " expired\n"
)
SYSTEMD_CREDS = """#!/bin/sh
case $2 in encrypt) exec base64 -w 0 "$3";; decrypt) exec base64 -d "$3";; esac
"""


@pytest.fixture
def host(tmp_path: Path) -> Host:
    host = Host(tmp_path)
    program = tmp_path / "bin/systemd-creds"
    program.write_text(SYSTEMD_CREDS)
    program.chmod(0o755)
    (tmp_path / "root/run/systemd/system").mkdir(parents=True)
    return host


def ran(host: Host, *arguments: str) -> subprocess.CompletedProcess[str]:
    return host.eggd("keys", *arguments, "--root", str(host.home / "root"))


def test_a_new_key_is_alone_on_standard_output(host: Host) -> None:
    """So that it can be piped into `eggd credential set`; the recipe is on standard error."""
    ended = host.eggd("keys", "new")
    assert len(base64.urlsafe_b64decode(ended.stdout.strip() + "=")) == 32
    assert "config/config_default.py" in ended.stderr
    assert "eggd keys new | eggd credential set keys --stdin --local" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("nwe",), "error: eggd keys: nwe: unknown command (did you mean 'new'?)"),
        (("rotat",), "error: eggd keys: rotat: unknown command (did you mean 'rotate'?)"),
    ],
)
def test_an_unknown_command_names_the_nearest(
    host: Host, arguments: tuple[str, ...], line: str
) -> None:
    ended = host.eggd("keys", *arguments)
    assert (ended.returncode, ended.stderr.splitlines()[0]) == (2, line)


def test_keys_alone_shows_its_commands(host: Host) -> None:
    ended = host.eggd("keys")
    assert ended.returncode == 0
    assert [each in ended.stdout for each in ("new", "rotate", "prune")] == [True] * 3


def test_a_key_of_the_host_is_replaced_in_two_steps(host: Host) -> None:
    file = host.home / "root/etc/credstore.encrypted/eggd.keys"
    assert error(ran(host, "rotate")) == (
        "error: credential keys is not set (run 'eggd credential list')"
    )
    assert ran(host, "prune").returncode == 1
    folder = file.parent
    folder.mkdir(parents=True)
    file.write_bytes(base64.b64encode(b"old-key-of-the-host"))
    for unit in ("egg-worker@.service", "egg-agent.service"):
        drop_in = host.home / f"root/etc/systemd/system/{unit}.d/credential-keys.conf"
        drop_in.parent.mkdir(parents=True)
        drop_in.write_text(
            f"[Service]\nLoadCredentialEncrypted=keys:/{file.relative_to(host.home / 'root')}\n"
        )
    ended = ran(host, "rotate")
    said = "set credential keys for workers and agent, encrypted; 'eggd start' makes it live\n"
    assert (ended.stdout, ended.stderr) == (said, NOTE.format("1 older key is", ""))
    newest, *older = base64.b64decode(file.read_bytes()).decode().split(",")
    assert (len(newest), older) == (43, ["old-key-of-the-host"])
    ended = ran(host, "rotate")
    assert ended.stderr == NOTE.format("2 older keys are", "")
    keys = base64.b64decode(file.read_bytes()).decode().split(",")
    assert keys[1:] == [newest, *older]
    ended = ran(host, "prune")
    assert (ended.stdout, ended.stderr) == (said, "")
    assert base64.b64decode(file.read_bytes()).decode() == keys[0]
    ended = ran(host, "prune")
    assert (ended.returncode, ended.stdout, ended.stderr) == (
        0, "", "note: credential keys has one key: there is no older one to remove\n",
    )  # fmt: skip


def test_a_key_of_the_app_under_a_name_of_its_own(host: Host) -> None:
    folder = app(host.home)
    own = folder / ".credentials/cookie-keys"
    own.parent.mkdir(mode=0o700)
    own.write_text(" a , b\n")
    own.chmod(0o600)
    ended = host.eggd("--base", str(folder), "keys", "rotate", "cookie-keys", "--local")
    assert ended.stdout == (
        f"set credential cookie-keys in {own}; a running 'eggd dev' reads it after its next"
        " reload\n"
    )
    assert ended.stderr == NOTE.format("2 older keys are", " cookie-keys --local")
    assert own.read_text().split(",")[1:] == ["a", "b"]


def test_a_value_that_is_no_key_is_not_replaced(host: Host) -> None:
    folder = app(host.home)
    own = folder / ".credentials/keys"
    own.parent.mkdir(mode=0o700)
    own.write_text(" , ")
    own.chmod(0o600)
    assert error(host.eggd("--base", str(folder), "keys", "rotate", "--local")) == (
        "error: credential keys has no key (run 'eggd keys new')"
    )
    assert own.read_text() == " , "
