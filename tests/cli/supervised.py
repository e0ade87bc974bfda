"""A small app under `eggd start`, and commands about it as a user gives them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from urllib.request import urlopen

from eggd.supervisor.rundir import find
from eggd.testing.make_app import make_app
from tests import forkserver, ports
from tests.house.imports import ROOT
from tests.program import Program

LONGEST = 60.0
"""Seconds that a line may take to come; then the suite is killed, and the test fails."""

APP = {
    "app/router.py": """
        import os


        async def pid(ctx):
            ctx.body = str(os.getpid())


        def router(app):
            app.router.get("/", pid)
    """,
    "app.py": """
        import sys
        from eggd import Boot


        class AppBoot(Boot):
            def config_did_load(self):
                print("harmless", file=sys.stderr, flush=True)

            async def before_close(self):
                print("closing", file=sys.stderr, flush=True)
    """,
}


class Here:
    """An app's folder, and commands about it; every suite is stopped in the end."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.verb = "start"
        # A unique name: eggd rejects a second suite of the same title on a machine.
        self.app = make_app(home / f"shop-{home.name}", APP)
        self.title = f"egg-server-{self.app.name}"

    @property
    def run(self) -> Path:
        """The runtime directory of the app's suite while it runs."""
        return find(self.app, self.environ())

    def write(self, files: dict[str, str]) -> None:
        """Writes files of the app."""
        make_app(self.app, files)

    def eggd(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Runs one command to its end; a start is that of the real program, whose name ps shows."""
        if arguments[0] not in ("start", "dev"):
            own = self.environ(**environ)
            return forkserver.eggd(*arguments, environ=own, folder=self.home)
        return subprocess.run(
            self.command(*arguments),
            env=self.environ(**environ),
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def command(self, *arguments: str) -> list[str]:
        """The argv of a command."""
        return [sys.executable, "-P", "-m", "eggd", *arguments]

    def environ(self, **more: str) -> dict[str, str]:
        """A user's environment without systemd; a reload does not pause."""
        own = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
        pause = {"EGG_MIN_READY_SECONDS": "0"}
        return {**own, **pause, "XDG_RUNTIME_DIR": str(self.home), **more}

    @contextmanager
    def foreground(self, *arguments: str, **environ: str) -> Iterator[Foreground]:
        """Runs `eggd start` (or `dev`) in the foreground; killed in the end.

        No signal is ignored, as it would be if the tests run as a shell's background job.
        """
        heard = ["env", "--default-signal=HUP,INT,QUIT"]
        with Program(
            [*heard, *self.command(self.verb, str(self.app), *arguments)],
            env=self.environ(**environ),
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield Foreground(process)
            finally:
                process.kill()


class Foreground:
    """A suite in the foreground."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []

    def wait(self, *texts: str) -> str:
        """Reads on until a line has these texts in it, and returns it."""
        assert self.process.stdout is not None
        late = Timer(LONGEST, self.process.kill)
        late.start()
        try:
            for line in self.process.stdout:
                self.lines.append(line)
                if all(text in line for text in texts):
                    return line
        finally:
            late.cancel()
        raise AssertionError(f"no {texts!r} in {''.join(self.lines)}")

    def ready(self) -> str:
        """Waits for the ready line, and returns the URL in it."""
        return (
            self.wait("egg-master[", "eggd started on").partition("eggd started on ")[2].split()[0]
        )

    def rest(self) -> list[str]:
        """Waits for the end, and returns all lines."""
        assert self.process.stdout is not None
        self.lines += self.process.stdout.readlines()
        self.process.wait()
        return self.lines


@contextmanager
def here() -> Iterator[Here]:
    """An app in a folder with a short path (unix(7)), whose suite is stopped in the end."""
    # A process of a killed supervisor may write until it notices that.
    with tempfile.TemporaryDirectory(prefix="egg-", ignore_cleanup_errors=True) as home:
        made = Here(Path(home))
        yield made
        made.eggd("stop", str(made.app), "--timeout", "1")


def free_port() -> str:
    """Returns a free port, as the text of an option."""
    return str(ports.free_port())


def get(url: str) -> str:
    """Returns the body at a URL."""
    with urlopen(url, timeout=30) as answer:
        text: str = answer.read().decode()
        return text
