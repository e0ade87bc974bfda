"""Lines of progress on standard error: after the first second, each line once."""

from __future__ import annotations

import io
from contextlib import redirect_stderr
from pathlib import Path
from threading import Event

import pytest

from eggd.cli import progress
from eggd.cli.progress import following, waiting
from eggd.cli.suite import progress_of
from eggd.host.systemctl import Systemctl
from eggd.suite.names import DEFAULT
from tests.cli.host import Host

LONGEST = 30.0


class Errors(io.StringIO):
    """A standard error of a file, with an event for its first line."""

    def __init__(self) -> None:
        super().__init__()
        self.written = Event()

    def write(self, text: str) -> int:
        count = super().write(text)
        if text:
            self.written.set()
        return count


@pytest.fixture
def errors(monkeypatch: pytest.MonkeyPatch) -> Errors:
    monkeypatch.setattr(progress, "STEP", 0.01)
    return Errors()


def test_each_line_is_shown_also_the_last_one(errors: Errors) -> None:
    """A line that comes right before the end is not lost, whenever the next check is due."""

    def work(say: progress.Say) -> str:
        say("starting the spare")
        assert errors.written.wait(LONGEST)
        for line in ("worker 1", "worker 2", "worker 2", "stopping\x1b[2J the spare"):
            say(line)
        return "done"

    with redirect_stderr(errors):
        assert following(work, "reloading") == "done"
    assert errors.getvalue().splitlines() == [
        *("reloading", "starting the spare", "worker 1", "worker 2", "worker 2"),
        "stopping\\x1b[2J the spare",
    ]


def test_fast_work_shows_nothing(errors: Errors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "STEP", LONGEST)
    with redirect_stderr(errors):
        following(lambda say: say("a line"), "reloading")
        waiting(lambda: None, lambda: "copying")
    assert errors.getvalue() == ""


def test_the_same_text_and_an_empty_one_are_not_shown_again(errors: Errors) -> None:
    texts = iter(("", "copying", "copying", ""))
    asked = Event()

    def describe() -> str:
        text = next(texts, None)
        if text is None:
            asked.set()
        return text or ""

    with redirect_stderr(errors):
        waiting(lambda: asked.wait(LONGEST), describe)
    assert errors.getvalue() == "copying\n"


def test_the_error_of_a_start_is_not_its_progress(tmp_path: Path) -> None:
    """The status of a failed egg-master is marked with ERRNO= (sd_notify(3))."""
    host = Host(tmp_path)
    systemctl = Systemctl(host.environ)
    host.set(DEFAULT.master, active="activating", status="starting 3 workers")
    assert progress_of(systemctl, DEFAULT) == "starting 3 workers"
    assert progress_of(systemctl, DEFAULT, before="starting 3 workers") == ""
    host.set(DEFAULT.master, status="not started: no database", errno=125)
    assert progress_of(systemctl, DEFAULT) == ""
