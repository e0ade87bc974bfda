"""Environment, scope, folders: where an app runs (core:ENV-*)."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.errors import ConfigError
from eggd.loader.metadata import app_info
from eggd.testing.make_app import make_app
from tests.app.serving import application


@pytest.mark.parametrize(
    ("option", "file", "variable", "env"),
    [
        ("", "", "", "local"),
        ("", "", " prod \n", "prod"),
        ("", "sit \n", "prod", "sit"),
        ("unittest", "sit", "prod", "unittest"),
    ],
)
def test_the_first_that_says_wins(
    tmp_path: Path, option: str, file: str, variable: str, env: str
) -> None:
    """Option, config/env, EGG_SERVER_ENV; NODE_ENV is not read (core:ENV-1, ENV-2)."""
    root = make_app(tmp_path, {"config/env": file})
    environ = {"EGG_SERVER_ENV": variable, "NODE_ENV": "production"}
    assert app_info(root, environ, env=option).env == env


def test_the_scope_is_a_variable(tmp_path: Path) -> None:
    # core:ENV-3
    root = make_app(tmp_path, {})
    assert app_info(root, {"EGG_SERVER_SCOPE": "cn"}).scope == "cn"
    assert app_info(root, {}).scope == ""


@pytest.mark.parametrize(
    ("environ", "home"),
    [({"EGG_HOME": "/a", "HOME": "/b"}, "/a"), ({"HOME": "/b"}, "/b"), ({}, "/")],
)
def test_home_is_what_it_is_called(tmp_path: Path, environ: dict[str, str], home: str) -> None:
    """But "/" where egg has /home/admin: no log or run file depends on it (core:ENV-4)."""
    assert app_info(make_app(tmp_path, {}), environ).home == Path(home)


@pytest.mark.parametrize(("env", "is_base"), [("local", True), ("unittest", True), ("sit", False)])
def test_a_config_file_receives_the_app_info(tmp_path: Path, env: str, is_base: bool) -> None:
    # core:ENV-5
    root = make_app(tmp_path / "shop", {})
    info = app_info(root, {"HOME": "/b", "EGG_SERVER_SCOPE": "cn"}, env=env)
    assert (info.name, info.base_dir, info.env, info.scope) == ("shop", root, env, "cn")
    assert info.root == (root if is_base else Path("/b"))
    assert info.pkg["project"] == {"name": "shop"}


def test_the_config_tells_the_environment_too(tmp_path: Path) -> None:
    # core:ENV-6
    app = application(make_app(tmp_path / "shop", {}), "sit")
    app.load_config()
    assert (app.config.env, app.config.name, app.env) == ("sit", "shop", "sit")
    assert app.proxy is app.config.proxy is False


def test_an_environment_of_ones_own_needs_no_registration(tmp_path: Path) -> None:
    # core:ENV-7
    app = application(make_app(tmp_path, {"config/config_sit.py": "size = 3\n"}), "sit")
    app.load_config()
    assert app.config.size == 3


@pytest.mark.parametrize(
    ("file", "environ", "line"),
    [
        ("../x", {}, "config/env: must be a name such as prod, not '../x'"),
        ("", {"EGG_SERVER_ENV": "a b"}, "EGG_SERVER_ENV: must be a name such as prod, not 'a b'"),
        ("", {"EGG_SERVER_SCOPE": "/"}, "EGG_SERVER_SCOPE: must be a name such as prod, not '/'"),
    ],
)
def test_an_env_that_cannot_be_part_of_a_file_name_is_refused(
    tmp_path: Path, file: str, environ: dict[str, str], line: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        app_info(make_app(tmp_path, {"config/env": file}), environ)
    assert line in caught.value.line


def test_an_unreadable_environment_is_one_line(tmp_path: Path) -> None:
    root = make_app(tmp_path, {"config/env": ""})
    (root / "config" / "env").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="config/env: cannot be read"):
        app_info(root, {})
