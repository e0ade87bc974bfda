"""Real workers and a real agent: changes reach every worker, whatever ends and starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.testing.make_app import make_app
from eggd.testing.suite import AGENT, Suite

pytestmark = pytest.mark.slow

APP = """
    from eggd import Boot

    class AppBoot(Boot):
        def did_load(self):
            self.app.watcher.watch("data", self.heard)
            self.app.messenger.on("agent-start", lambda data: self.again())

        def heard(self, change):
            self.app.logger.warning("heard %s %s", change.event, change.path)

        def again(self):
            self.app.run_in_background(self.watched)

        async def watched(self):
            await self.app.watcher.ready()
            self.app.logger.warning("watched again")
"""
AGENT_FILE = """
    from eggd import Boot

    class AgentBoot(Boot):
        def did_load(self):
            source = self.app.watcher.source
            unwatch = source.unwatch
            def report(path):
                self.app.logger.warning("unwatched %s", path)
                unwatch(path)
            source.unwatch = report
            self.app.watcher.watch("data", lambda change: self.app.logger.warning("agent heard"))
            self.app.watcher.unwatch("never")
            self.app.messenger.on("forget", lambda data: self.app.watcher.unwatch("data"))
"""


def test_two_workers_an_agent_that_is_killed_and_a_worker_that_ends(tmp_path: Path) -> None:
    """Both workers get each change, also after a restart of the agent (process:WAT-5, WAT-11)."""
    shop = make_app(tmp_path / "shop", {"app.py": APP, "data/a": "1"})
    with Suite(app_dir=shop, workers=2) as suite:
        (shop / "data/a").write_text("22")
        for slot in (1, 2):
            suite.worker(slot).wait_line(f"heard modified {shop}/data/a")
        suite.kill(AGENT)
        suite.spawn(AGENT).wait_ready()
        for slot in (1, 2):
            suite.worker(slot).wait_line("watched again")
        (shop / "data/b").touch()
        for slot in (1, 2):
            suite.worker(slot).wait_line(f"heard created {shop}/data/b")
        suite.kill("worker-1")
        suite.spawn("worker-1").wait_ready()
        (shop / "data/c").touch()
        for slot in (1, 2):
            suite.worker(slot).wait_line(f"heard created {shop}/data/c")


def test_the_agent_watches_alone_and_forgets_a_dead_worker(tmp_path: Path) -> None:
    """Before workers exist (process:WAT-12); the last one to watch a path takes the watch along."""
    boot = AGENT_FILE.replace('lambda change: self.app.logger.warning("agent heard")', "self.heard")
    boot += """
        def heard(self, change):
            self.app.logger.warning("agent heard %s", change.path)
            if change.path.endswith("enough"):
                self.app.watcher.unwatch("data")
"""
    shop = make_app(tmp_path / "shop", {"app.py": APP, "agent.py": boot, "data/a": "1"})
    with Suite(app_dir=shop, workers=0) as suite:
        (shop / "data/a").write_text("22")
        suite.agent.wait_line(f"agent heard {shop}/data/a")
        suite.spawn("worker-1").wait_ready()
        (shop / "data/enough").touch()
        suite.agent.wait_line(f"agent heard {shop}/data/enough")
        suite.worker(1).wait_line(f"heard created {shop}/data/enough")
        suite.kill("worker-1")
        suite.agent.wait_line(f"unwatched {shop}/data")
