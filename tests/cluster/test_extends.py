"""Extends, services and background work in a real agent and a real worker."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.testing.make_app import make_app
from eggd.testing.suite import Suite

pytestmark = pytest.mark.slow

BOOT = """
    from eggd import Boot

    async def connect(config, app, name):
        return f"{app.type} at {config['port']}"

    class StockBoot(Boot):
        def config_did_load(self):
            self.app.add_singleton("stock", connect)

        async def did_ready(self, error=None):
            self.app.run_in_background(self.count)

        async def count(self, ctx):
            ctx.core_logger.info("%s, %s", ctx.service.stock.count(), ctx.tenant)
    """
PLUGIN = "class Context:\n    tenant = '{}'\n"
FILES = {
    "app.py": BOOT,
    "agent.py": BOOT,
    "app/service/stock.py": """
        from eggd import Service

        class StockService(Service):
            def count(self):
                return f"{self.path_name} of {self.app.stock}"
        """,
    "config/plugin.py": "one = {'path': 'lib/one'}\ntwo = {'path': 'lib/two'}\n",
    "config/config_default.py": "stock = {'client': {'port': 7}}\n",
    "lib/one/plugin.toml": "name = 'one'\n",
    "lib/two/plugin.toml": "name = 'two'\n",
    "lib/one/app/extend/context.py": PLUGIN.format("one"),
    "lib/two/app/extend/context.py": PLUGIN.format("two"),
}


def test_agent_and_worker_are_extended_alike(tmp_path: Path) -> None:
    """Each process reports which extends hide others (core:EXT-4, EXT-8, SGL-3, ANON-2, BG-4)."""
    app = make_app(tmp_path / "shop", FILES)
    with Suite(app_dir=app, workers=1) as suite:
        for process, role in ((suite.agent, "agent"), (suite.worker(1), "application")):
            assert process.wait_line(f"service.stock of {role} at 7, two")
            hidden = f"<4>{app}/lib/two/app/extend/context.py: context.tenant hides that of"
            assert any(line.startswith(hidden) for line in process.lines)
