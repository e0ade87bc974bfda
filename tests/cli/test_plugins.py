import json
from pathlib import Path

import pytest

from eggd.testing.make_app import make_app
from tests.cli.host import Host

FILES = {
    "pyproject.toml": '[project]\nname = "shop"\n',
    "config/plugin.py": """
        one = {"path": "lib/one"}
        two = {"path": "lib/two", "enable": False}
        mock = {"path": "lib/one", "env": ["unittest"]}
        gone = {"package": "not_installed", "enable": False}
        """,
    "lib/one/plugin.toml": 'name = "one"\nstrict = false\nversion = "2.1"\ndependencies = ["two"]',
    "lib/two/plugin.toml": 'name = "two"',
}


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def shop(host: Host, **changed: str) -> str:
    return str(make_app(host.home / "shop", {**FILES, **changed}))


def test_those_that_load_come_first_in_their_order(host: Host) -> None:
    done = host.eggd("plugins", shop(host), "--json")
    rows = [(row["name"], row["state"]) for row in json.loads(done.stdout)]
    own = [row for row in rows if row[0] in ("one", "two", "mock", "gone")]
    assert own == [("two", "implicit"), ("one", "on"), ("mock", "off"), ("gone", "off")]


def test_each_plugin_is_listed_with_its_path_and_origin(host: Host) -> None:
    root = shop(host)
    rows = {row["name"]: row for row in json.loads(host.eggd("plugins", root, "--json").stdout)}
    assert rows["two"]["dependents"] == ["one"]
    assert (rows["one"]["version"], rows["one"]["root"]) == ("2.1", f"{root}/lib/one")
    assert rows["gone"]["origin"] == f"{root}/config/plugin.py"


def test_the_table_has_a_line_each(host: Host) -> None:
    done = host.eggd("plugins", shop(host), "--env", "unittest")
    lines = done.stdout.splitlines()
    assert lines[0].split()[:4] == ["plugin", "state", "version", "needs"]
    assert [line.split()[:3] for line in lines if line.startswith("mock")] == [
        ["mock", "on", "(unittest"]
    ]


def test_warnings_are_apart(host: Host) -> None:
    text = FILES["lib/one/plugin.toml"].replace("strict = false", "")
    done = host.eggd("plugins", shop(host, **{"lib/one/plugin.toml": text}), "--env", "unittest")
    assert "warning: " in done.stderr
    assert "plugin mock is called one in its plugin.toml" in done.stderr


def test_a_mistake_is_one_line(host: Host) -> None:
    done = host.eggd("plugins", shop(host, **{"config/plugin.py": "one = 5\n"}))
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
