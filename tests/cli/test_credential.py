"""`eggd credential`: the files that it writes, and the input that it refuses."""

from __future__ import annotations

import json
import os
import pty
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests import forkserver
from tests.cli.host import Host, error
from tests.cli.test_check import app

pytestmark = pytest.mark.slow

UNITS = ("egg-worker@.service", "egg-agent.service")
NAME, VALUE = "db-password", "opensesame"

SYSTEMD_CREDS = """#!/bin/sh
test "$1" = --name=db-password || exit 2
case $2 in encrypt) exec base64 -w 0 "$3";; decrypt) exec base64 -d "$3";; esac
"""


@pytest.fixture
def host(tmp_path: Path) -> Host:
    host = Host(tmp_path)
    tool(host, SYSTEMD_CREDS)
    (tmp_path / "root/run/systemd/system").mkdir(parents=True)
    return host


def tool(host: Host, script: str) -> None:
    program = host.home / "bin/systemd-creds"
    program.write_text(script)
    program.chmod(0o755)


def ran(
    host: Host, *arguments: str, given: str | bytes = "", root: bool = True, **environ: str
) -> subprocess.CompletedProcess[str]:
    """Runs the command on the files of `root`, with a value on standard input."""
    where = ["--root", str(host.home / "root")] if root else []
    file = host.home / "given"
    file.write_bytes(given.encode() if isinstance(given, str) else given)
    return forkserver.eggd(
        *("credential", *arguments, *where),
        environ={**host.environ, **environ},
        folder=Path.cwd(),
        given=file,
    )


def done(host: Host, *arguments: str, given: str = "", root: bool = True, **environ: str) -> str:
    ended = ran(host, *arguments, given=given, root=root, **environ)
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


def files(host: Host) -> dict[str, str]:
    root = host.home / "root"
    return {
        str(each.relative_to(root)): each.read_text() for each in root.rglob("*") if each.is_file()
    }


def drop_ins(key: str, file: str) -> dict[str, str]:
    text = f"# Written by eggd credential set.\n[Service]\n{key}={NAME}:{file}\n"
    return {f"etc/systemd/system/{unit}.d/credential-{NAME}.conf": text for unit in UNITS}


def test_an_encrypted_credential_for_worker_and_agent(host: Host) -> None:
    said = done(host, "set", NAME, "--stdin", given=f"{VALUE}\n")
    assert said == (
        f"set credential {NAME} for workers and agent, encrypted; 'eggd start' makes it live\n"
    )
    file = f"etc/credstore.encrypted/eggd.{NAME}"
    assert files(host) == {
        file: "b3BlbnNlc2FtZQ==", **drop_ins("LoadCredentialEncrypted", f"/{file}"),
    }  # fmt: skip
    assert stat.S_IMODE((host.home / "root" / file).stat().st_mode) == 0o600
    assert host.calls("daemon-reload") == ["daemon-reload"]
    listed = done(host, "list").splitlines()
    assert [line.split()[:2] for line in listed] == [["NAME", "STORED"], [NAME, "encrypted"]]
    (entry,) = json.loads(done(host, "list", "--json"))
    assert (entry["name"], entry["encrypted"], entry["units"]) == (NAME, True, list(UNITS))
    host.up()
    said = done(host, "remove", NAME)
    assert said == f"removed credential {NAME} for workers and agent; 'eggd reload' makes it live\n"
    assert files(host) == {}
    assert error(ran(host, "remove", NAME)) == (
        f"error: credential {NAME} is not set (run 'eggd credential list')"
    )


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("#!/bin/sh\necho 'no key' >&2\nexit 1\n", "systemd-creds encrypt: no key"),
        ("#!/bin/sh\necho x\n", "systemd-creds does not decrypt what it encrypted"),
    ],
)
def test_without_encryption_only_root_may_read_it(host: Host, script: str, reason: str) -> None:
    done(host, "set", NAME, "--stdin", given="before")
    tool(host, script)
    ended = ran(host, "set", NAME, "--stdin", given=VALUE)
    assert ended.stderr == f"note: it is not encrypted, but only root may read it: {reason}\n"
    file = f"etc/credstore/eggd.{NAME}"
    assert files(host) == {file: VALUE, **drop_ins("LoadCredential", f"/{file}")}
    assert stat.S_IMODE((host.home / "root" / file).stat().st_mode) == 0o600
    assert [line.split()[1] for line in done(host, "list").splitlines()] == ["STORED", "plain"]


def test_a_line_of_the_administrator_is_not_overridden(host: Host) -> None:
    file = host.home / "root/etc/systemd/system/egg-agent.service.d/own.conf"
    file.parent.mkdir(parents=True)
    file.write_text(f"[Service]\nLoadCredential={NAME}:/etc/db\n")
    for arguments in (("set", NAME, "--stdin"), ("remove", NAME)):
        assert error(ran(host, *arguments, given=VALUE)) == (
            f"error: credential {NAME} is loaded by {file} (change it there)"
        )
    (entry,) = json.loads(done(host, "list", "--json"))
    assert (entry["units"], entry["origin"]) == (["egg-agent.service"], str(file))


@pytest.mark.parametrize(
    ("name", "given", "line"),
    [
        ("a/b", VALUE, "error: 'a/b' is not a name of a credential (1 to 100 letters,"),
        (NAME, "\n", "error: standard input is empty"),
        (NAME, "a\0b", "error: standard input has a NUL character"),
        (NAME, b"\xff", "error: standard input is not UTF-8 text (byte 0)"),
        (NAME, "x" * (1 << 20) + "x", "error: standard input is larger than 1048576 bytes"),
    ],
    ids=["name", "empty", "nul", "latin-1", "large"],
)
def test_what_no_app_could_read_is_refused(
    host: Host, name: str, given: str | bytes, line: str
) -> None:
    assert error(ran(host, "set", name, "--stdin", given=given)).startswith(line)
    assert files(host) == {}


