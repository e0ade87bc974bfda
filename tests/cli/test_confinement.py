"""Root's commands do not run an app's code themselves, and its child has no way to the terminal."""

from __future__ import annotations

import json
import os
import pty
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from eggd.cli.relay import Bounds, collect, relay
from eggd.errors import ProgramError
from eggd.testing.make_app import make_app
from tests.cli.host import ROOT
from tests.program import Program

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root"),
]

STRANGER = "nobody"

PROBE = """
    import fcntl, json, os, termios

    def tried(work):
        try:
            work()
        except OSError as error:
            return error.errno
        return 0

    def link(path):
        return os.readlink(path) if os.path.lexists(path) else ""

    def type_in(fd):
        for char in b"echo owned\\n":
            fcntl.ioctl(fd, termios.TIOCSTI, bytes([char]))

    status = dict(line.split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line)
    listing = os.listdir("/proc/self/fd")
    report = {
        "uid": os.getresuid(), "gid": os.getresgid(), "groups": os.getgroups(),
        "terminal": [os.isatty(fd) for fd in (0, 1, 2)],
        "tty": tried(lambda: os.close(os.open("/dev/tty", os.O_RDWR))),
        "typed": [tried(lambda fd=fd: type_in(fd)) for fd in (0, 1, 2)],
        "fds": {each: link(f"/proc/self/fd/{each}") for each in listing},
        "leads": os.getsid(0) == os.getpid(),
        "controlling": open("/proc/self/stat").read().rpartition(")")[2].split()[4],
        "no_new_privs": status["NoNewPrivs"].strip(),
        "umask": status["Umask"].strip(),
        "cwd": os.getcwd(), "environ": dict(os.environ),
    }
    with open(os.environ["EGGD_REPORT"], "w") as file:
        json.dump(report, file)
    print("\\x1b[2Jhostile\\x9b\\u202e")
"""

