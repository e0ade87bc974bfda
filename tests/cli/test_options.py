"""The options of `eggd start`: flags, the app's table, variables; and the resulting address."""

import json
from pathlib import Path

import click
import pytest

from eggd.cli import start, stop
from eggd.cli.launch import app_config, listen_of, with_free_port
from eggd.cli.options import Options, check_app, merge_options
from eggd.errors import EggError

PROJECT = '[project]\nname = "shop"\n'


def app(tmp_path: Path, table: str = "") -> Path:
    text = f"{PROJECT}[tool.eggd.start]\n{table}" if table else PROJECT
    (tmp_path / "pyproject.toml").write_text(text)
    return tmp_path


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PORT", "EGG_WORKERS"):
        monkeypatch.delenv(name, raising=False)


def test_a_flag_goes_before_the_table_and_the_table_before_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A numeric port is text as good as any; what is None was not given (process:SCR-2, SCR-3,
    CL-2)."""
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("EGG_WORKERS", "9")
    assert merge_options(Options(), app(tmp_path)) == Options(port="9000", workers=9)
    table = 'port = 8000\nworkers = 3\ntitle = "mine"\ndaemon = true\ntimeout = 2.5\n'
    assert merge_options(Options(), app(tmp_path, table)) == Options(
        port="8000", workers=3, title="mine", daemon=True, timeout=2.5
    )
    flags = Options(port="7000", title=None)
    assert merge_options(flags, app(tmp_path, table)) == Options(
        port="7000", workers=3, title="mine", daemon=True, timeout=2.5
    )


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("prot = 80\n", "prot: unknown key (did you mean 'port'?)"),
        ('workers = "4"\n', "workers must be a whole number from 1 to 999, not '4'"),
        ("workers = true\n", "workers must be a whole number from 1 to 999, not True"),
        ("workers = 0\n", "workers must be a whole number from 1 to 999, not 0"),
        ("daemon = 1\n", "daemon must be true or false, not 1"),
        ("title = 5\n", "title must be text, not 5"),
    ],
)
def test_a_wrong_key_of_the_table_is_named(tmp_path: Path, table: str, problem: str) -> None:
    with pytest.raises(EggError) as caught:
        merge_options(Options(), app(tmp_path, table))
    assert caught.value.line == f"{tmp_path}/pyproject.toml: tool.eggd.start.{problem}"


def test_help_has_every_option_with_its_default() -> None:
    # process:SCR-15
    for name, module in {"start": start, "stop": stop}.items():
        options = [each for each in module.command.params if isinstance(each, click.Option)]
        assert {each.name for each in options} >= {"title", "timeout"}, name
        for each in options:
            assert each.help, each.name
            assert each.is_flag or "(default" in each.help or each.name == "title", each.name


def test_a_wrong_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EGG_WORKERS", "many")
    with pytest.raises(EggError, match="EGG_WORKERS must be a number from 1 to 999, not 'many'"):
        merge_options(Options(), app(tmp_path))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "pyproject.toml is missing"),
        ("[project]\n", "project.name must be letters, digits, '.', '-' and '_', not None"),
        ("[project", "pyproject.toml: "),
        ("project = 5\n", "project.name must be letters, digits, '.', '-' and '_', not None"),
    ],
)
def test_a_folder_that_is_not_an_app(tmp_path: Path, text: str | None, problem: str) -> None:
    # process:CL-4
    if text is not None:
        (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(EggError) as caught:
        check_app(tmp_path)
    assert problem in caught.value.line
    with pytest.raises(EggError, match="does not exist"):
        check_app(tmp_path / "nowhere")


CONFIG = {"port": 7001, "hostname": "", "path": ""}
LOCAL = {"port": 8000, "hostname": "127.0.0.1", "path": ""}


@pytest.mark.parametrize(
    ("port", "config", "listen", "said"),
    [
        (None, CONFIG, "7001", {}),
        (None, LOCAL, "127.0.0.1:8000", {}),
        (None, {**LOCAL, "hostname": "::1"}, "[::1]:8000", {}),
        (None, {**LOCAL, "path": "/run/shop.sock"}, "/run/shop.sock", {}),
        ("9000", CONFIG, "9000", {"port": 9000, "path": ""}),
        ("9000", LOCAL, "127.0.0.1:9000", {"port": 9000, "path": ""}),
        ("[::1]:9", LOCAL, "[::1]:9", {"port": 9, "path": "", "hostname": "::1"}),
        ("/tmp/x.sock", LOCAL, "/tmp/x.sock", {"path": "/tmp/x.sock"}),
    ],
)
def test_where_it_listens(
    port: str | None, config: dict[str, object], listen: str, said: dict[str, object]
) -> None:
    """The flag precedes the config; a path precedes a port (process:CL-40)."""
    assert listen_of(port, config) == (listen, said)


@pytest.mark.parametrize("port", ["http", "70000", "-1", "host:80", "1.2.3.4.5:80"])
def test_an_invalid_port_is_named(port: str) -> None:
    with pytest.raises(EggError, match="--port: "):
        listen_of(port, CONFIG)


@pytest.mark.parametrize(
    ("port", "config", "host"),
    [
        ("0", CONFIG, ""),
        ("0", LOCAL, "127.0.0.1:"),
        ("[::1]:0", LOCAL, "[::1]:"),
        (None, {**LOCAL, "port": 0}, "127.0.0.1:"),
    ],
)
def test_port_0_is_a_free_one_and_the_config_says_which(
    port: str | None, config: dict[str, object], host: str
) -> None:
    listen, said = with_free_port(*listen_of(port, config))
    assert listen == f"{host}{said['port']}"
    assert said["port"] != 0


def test_any_other_port_and_a_path_stay() -> None:
    for listen in ("10", "127.0.0.1:8000", "/tmp/0", "/tmp/x:0"):
        assert with_free_port(listen, {}) == (listen, {})


LISTEN = {"cluster": {"listen": {"port": 80}}}


def test_the_config_receives_the_flag_and_keeps_earlier_values() -> None:
    given = {"EGG_APP_CONFIG": '{"cluster": {"listen": {"hostname": "::1"}}, "a": 1}'}
    merged = json.loads(app_config(LISTEN, given)["EGG_APP_CONFIG"])
    assert merged == {"cluster": {"listen": {"hostname": "::1", "port": 80}}, "a": 1}
    assert app_config({}, given) == {}
    assert app_config(LISTEN, {"EGG_APP_CONFIG": "["}) == {}
