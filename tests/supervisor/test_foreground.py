"""What the first process of a container has to do: bury whom nobody else can."""

import os
from pathlib import Path

from eggd.supervisor.foreground import bury


def ended_child() -> int:
    """A child that has ended, and that nobody has reaped."""
    pid = os.posix_spawn("/bin/true", ["true"], {})
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    return pid


def test_strangers_are_buried_and_our_own_are_left_to_those_who_wait() -> None:
    stranger, ours = ended_child(), ended_child()
    bury({ours})
    assert not Path(f"/proc/{stranger}").exists()
    assert os.waitpid(ours, 0)[0] == ours


def test_who_still_runs_is_left_alone() -> None:
    reader, writer = os.pipe()
    pid = os.posix_spawn("/bin/cat", ["cat"], {}, file_actions=[(os.POSIX_SPAWN_DUP2, reader, 0)])
    bury(set())
    assert Path(f"/proc/{pid}").exists()
    os.close(reader)
    os.close(writer)
    assert os.waitpid(pid, 0) == (pid, 0)
