"""The section `messenger` of an app's config applies in every process."""

from __future__ import annotations

import json
from pathlib import Path

import eggd
from eggd.testing.make_app import make_app
from eggd.testing.suite import Suite
from tests.cli.supervised import get

APP = {
    "config/config_default.py": 'messenger = {"max_size": 4096, "outbox_messages": 2}\n',
    "app/router.py": """
        from eggd import MessengerError


        def attempt(messenger, *data):
            try:
                for each in data:
                    messenger.send_to_agent("x", each)
            except MessengerError as exc:
                return type(exc).__name__
            return ""


        async def root(ctx):
            agent = await ctx.app.messenger.request("attempt")
            own = [attempt(ctx.app.messenger, "x" * 5000), attempt(ctx.app.messenger, *range(9))]
            ctx.body = {"worker": own, "agent": agent}


        def router(app):
            app.router.get("/", root)
    """,
    "agent.py": """
        from eggd import Boot, MessengerError


        class AgentBoot(Boot):
            async def did_load(self):
                self.app.messenger.on_request("attempt", self.attempt)

            def attempt(self, data):
                try:
                    self.app.messenger.send_to_app("x", "x" * 5000)
                except MessengerError as exc:
                    return type(exc).__name__
    """,
}


def test_limits_of_a_suite(tmp_path: Path) -> None:
    with Suite(app_dir=make_app(tmp_path / "shop", APP), workers=1) as suite:
        answer = json.loads(get(f"http://127.0.0.1:{suite.port}/"))
    assert answer == {
        "worker": ["MessageTooLargeError", "OutboxFullError"],
        "agent": "MessageTooLargeError",
    }


async def test_limits_of_a_single_process(tmp_path: Path) -> None:
    app = await eggd.start(make_app(tmp_path / "shop", APP))
    try:
        assert app.messenger._config.max_size == 4096
        assert app.agent.messenger._config.max_size == 4096
    finally:
        await app.close()
