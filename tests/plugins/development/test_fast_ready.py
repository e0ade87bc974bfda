"""A worker that serves before its start hooks are done."""

from __future__ import annotations

from http.client import HTTPConnection
from pathlib import Path

import pytest

from eggd.testing.make_app import make_app
from eggd.testing.suite import Suite

pytestmark = pytest.mark.slow
FILES = {
    "config/config_local.py": 'development = {"fast_ready": True}\n',
    "app/router.py": """
        def router(app):
            app.router.get("/", lambda ctx: "here")
            app.router.get("/on", lambda ctx: str(ctx.app.on.set()))
    """,
}
BOOT = """
    import asyncio
    from eggd import Boot


    class Slow(Boot):
        async def did_load(self):
            self.app.on = asyncio.Event()
            {did_load}
"""


def get(suite: Suite, path: str) -> bytes:
    connection = HTTPConnection("127.0.0.1", suite.port, timeout=20)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    finally:
        connection.close()


def app(tmp_path: Path, did_load: str) -> Path:
    return make_app(tmp_path / "shop", {**FILES, "app.py": BOOT.format(did_load=did_load)})


def test_it_serves_while_a_hook_takes_its_time(tmp_path: Path) -> None:
    # core:DEV-5
    with Suite(app_dir=app(tmp_path, "await self.app.on.wait()"), env="local") as suite:
        assert get(suite, "/") == b"here"
        assert suite.stop("worker-1") == 0


def test_a_hook_that_fails_behind_its_back_ends_it(tmp_path: Path) -> None:
    hook = "await self.app.on.wait(); raise OSError('no database')"
    with Suite(app_dir=app(tmp_path, hook), env="local") as suite:
        assert get(suite, "/on") == b"None"
        assert suite.worker(1).wait_exit() == 1
        said = "\n".join(suite.worker(1).lines)
        assert "app.py:8: Slow.did_load failed: OSError: no database" in said


def test_elsewhere_ready_waits_for_the_hooks(tmp_path: Path) -> None:
    files = {**FILES, "config/config_prod.py": "development = {'fast_ready': True}\n"}
    root = make_app(tmp_path / "shop", {**files, "app.py": BOOT.format(did_load="1 / 0")})
    with Suite(app_dir=root, workers=0) as suite:
        worker = suite.spawn("worker-1")
        assert worker.wait_exit() == 1
        assert not worker.ready
