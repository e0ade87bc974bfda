"""Dumps: their content, how they are written, and that a failure does not stop a process."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from eggd.app.loading.dump import contents, dump
from tests.app.test_configure import PLUGIN, loaded

FILES = {
    **PLUGIN,
    "config/config_default.py": "password = 'hush'\npeers = [{'keys': ['hush']}]\nsize = 1\n",
    "config/config_prod.py": "size = 2\n",
    "app/controller/user.py": """
        from eggd import Controller

        class UserController(Controller):
            def show(self): ...
        """,
    "app/router.py": """
        def login(ctx, next): ...

        def router(app):
            app.router.get("user", "/user/:id", login, app.controller.user.show)
            app.router.post("/any", lambda ctx: "any")
        """,
    "app.py": """
        from eggd import Boot

        class AppBoot(Boot):
            async def did_load(self):
                self.app.router.get("/late", "user.show")
        """,
}


def files(app: Any) -> dict[str, Any]:
    dump(app)
    return {path.name: json.loads(path.read_text()) for path in Path(app.config.rundir).iterdir()}


def log(app: Any) -> str:
    app.loggers.flush()
    text = (app.host.log_dir / "egg-web.log").read_text()
    return str(text)


def test_the_config_dump(tmp_path: Path) -> None:
    """Every plugin is in it, and the app's own facts (core:DUMP-1, PLG-11)."""
    found = files(loaded(tmp_path / "shop", FILES))["application_config.json"]
    assert list(found) == ["config", "plugins", "appInfo"]
    assert (found["config"]["size"], found["config"]["env"]) == (2, "prod")
    assert found["plugins"]["mine"]["enable"] is True
    assert (found["appInfo"]["name"], found["appInfo"]["env"]) == ("shop", "prod")
    assert "hush" not in json.dumps(found)


def test_the_meta_dump(tmp_path: Path) -> None:
    # core:DUMP-1, CFG-10
    found = files(loaded(tmp_path, FILES))["application_config_meta.json"]
    assert found["size"] == str(tmp_path / "config" / "config_prod.py")
    assert found["http"]["body_limit"] == "eggd"


def test_the_router_dump(tmp_path: Path) -> None:
    """Routes that a hook adds, too (core:DUMP-9, CTL-7)."""
    app = loaded(tmp_path, FILES)
    app.router.get("/late", "user.show")
    _, first, second, third = files(app)["router.json"]
    assert list(first) == ["name", "methods", "paramNames", "path", "regexp", "stack"]
    assert (first["name"], first["methods"]) == ("user", ["HEAD", "GET"])
    parameter = {"name": "id", "prefix": "/", "delimiter": "/", "optional": False, "repeat": False}
    parameter |= {"partial": False, "asterisk": False, "pattern": "[^/]+?"}
    assert first["paramNames"] == [parameter]
    controller = f"{tmp_path}/app/controller/user.py#UserController.show()"
    assert first["stack"] == [f"{tmp_path}/app/router.py#login()", controller]
    assert ("name" in second, second["stack"]) == (False, [f"{tmp_path}/app/router.py#anonymous()"])
    assert (third["path"], third["stack"]) == ("/late", [controller])


def test_dumps_are_replaced_whole_and_for_the_group_alone(tmp_path: Path) -> None:
    """A missing directory is created (core:DUMP-1)."""
    app = loaded(tmp_path, FILES)
    dump(app)
    dump(app)
    assert sorted(os.listdir(app.config.rundir)) == sorted(contents(app))
    assert {p.stat().st_mode & 0o777 for p in Path(app.config.rundir).iterdir()} == {0o640}


def test_the_log_tells_how_long_it_took(tmp_path: Path) -> None:
    # core:DUMP-2
    app = loaded(tmp_path, FILES)
    dump(app)
    assert "[egg] Config dumps written in " in log(app)


def test_a_failed_write_is_a_warning(tmp_path: Path) -> None:
    # core:DUMP-8
    (tmp_path / "run").write_text("no directory")
    app = loaded(tmp_path, FILES)
    dump(app)
    assert "WARN" in log(app)
    assert "[egg] the config dumps cannot be written: " in log(app)


def test_the_config_chooses_directory_and_secrets(tmp_path: Path) -> None:
    # core:DUMP-3
    values = {"rundir": str(tmp_path / "mine"), "dump": {"ignore": ["size"]}}
    app = loaded(tmp_path, FILES, EGG_APP_CONFIG=json.dumps(values))
    found = files(app)["application_config.json"]["config"]
    assert (found["size"], found["password"]) == ("<Number>", "hush")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("value", ["lambda: 1", "object()", "1j", "float('inf')", "'\\udcff'"])
def test_no_value_of_an_app_stops_a_dump(tmp_path: Path, value: str) -> None:
    # core:DUMP-5, DUMP-8
    app = loaded(tmp_path, {"config/config_default.py": f"value = {value}\n"})
    assert "value" in files(app)["application_config.json"]["config"]
