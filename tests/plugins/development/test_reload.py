"""From a save to its answer: agent, supervisor and workers, all real (core:DEV-2)."""

from __future__ import annotations

import asyncio
import tempfile
from http.client import HTTPConnection
from pathlib import Path

import pytest

from eggd.supervisor.settings import Settings
from eggd.supervisor.supervisor import Supervisor
from eggd.testing.make_app import make_app
from tests.supervisor.suite import Lines

pytestmark = pytest.mark.slow
ROUTER = "def router(app):\n    app.router.get('/', lambda ctx: {!r})\n"
BROKEN = "def router(app)\n"


def get(url: str) -> str:
    connection = HTTPConnection(url.removeprefix("http://").rstrip("/"), timeout=60)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def test_saved_code_is_served(tmp_path: Path) -> None:
    """A syntax error is reported while the old code keeps serving (core:DEV-2)."""

    async def main(run: Path) -> None:
        lines = Lines()
        settings = Settings(base_dir=app, env="local", listen="127.0.0.1:0", run=run)
        async with Supervisor(settings, lines) as supervisor:
            assert await asyncio.to_thread(get, supervisor.url) == "one"
            router.write_text(BROKEN)
            await supervisor.wait_until(
                lambda: any("no worker was" in text for _, text in lines.entries)
            )
            assert await asyncio.to_thread(get, supervisor.url) == "one"
            router.write_text(ROUTER.format("three"))
            await supervisor.wait_until(lambda: ("egg-master", "reloaded") in lines.entries)
            assert await asyncio.to_thread(get, supervisor.url) == "three"

    app = make_app(tmp_path / "shop", {"app/router.py": ROUTER.format("one")})
    router = app / "app" / "router.py"
    with tempfile.TemporaryDirectory(prefix="egg-") as short:  # unix(7): 107 bytes
        asyncio.run(asyncio.wait_for(main(Path(short)), 120))
