"""Each mistake is one line naming file, key and cure, exit 1, from `eggd check` and in STATUS=."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from eggd.testing.child import Child
from eggd.testing.make_app import make_app
from eggd.testing.suite import Suite
from tests import forkserver
from tests.cli.host import ROOT
from tests.cli.mistakes import MISTAKES, Mistake

GOOD = {
    "app/controller/home.py": "async def index(ctx):\n    ctx.body = 'hi'\n",
    "app/router.py": "def router(app):\n    app.router.get('/', app.controller.home.index)\n",
}


def written(folder: Path, mistake: Mistake) -> Path:
    """Writes the good app with the mistake in it."""
    files = {**GOOD, **{name: text for name, text in mistake.files.items() if text is not None}}
    app = make_app(folder / "shop", files)
    for name, text in mistake.files.items():
        if text is None:
            (app / name).unlink()
    return app


def checked(app: Path, mistake: Mistake) -> subprocess.CompletedProcess[str]:
    """Runs `eggd check`."""
    given = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "EGG_DEFAULTS": "/dev/null",
        "EGGD_USER": os.environ["EGGD_USER"],
    }
    return forkserver.eggd("check", str(app), environ={**given, **mistake.environ}, folder=app)


def judge(line: str, app: Path, mistake: Mistake) -> None:
    """Checks that the line contains all texts, in order."""
    rest = line.replace(str(app), "APP")
    for text in mistake.texts:
        assert text in rest, line
        rest = rest.partition(text)[2]


def the_line(child: Child) -> str:
    """Returns the one line that an ended process left in the journal and in its status."""
    assert child.wait_exit() == 1
    [line] = [line.removeprefix("<3>") for line in child.lines if line.startswith("<3>")]
    assert child.status == line
    return line


@pytest.mark.slow
@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_a_mistake_is_one_line_that_names_the_cure(tmp_path: Path, mistake: Mistake) -> None:
    app = written(tmp_path, mistake)
    suite = Suite(app_dir=app, environ=mistake.environ).open()
    try:
        child = suite.spawn("agent" if "agent.py" in mistake.files else "worker-1")
        done = checked(app, mistake)
        line = the_line(child)
    finally:
        suite.close()
    judge(line, app, mistake)
    if mistake.hook:
        assert (done.returncode, done.stderr) == (0, "")
    else:
        assert (done.returncode, done.stdout, done.stderr) == (1, "", f"error: {line}\n")