FILES = {
    "probing.py": PROBE,
    "app/router.py": "def router(app): ...\n",
    "config/plugin.py": "import probing as _probing\n",
    "app/command/greet.py": (
        "import probing as _probing\nimport click\ncommand = click.Command('greet')\n"
    ),
    "tests/test_it.py": "import probing as _probing\ndef test_it(): pass\n",
}
COMMANDS = ["check", "config --json", "routes", "plugins", "greet", "greet --help", "test"]
UNKNOWN = "nothing"
"""A command that is not visible in the sources: its lookup runs code of plugins."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """An app that all users can read, beside a folder that all users can write to."""
    home = Path(tempfile.mkdtemp(prefix="eggd-confined-"))
    home.chmod(0o755)
    (home / "out").mkdir()
    (home / "out").chmod(0o777)
    yield make_app(home / "app", FILES)
    shutil.rmtree(home)


def environ(folder: Path, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "EGG_DEFAULTS": str(folder.parent / "defaults"),
        "EGGD_REPORT": str(folder.parent / "out" / "report"),
        "EGGD_USER": STRANGER,
        "SSH_AUTH_SOCK": "/srv/agent",
        "AWS_SECRET_ACCESS_KEY": "of root's shell",
        **more,
    }


def on_a_terminal(folder: Path, command: str) -> tuple[bytes, int]:
    """Runs a command with a controlling terminal, as root's shell would, and a leaked
    descriptor."""
    pid, master = pty.fork()
    if not pid:  # pragma: no cover
        os.chdir(folder)
        os.dup2(os.open("/etc/shadow", os.O_RDONLY), 9)
        os.execve(
            sys.executable, [sys.executable, "-P", "-m", "eggd", *command.split()], environ(folder)
        )
    shown = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:  # the last one that had it open has ended
            break
        shown += piece
    os.close(master)
    return shown, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.parametrize("command", [*COMMANDS, UNKNOWN])
def test_code_of_an_app_has_neither_terminal_nor_descriptors_of_root(
    folder: Path, command: str
) -> None:
    shown, code = on_a_terminal(folder, command)
    assert code == (2 if command == UNKNOWN else 0), shown
    report = json.loads((folder.parent / "out" / "report").read_text())
    user = pwd.getpwnam(STRANGER)
    assert (report["uid"], report["gid"]) == ([user.pw_uid] * 3, [user.pw_gid] * 3)
    assert report["groups"] == os.getgrouplist(STRANGER, user.pw_gid)
    assert report["terminal"] == [False] * 3
    assert report["tty"] == 6  # ENXIO: it has no controlling terminal
    assert all(report["typed"])
    opened = {fd: link for fd, link in report["fds"].items() if link}
    assert opened["0"] == "/dev/null"
    assert not [link for link in opened.values() if link.startswith(("/etc", "/dev/p", "/dev/t"))]
    if command != "test":  # pytest opens more files
        # While an app loads, its output goes to 2 and the command's own is kept aside as 3.
        kept = {"3"} if command.split()[0] in ("check", "config", "routes", "plugins") else set()
        assert opened.keys() - kept == {"0", "1", "2"}
        assert all(opened[fd].startswith("pipe:") for fd in kept & opened.keys())
    assert (report["leads"], report["controlling"]) == (True, "0")
    assert (report["no_new_privs"], report["umask"]) == ("1", "0027")
    assert report["cwd"] == str(folder)
    assert not {"SSH_AUTH_SOCK", "AWS_SECRET_ACCESS_KEY"} & {*report["environ"]}
    assert report["environ"]["HOME"] == user.pw_dir
    assert not {b"\x9b", b"\x1b[2J"} & {*shown.split(b"hostile")}
    assert b"echo owned" not in shown


def test_output_of_the_child_is_shown_as_text(folder: Path) -> None:
    done = run(folder, "check")
    assert "\\x1b[2Jhostile\\x9b\\u202e\n" in done.stderr
    assert "app (prod) loads: 0 routes, 0 services, " in done.stdout


def run(folder: Path, command: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "eggd", *command.split()],
        env=environ(folder, **more),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", [*COMMANDS, UNKNOWN])
def test_without_the_user_no_code_is_run(folder: Path, command: str) -> None:
    done = run(folder, command, EGGD_USER="eggd-is-not-here")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "error: user eggd-is-not-here does not exist, and root does not run the code of an app"
        " (set EGGD_USER to the user that should run it, or run this command as that user)\n"
    )
    assert not (folder.parent / "out" / "report").exists()


def test_a_shell_that_completes_gets_answers_and_no_errors(folder: Path) -> None:
    more = {"_EGGD_COMPLETE": "bash_complete", "COMP_WORDS": "eggd greet --h", "COMP_CWORD": "2"}
    done = run(folder, "", **more)
    assert done.stdout.split("\n")[-2:] == ["plain,--help", ""]
    done = run(folder, "", **{**more, "EGGD_USER": "eggd-is-not-here"})
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


def test_the_mark_of_a_child_means_nothing_in_another_process(folder: Path) -> None:
    for mark in (f"{os.getpid()}:{folder}", f"1:{folder}", "x", ":"):
        done = run(folder, "check", EGGD_USER="eggd-is-not-here", EGGD_CONFINED=mark)
        assert (done.returncode, "does not exist" in done.stderr) == (1, True)


def test_a_folder_that_the_user_may_not_enter_is_one_line(folder: Path) -> None:
    folder.chmod(0o700)
    done = run(folder, "check")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"error: app directory {str(folder)!r} does not exist or cannot be read"
        f" (user {STRANGER} may not enter it)\n"
    )


def test_settings_that_only_root_can_read_reach_the_child(folder: Path) -> None:
    file = folder.parent / "defaults"
    file.write_text("EGG_SERVER_ENV=local\nDATABASE_URL=x\n")
    file.chmod(0o600)
    assert "app (local) loads" in run(folder, "check").stdout
    report = json.loads((folder.parent / "out" / "report").read_text())
    assert report["environ"]["DATABASE_URL"] == "x"


def test_a_process_that_the_code_left_does_not_hold_the_command(folder: Path) -> None:
    (folder / "config/plugin.py").write_text(
        "import os, signal\nif not os.fork():\n    os.setsid()\n"
        f"    open({str(folder.parent / 'out' / 'pid')!r}, 'w').write(str(os.getpid()))\n"
        "    signal.pause()\n"
        f"while not os.path.exists({str(folder.parent / 'out' / 'pid')!r}): pass\n"
    )
    assert run(folder, "check").returncode == 0
    os.kill(int((folder.parent / "out" / "pid").read_text()), signal.SIGKILL)


def test_code_that_a_signal_ended_is_one_line(folder: Path) -> None:
    (folder / "config/plugin.py").write_text("import os; os.kill(os.getpid(), 11)\n")
    done = run(folder, "check")
    assert (done.returncode, done.stderr) == (
        1,
        "error: the app's code ended the process by SIGSEGV\n",
    )


def spawned(*argv: str) -> subprocess.Popen[bytes]:
    return Program[bytes](
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def test_a_child_has_an_end_of_time_and_of_output(tmp_path: Path) -> None:
    child = spawned("sleep", "1000")
    with pytest.raises(ProgramError, match=r"did not end within 0\.1 s"):
        relay(child, tmp_path, Bounds(seconds=0.1))
    assert child.returncode == -signal.SIGKILL
    child = spawned("cat", "/dev/zero")
    with pytest.raises(ProgramError, match="printed more than 100000 bytes"):
        relay(child, tmp_path, Bounds(output=100_000))
    assert child.returncode == -signal.SIGKILL


def test_output_is_collected_from_both_pipes() -> None:
    child = spawned("sh", "-c", "echo out; echo err >&2; exit 3")
    assert (collect(child, Bounds()), child.returncode) == ((b"out\n", b"err\n"), 3)
