"""The consequences of an end: Restart=always, unless a stop was requested."""

import pytest

from eggd.supervisor.process_end import ProcessEnd, again, priority, reason
from eggd.supervisor.units import ServicePlan

PLAN = ServicePlan(unit="x.service", restart_sec=1.0)


@pytest.mark.parametrize(
    ("ending", "delay", "level", "how"),
    [
        (ProcessEnd(code=0, was_ready=True, asked=True), None, 6, "exited with 0"),
        (ProcessEnd(code=0, was_ready=True, asked=False), 1.0, 3, "exited with 0"),
        (
            ProcessEnd(code=0, was_ready=True, asked=False, announced=True),
            1.0,
            6,
            "exited with 0",
        ),
        (ProcessEnd(code=1, was_ready=False, asked=False), 1.0, 3, "exited with 1"),
        (ProcessEnd(code=1, was_ready=True, asked=True), None, 3, "exited with 1"),
        (ProcessEnd(code=-9, was_ready=True, asked=False), 1.0, 3, "killed by SIGKILL"),
        (
            ProcessEnd(code=-6, was_ready=True, asked=False, cause="no sign of life"),
            1.0,
            3,
            "no sign of life, killed by SIGABRT",
        ),
        (ProcessEnd(code=-50, was_ready=True, asked=False), 1.0, 3, "killed by signal 50"),
    ],
)
def test_the_result_of_a_process_end(
    ending: ProcessEnd, delay: float | None, level: int, how: str
) -> None:
    """One second after each death, and no limit to them (process:CL-71)."""
    assert (again(PLAN, ending), priority(ending), ending.how) == (delay, level, how)


WAITING = "waiting for app.py:will_ready"


def boot(code: int, cause: str = "") -> ProcessEnd:
    """A process that ended before it was ready."""
    return ProcessEnd(code=code, was_ready=False, asked=False, cause=cause)


@pytest.mark.parametrize(
    ("ending", "error", "status", "last", "expected"),
    [
        (boot(1), "no db", WAITING, "x", "no db"),
        (
            boot(-11),
            "",
            WAITING,
            "x",
            f"killed by SIGSEGV; its last status was: {WAITING}",
        ),
        (
            boot(-9),
            "an error that it survived",
            WAITING,
            "x",
            f"killed by SIGKILL; its last status was: {WAITING}",
        ),
        (
            boot(7),
            "",
            WAITING,
            "x",
            f"exited with 7; its last status was: {WAITING}",
        ),
        (
            boot(0),
            "an error that it survived",
            WAITING,
            "x",
            f"exited with 0; its last status was: {WAITING}",
        ),
        (
            boot(127),
            "",
            "",
            "not found",
            "exited with 127: not found",
        ),
        (boot(-9), "", "", "", "killed by SIGKILL"),
        (
            ProcessEnd(code=-9, was_ready=True, asked=False),
            "old",
            "ready: 2 requests",
            "x",
            "killed by SIGKILL",
        ),
        (
            boot(-6, "late"),
            "e",
            "s",
            "x",
            "late, killed by SIGABRT",
        ),
    ],
)
def test_a_death_without_a_word_is_given_by_signal_or_exit_code(
    ending: ProcessEnd, error: str, status: str, last: str, expected: str
) -> None:
    """Neither an old error nor a status of progress is the reason."""
    assert reason(ending, error, status, last) == expected


@pytest.mark.parametrize(
    ("code", "cause", "line"),
    [
        (0, "", ""),
        (3, "", "exit-code exited 3"),
        (-9, "", "signal killed 9"),
        (-6, "no sign of life for 10 s", "watchdog killed 6"),
        (-9, "not stopped after 40 s", "timeout killed 9"),
        (0, "not stopped after 40 s", "timeout exited 0"),
    ],
)
def test_the_line_of_an_unclean_end(code: int, cause: str, line: str) -> None:
    """The form of systemd's ExecStopPost= variables (systemd.exec(5))."""
    end = ProcessEnd(code=code, was_ready=True, asked=False, cause=cause)
    assert end.line == line
