"""The agent logs each change of a file in `config`; the files are real ones."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import eggd
from eggd.testing.make_app import make_app
from eggd.testing.suite import Suite

HINT = "run 'eggd reload' to apply it"
ACTS: list[tuple[str, Callable[[Path], object], str]] = [
    ("write", lambda config: (config / "a.py").write_text("a = 22"), "a.py changed"),
    (
        "rename",
        lambda config: (
            (config / "a.tmp").write_text("a = 22"),
            (config / "a.tmp").rename(config / "a.py"),
        ),
        "a.py changed",
    ),
    ("add", lambda config: make_app(config, {"keys/a.pem": ""}), "keys/a.pem added"),
    ("remove", lambda config: os.unlink(config / "a.py"), "a.py removed"),
    ("remove all", lambda config: shutil.rmtree(config), "a.py removed"),
    (
        "noise",
        lambda config: make_app(
            config, {"__pycache__/a.pyc": "", ".a.py.swp": "", "a.py~": "", "b.py": ""}
        ),
        "b.py added",
    ),
]


def log_of(base_dir: Path, act: Callable[[Path], object], expected: int) -> list[str]:
    """Returns the lines about changes while an agent watches."""

    async def main() -> None:
        seen: asyncio.Queue[eggd.FileChange] = asyncio.Queue()
        app = await eggd.start(base_dir, env="prod")
        app.agent.watcher.watch("config", seen.put_nowait)  # called after the plugin's own
        await app.agent.watcher.ready()
        async with asyncio.timeout(30):
            act(base_dir / "config")
            for _ in range(expected):
                await seen.get()
        await app.close()

    asyncio.run(main())
    lines = (base_dir / "logs/egg-agent.log").read_text().splitlines()
    return [line.partition("[watcher] ")[2] for line in lines if "[watcher] " in line]


@pytest.mark.parametrize(
    ("act", "expected", "text"),
    [(act, {"add": 2, "remove all": 3, "noise": 5}.get(name, 1), text) for name, act, text in ACTS],
    ids=[name for name, *_ in ACTS],
)
def test_a_change_is_one_line(
    tmp_path: Path, act: Callable[[Path], object], expected: int, text: str
) -> None:
    """Temporary files of editors and Python are left out."""
    shop = make_app(tmp_path / "shop", {"config/a.py": "a = 1", "config/pyproject.toml": ""})
    lines = log_of(shop, act, expected)
    assert f"config/{text}; {HINT}" in lines
    assert len(lines) == (2 if expected == 3 else 1)


def test_a_change_while_the_agent_loads_is_reported(tmp_path: Path) -> None:
    files = {
        "config/config_default.py": "a = 1",
        "agent.py": """
            from eggd import Boot

            class AgentBoot(Boot):
                def config_did_load(self):
                    path = self.app.base_dir / "config/config_default.py"
                    path.write_text("a = 2")
            """,
    }
    shop = make_app(tmp_path / "shop", files)
    lines = log_of(shop, lambda config: None, 0)
    assert lines == [f"config/config_default.py changed; {HINT}"]


def test_nothing_is_logged_when_switched_off(tmp_path: Path) -> None:
    files = {"config/config_default.py": "watcher = {'log_config': False}"}
    shop = make_app(tmp_path / "shop", files)
    assert log_of(shop, lambda config: (config / "a.py").touch(), 1) == []


@pytest.mark.slow
def test_in_a_real_agent(tmp_path: Path) -> None:
    app = make_app(tmp_path / "shop", {"config/config_default.py": "a = 1"})
    with Suite(app_dir=app, workers=0) as suite:
        (app / "config/config_prod.py").write_text("b = 2")
        line = f"<6>[watcher] config/config_prod.py added; {HINT}"
        assert suite.agent.wait_line("[watcher] ") == line
