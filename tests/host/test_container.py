"""`eggd start` as the first process of a container, as docs/container.md has it.

The root is read-only, /tmp is the only place to write to, and the user has no name.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from tests.host.conftest import Layers
from tests.host.host import Host, Reply
from tests.host.nspawn import Container
from tests.host.rootfs import TOP, Flavour
from tests.polling import await_that

UID = 54321
PAGE = TOP / "docs/container.md"


@pytest.fixture
def host(layers: Layers, flavour: Flavour) -> Iterator[Host]:
    """The image with the app, and in it the suite with two workers."""
    host = Host(Container(f"{flavour.name}-image", layers.installed(flavour)))
    try:
        host.serve("slow", at="/srv/shop")
        user = ("setpriv", f"--reuid={UID}", "--regid=0", "--clear-groups", "--no-new-privs")
        environ = ("env", "-i", "PATH=/usr/bin:/bin", *variables())
        command = (*user, *environ, *re.findall(r'"([^"]*)"', instruction("CMD")))
        host.container.execute(*command, "--workers", "2", until=" started on ")
        yield host
    finally:
        host.close()


def instruction(name: str) -> str:
    """The arguments of an instruction of the Containerfile of the page."""
    match = re.search(rf"^    {name} (.+)$", PAGE.read_text(), re.MULTILINE)
    assert match, f"{PAGE}: no {name}"
    return match[1]


def variables() -> list[str]:
    """The variables that the Containerfile sets."""
    return shlex.split(instruction("ENV"))


def test_a_user_without_a_name_serves_from_a_read_only_root(host: Host) -> None:
    """The processes belong to the random user, and write below /tmp only."""
    assert host.http("/").status == 200
    root = Path(f"/proc/{host.container.leader}/root")
    assert Path(f"/proc/{host.container.leader}").stat().st_uid == UID
    with pytest.raises(OSError, match="Read-only file system"):
        (root / "srv/shop/file").write_text("")
    logs = dict(each.split("=", 1) for each in variables())["LOGS_DIRECTORY"]
    assert sorted(path.name for path in (root / logs[1:]).glob("*-web.log"))
    assert "WARN" not in host.container.console
    assert "ERROR" not in host.container.console


def test_sigterm_drains_and_the_exit_code_is_0(host: Host) -> None:
    """A request in flight is answered; then the container ends."""
    replies: list[Reply] = []
    slow = Thread(target=lambda: replies.append(host.http("/?seconds=2")))
    slow.start()
    while not established(host):
        time.sleep(0.01)
    os.kill(host.container.pid, signal.SIGTERM)
    slow.join()
    assert [each.status for each in replies] == [200]
    assert host.container.wait() == 0


def established(host: Host) -> bool:
    """Whether a client is connected to port 7001 (0x1B59; state 01, proc_pid_net(5))."""
    table = "".join(
        Path(f"/proc/{host.container.leader}/net/{each}").read_text() for each in ("tcp", "tcp6")
    )
    return re.search(r":1B59 \S+ 01 ", table) is not None


def test_the_first_process_reaps_orphans(host: Host) -> None:
    """A process whose parent ended becomes a child of PID 1, which leaves no zombie."""
    leader = host.container.leader
    host.run("mkfifo /tmp/gate; cat /tmp/gate &>/dev/null & disown")  # its parent ends at once
    # The shell may end before its child is `cat`.
    await_that(lambda: children(leader, "cat"), "the orphan")
    [orphan] = children(leader, "cat")
    Path(f"/proc/{leader}/root/tmp/gate").write_text("go")
    while Path(f"/proc/{orphan}").exists():
        time.sleep(0.01)
    assert children(leader, "cat") == []


def children(pid: int, name: str) -> list[int]:
    """The children of a process with this command name, zombies too."""
    pids = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    return [each for each in pids if Path(f"/proc/{each}/comm").read_text().strip() == name]