def test_without_a_terminal_the_value_needs_stdin(host: Host) -> None:
    ended = ran(host, "set", NAME, given=VALUE)
    assert (ended.returncode, files(host)) == (2, {})
    assert ended.stderr.startswith("error: standard input is not a terminal: use --stdin")


def test_at_a_terminal_the_value_is_asked_for_twice_and_not_shown(host: Host) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        argv = [sys.executable, "-P", "-m", "eggd", "credential", "set", NAME]
        os.execve(sys.executable, [*argv, "--root", str(host.home / "root")], host.environ)
    shown = b""
    for prompt in (b"Value of db-password: ", b"confirmation: "):
        while not shown.endswith(prompt):
            shown += os.read(terminal, 4096)
        os.write(terminal, f"{VALUE}\n".encode())
    try:
        while piece := os.read(terminal, 4096):
            shown += piece
    except OSError:  # the other end is closed
        pass
    os.close(terminal)
    assert os.waitpid(pid, 0)[1] == 0
    assert VALUE.encode() not in shown
    assert files(host)[f"etc/credstore.encrypted/eggd.{NAME}"] == "b3BlbnNlc2FtZQ=="


READS = "from eggd import credential\nbank = {'plain': credential('db-password')}\n"


def test_local_credentials_belong_to_an_app_and_to_no_repository(host: Host) -> None:
    folder = app(host.home, **{"config/config_local.py": READS})
    base = ["--base", str(folder)]
    ended = host.eggd(*base, "check", "--env", "local")
    assert f"run 'eggd credential set {NAME} --local'" in error(ended)
    with (host.home / "value").open("w+") as value:
        value.write(VALUE)
        value.seek(0)
        argv = [sys.executable, "-P", "-m", "eggd", *base, "credential", "set", NAME]
        subprocess.run(
            [*argv, "--local", "--stdin"], env=host.environ, stdin=value, check=True, text=True
        )
    own = folder / ".credentials"
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in (own, *own.iterdir())}
    assert modes == {".credentials": 0o700, NAME: 0o600, ".gitignore": 0o600}
    assert host.eggd(*base, "check", "--env", "local").returncode == 0
    shown = host.eggd(*base, "config", "bank", "--env", "local").stdout
    assert shown == 'bank.plain  "<String len: 10>"\n'
    listed = host.eggd(*base, "credential", "list", "--local").stdout
    assert listed.splitlines()[1].split() == [NAME, "plain", "-", str(own / NAME)]
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    status = subprocess.run(
        ["git", "-C", str(folder), "status", "--porcelain", "-uall"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert "config_local.py" in status.stdout
    assert ".credentials" not in status.stdout
    assert host.eggd(*base, "credential", "remove", NAME, "--local").returncode == 0
    assert not (own / NAME).exists()


def test_local_needs_an_app(host: Host) -> None:
    ended = host.eggd("--base", str(host.home), "credential", "list", "--local")
    assert error(ended) == (
        f"error: {host.home} is not an app (cd to the app, or use eggd --base DIR)"
    )


def test_without_the_units_they_are_files_of_the_user(host: Host) -> None:
    host.set("egg-master.service", load="not-found")
    config = {"XDG_CONFIG_HOME": str(host.home / "xdg")}
    file = host.home / f"xdg/eggd/credentials/{NAME}"
    said = done(host, "set", NAME, "--stdin", given=VALUE, root=False, **config)
    assert said == f"set credential {NAME} in {file}; 'eggd reload DIR' makes it live\n"
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == (VALUE, 0o600)
    folder = app(host.home, **{"config/config_prod.py": READS})
    ended = host.eggd("check", str(folder), **config)
    assert (ended.returncode, ended.stderr) == (0, "")
    file.chmod(0o644)
    assert f"(chmod 600 {file})" in error(host.eggd("check", str(folder), **config))
    done(host, "remove", NAME, root=False, **config)
    assert done(host, "list", "--json", root=False, **config) == "[]\n"


def test_a_credential_of_the_app_alone_is_hinted_at(host: Host) -> None:
    host.set("egg-master.service", load="not-found")
    config = {"XDG_CONFIG_HOME": str(host.home / "xdg")}
    base = ["--base", str(app(host.home))]
    own = host.home / "shop/.credentials"
    user = host.home / "xdg/eggd/credentials"
    own.mkdir(mode=0o700)
    (own / NAME).write_text(VALUE)
    (own / "folder").mkdir()
    ended = host.eggd(*base, "credential", "list", **config)
    assert ended.stderr == (
        f"note: no credentials are set in {user}; those of {own.parent}: eggd credential list"
        " --local\n"
    )
    ended = host.eggd(*base, "credential", "list", "--local", **config)
    assert ended.stderr == f"warning: {own / 'folder'} is not a file (remove it)\n"
    assert error(host.eggd(*base, "credential", "remove", NAME, **config)) == (
        f"error: credential {NAME} is not set in {user}, but in {own}"
        f" (run 'eggd credential remove {NAME} --local')"
    )
    assert error(host.eggd(*base, "credential", "remove", "x", "--local", **config)) == (
        f"error: credential x is not set in {own} (run 'eggd credential list --local')"
    )
    ended = host.eggd(*base, "credential", "remove", NAME, "--local", **config)
    assert ended.stdout == (
        f"removed credential {NAME} in {own}; a running 'eggd dev' reads it after its next reload\n"
    )
