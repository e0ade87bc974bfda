import json
import subprocess
from pathlib import Path

import pytest

from eggd.testing.make_app import make_app
from tests.cli.host import Host

pytestmark = pytest.mark.slow

FILES = {
    "pyproject.toml": '[project]\nname = "shop"\n',
    "config/config_default.py": """
        middleware = []
        cache = {
            "size": 5,
            "hosts": {"a.example": "near"},
            "password": "hush",
            "peers": [{"url": "redis://me:hush@a", "passwd": "hush"}],
        }
        """,
    "config/config_prod.py": """
        from eggd import append

        cache = {"size": 7, "tags": append("prod")}
        """,
    "app.py": """
        from eggd import Boot

        class AppBoot(Boot):
            def config_did_load(self):
                self.app.config.cache.seen = True
        """,
    "app/router.py": """
        def login(ctx, next): ...

        def router(app):
            app.router.get("user", "/user/:id", login, show)
            app.router.redirect("/old", "/user/1")
            app.router.ws("/chat", chat)
            app.router.namespace("/in").mount("/guest", guest)

        def show(ctx): ...

        async def chat(ctx, socket): ...

        async def guest(scope, receive, send): ...
        """,
}


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def config(host: Host, *arguments: str) -> subprocess.CompletedProcess[str]:
    return host.eggd("--base", str(make_app(host.home / "shop", FILES)), "config", *arguments)


def test_a_part_is_a_table_with_origins(host: Host) -> None:
    lines = [
        " ".join(line.split()) for line in config(host, "cache", "--origin").stdout.split("\n")
    ]
    assert "cache.size 7 config/config_prod.py:3" in lines
    assert 'cache.tags ["prod"] config/config_prod.py:3' in lines
    assert "cache.seen true app.py:config_did_load" in lines
    assert 'cache.password "<String len: 4>" config/config_default.py:5' in lines


def test_nothing_secret_is_shown(host: Host) -> None:
    """Secrets in lists are masked, too (core:DUMP-7)."""
    done = config(host)
    assert "hush" not in done.stdout
    assert "redis://me:***@a" in done.stdout


def test_a_name_may_have_dots_in_it(host: Host) -> None:
    line = config(host, "cache.hosts", "--origin").stdout
    assert line.split() == ["cache.hosts.a.example", '"near"', "config/config_default.py:4"]
    assert config(host, "cache.hosts.a.example").stdout == "near\n"


def test_one_value_stands_alone(host: Host) -> None:
    assert config(host, "cache.size").stdout == "7\n"
    assert config(host, "env").stdout == "prod\n"
    assert config(host, "rundir").stdout == "$RUNTIME_DIRECTORY\n"
    assert config(host, "env", "--env", "sit").stdout == "sit\n"


def test_json_is_the_tree_or_each_key_with_its_origin(host: Host) -> None:
    tree = json.loads(config(host, "cache", "--json").stdout)
    assert (tree["size"], tree["tags"]) == (7, ["prod"])
    keys = json.loads(config(host, "cache.size", "--json", "--origin").stdout)
    assert keys == {"cache.size": {"value": 7, "origin": "config/config_prod.py:3"}}


def test_the_agent_has_a_config_of_its_own(host: Host) -> None:
    assert json.loads(config(host, "cache", "--json", "--agent").stdout).get("seen") is None


def test_a_wrong_key_names_the_nearest(host: Host) -> None:
    done = config(host, "cach.size")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: config: cach.size: unknown key (did you mean 'cache.size'?)\n"


def test_routes_are_shown_in_the_order_in_which_they_are_tried(host: Host) -> None:
    """Site files come before the routes, mounts after them (core:DUMP-9)."""
    root = str(make_app(host.home / "shop", FILES))
    lines = host.eggd("routes", root).stdout.splitlines()
    assert [line.split(maxsplit=2) for line in lines] == [
        ["methods", "path", "name  runs"],
        ["GET,HEAD", "/favicon.ico", lines[1].split()[2] + " bytes"],
        ["GET,HEAD", "/user/:id", "user  app/router.py#login() > app/router.py#show()"],
        [*lines[3].split()[:2], "redirect /user/1"],
        ["websocket", "/chat", "app/router.py#chat()"],
        ["mount", "/in/guest/", "app/router.py#guest()"],
    ]


def test_routes_as_json_are_the_dump(host: Host) -> None:
    root = make_app(host.home / "shop", FILES)
    table = json.loads(host.eggd("routes", str(root), "--json").stdout)
    file, first, second, chat, guest = table
    assert list(first) == ["name", "methods", "paramNames", "path", "regexp", "stack"]
    assert [each["name"] for each in first["paramNames"]] == ["id"]
    assert next(iter(second)) == "methods"
    assert first["stack"] == [f"{root}/app/router.py#login()", f"{root}/app/router.py#show()"]
    assert second["stack"] == ["redirect /user/1"]
    assert [each.get("kind") for each in table] == ["file", None, None, "websocket", "mount"]
    assert (file["path"], chat["methods"]) == ("/favicon.ico", ["HEAD", "GET"])
    assert guest == {
        "kind": "mount",
        "path": "/in/guest/",
        "stack": [f"{root}/app/router.py#guest()"],
    }
