"""Agent and app in one process: linked, ready together, closed together."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

import eggd
from eggd.errors import BootError
from eggd.testing.make_app import make_app

BOOT = """
    from eggd import Boot

    class TestBoot(Boot):
        def config_will_load(self):
            self.app.seen = []

        async def server_did_ready(self):
            self.app.seen.append("server_did_ready")

        async def before_close(self):
            self.app.seen.append("before_close")
"""


def run(root: Path, main: Any, **files: str) -> Any:
    """Starts the app made of `files`, run `main(app)` and closes."""

    async def whole() -> Any:
        app = await eggd.start(make_app(root / "shop", files), env="unittest")
        try:
            return app, await main(app)
        finally:
            await app.close()

    return asyncio.run(whole())


async def said(app: Any) -> list[object]:
    """Exchange a message in each direction."""
    loop = asyncio.get_running_loop()
    got: list[asyncio.Future[object]] = [loop.create_future(), loop.create_future()]
    app.messenger.on("to-app", got[0].set_result)
    app.agent.messenger.on("to-agent", got[1].set_result)
    app.messenger.send_to_agent("to-agent", "a")
    app.agent.messenger.send_to_app("to-app", "b")
    assert not any(future.done() for future in got)  # not before the next tick
    return await asyncio.gather(*got)


def test_both_are_linked_and_hear_each_other(tmp_path: Path) -> None:
    # core:APP-12
    app, heard = run(tmp_path, said)
    assert heard == ["b", "a"]
    assert app.agent.application is app
    assert (app.type, app.agent.type) == ("application", "agent")


def test_both_are_ready_and_closed_together(tmp_path: Path) -> None:
    # core:APP-12, LC-7, LC-15

    async def ready(app: Any) -> None:
        assert app.seen == app.agent.seen == ["server_did_ready"]

    app, _ = run(tmp_path, ready, **{"app.py": BOOT, "agent.py": BOOT})
    for part in (app, app.agent):
        assert part.seen == ["server_did_ready", "before_close"]
        with pytest.raises(BootError, match="the app has been closed"):
            part.before_close(print)
    open_files = [str(fd.readlink()) for fd in Path("/proc/self/fd").iterdir() if fd.is_symlink()]
    assert [name for name in open_files if name.startswith(str(tmp_path))] == []


def test_a_start_that_fails_gives_everything_back(tmp_path: Path) -> None:
    # core:LC-10
    boot = "from eggd import Boot\nclass B(Boot):\n    async def did_load(self): 1 / 0\n"

    async def never(app: Any) -> None:
        raise AssertionError

    with pytest.raises(BootError, match="division by zero"):
        run(tmp_path, never, **{"app.py": boot})


def test_a_start_is_logged_in_the_core_log(tmp_path: Path) -> None:
    # core:APP-13
    timing = "def timing(options, app):\n    return lambda ctx, next: next()\n"
    config = "middleware = ['timing']\n"

    async def log(app: Any) -> str:
        app.loggers.flush()
        return "".join(path.read_text() for path in app.loggers.files() if path.exists())

    files = {"app/middleware/timing.py": timing, "config/config_default.py": config}
    _, text = run(tmp_path, log, **files)
    root = tmp_path / "shop"
    for line in (
        f"[egg] App root: {root}",
        f"[egg] Log files are in {root}/logs",
        "[egg] Plugins: ",
        "[egg] Core middleware: ",
        "[egg] App middleware: timing",
    ):
        assert line in text
