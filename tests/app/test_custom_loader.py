"""`config.custom_loader` and the loader's primitives on app and ctx (core:LD-8..17)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eggd.app.agent import Agent
from eggd.app.application import Application
from eggd.errors import EggError
from tests.app.loading import loaded, run

ADAPTERS = {
    "app/adapter/docker.py": """
        class Docker:
            made = 0

            def __init__(self, app):
                type(self).made += 1
                self.app = app
        """,
    "app/adapter/cloud/aws-ecs.py": "class Ecs:\n    def __init__(self, app): self.app = app\n",
    "app/adapter/sizes.py": "small = 1\n",
    "app/adapter/tool.py": "def tool(app):\n    return {'name': app.name}\n",
}
REPOSITORIES = {
    "app/repository/user.py": """
        class UserRepository:
            def __init__(self, ctx):
                self.ctx = ctx
        """,
    "app/repository/deep/log.py": "class Log:\n    def __init__(self, ctx): self.ctx = ctx\n",
    "app/repository/limits.py": "most = 10\n",
}


def config(text: str) -> dict[str, str]:
    return {"config/config_default.py": f"custom_loader = {text}\n"}


@pytest.mark.parametrize("base", [Application, Agent])
def test_members_of_the_app_are_made_once(tmp_path: Path, base: type[Any]) -> None:
    """In the agent, too (core:LD-14, LD-8)."""
    files = {**ADAPTERS, **config('{"adapter": {"directory": "app/adapter"}}')}
    app = loaded(tmp_path / "shop", files, base)
    docker = app.adapter.docker
    assert (docker.app is app, type(docker).made, app.adapter.docker is docker) == (True, 1, True)
    assert (docker.path_name, docker.full_path.name) == ("adapter.docker", "docker.py")
    assert type(app.adapter.cloud.aws_ecs).__name__ == "Ecs"
    assert (app.adapter.sizes.small, app.adapter.tool) == (1, {"name": "shop"})
    with pytest.raises(AttributeError, match=r"no member 'dock'; known: docker, sizes, tool, clo"):
        app.adapter.dock  # noqa: B018
    app.loggers.close()


def test_members_of_a_context_are_made_once_for_each(tmp_path: Path) -> None:
    """Two loaders have caches of their own (core:LD-10, LD-11, LD-14)."""
    text = """{
        "repository": {"directory": "app/repository", "inject": "ctx"},
        "store": {"directory": "app/repository", "inject": "ctx"},
    }"""
    app: Any = loaded(tmp_path / "shop", {**REPOSITORIES, **config(text)})
    ctx, other = app.create_anonymous_context(), app.create_anonymous_context()
    user = ctx.repository.user
    assert (user is ctx.repository.user, user.ctx is ctx) == (True, True)
    assert user is not other.repository.user
    assert user is not ctx.store.user
    assert ctx.repository.deep.log is ctx.repository.deep.log
    assert ctx.repository.limits is other.repository.limits
    assert app.repository_classes["user"] is type(user)
    app.loggers.close()


def test_every_unit_is_searched_where_asked(tmp_path: Path) -> None:
    """`loadunit`, `match`, `ignore` and `override` (core:LD-14)."""
    files = {
        **ADAPTERS,
        "plugins/dock/plugin.toml": 'name = "dock"\n',
        "plugins/dock/app/adapter/ship.py": "class Ship:\n    def __init__(self, app): pass\n",
        "plugins/dock/app/adapter/sizes.py": "small = 2\n",
        "config/plugin.py": (
            "from pathlib import Path\n\n"
            "dock = {'path': str(Path(__file__).parent.parent / 'plugins' / 'dock')}\n"
        ),
        **config("""{"adapter": {
            "directory": "app/adapter", "loadunit": True, "ignore": ["cloud"], "override": True,
        }}"""),
    }
    app: Any = loaded(tmp_path / "shop", files)
    assert sorted(app.adapter) == ["docker", "ship", "sizes", "tool"]
    assert app.adapter.sizes.small == 1
    app.loggers.close()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{"adapter": {}}', "custom_loader.adapter.directory is required"),
        ('{"adapter": {"directory": "app/adaptr"}}', "directory: no folder '.*/app/adaptr'"),
        ('{"adapter": {"directory": "app", "inject": "b"}}', "must be 'app' or 'ctx'"),
        ('{"adapter": {"directry": "app"}}', r"unknown key \(did you mean 'directory'\?\)"),
        ('{"adapter": 1}', "custom_loader.adapter must be a mapping, not 1"),
        ('{"config": {"directory": "app/adapter"}}', "custom_loader.config would hide app.config"),
        (
            '{"body": {"directory": "app/adapter", "inject": "ctx"}}',
            "custom_loader.body would hide ctx.body",
        ),
    ],
)
def test_a_bad_custom_loader_is_one_line(tmp_path: Path, text: str, line: str) -> None:
    """With the file that asked for it (core:LD-15)."""
    with pytest.raises(EggError, match=line) as caught:
        loaded(tmp_path / "shop", {**ADAPTERS, **config(text)})
    assert f"{tmp_path}/shop/config/config_default.py" in caught.value.line


def test_a_class_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    # core:LD-9
    files = {
        "app/adapter/a.py": "class A:\n    def __init__(self, app):\n        1 / 0\n",
        **config('{"adapter": {"directory": "app/adapter"}}'),
    }
    with pytest.raises(EggError, match=r"adapter/a.py:3: A\(app\) failed: ZeroDivisionError"):
        loaded(tmp_path / "shop", files)


def test_a_boot_loads_folders_of_its_own(tmp_path: Path) -> None:
    # core:LD-10
    files = {**REPOSITORIES, "rules/three.py": "value = 3\n"}
    app: Any = loaded(tmp_path / "shop", files)
    app.load_to_context("repository", app.base_dir / "app" / "repository")
    app.load_to_app("rules", app.base_dir / "rules")
    assert (app.rules.three.value, app.repository_classes["limits"].most) == (3, 10)
    assert app.create_anonymous_context().repository.user.path_name == "repository.user"
    for load, name in ((app.load_to_app, "config"), (app.load_to_context, "body")):
        with pytest.raises(EggError, match=rf"{name} already exists"):
            load(name, app.base_dir / "rules")


def test_a_file_is_loaded_with_what_it_is_given(tmp_path: Path) -> None:
    """Functions are called and awaited, other files than Python are bytes (core:LD-13)."""
    files = {
        "rules/one.py": "async def one(app, more=0):\n    return [app.name, more]\n",
        "rules/two.py": "def two(left, right):\n    return left + right\n",
        "rules/three.py": "value = 3\n",
        "rules/four.txt": "4",
    }

    async def main(app: Any) -> list[Any]:
        rules = app.base_dir / "rules"
        return [
            await app.load_file(rules / "none.py"),
            await app.load_file(rules / "one.py"),
            await app.load_file(rules / "two.py", "l", "r"),
            (await app.load_file(rules / "three.py")).value,
            await app.load_file(rules / "four.txt"),
        ]

    app: Application = loaded(tmp_path / "shop", files)
    assert run(app, main) == [None, ["shop", 0], "lr", 3, b"4"]


def test_a_file_that_fails_is_one_line(tmp_path: Path) -> None:
    # core:LD-9, LD-13

    async def main(app: Any) -> None:
        with pytest.raises(EggError, match=r"five.py:2: five\(\) failed: ZeroDivisionError"):
            await app.load_file(app.base_dir / "five.py")

    run(loaded(tmp_path / "shop", {"five.py": "def five(app):\n    1 / 0\n"}), main)


ORDERED = {
    "config/plugin.py": "",
    "config/config_default.py": """
        custom_loader = {"adapter": {"directory": "app/adapter"}}
        middleware = ["timing"]
        """,
    "app/extend/application.py": "class Application: pass\n",
    "app/extend/agent.py": "class Agent: pass\n",
    "app/extend/request.py": "class Request: pass\n",
    "app/extend/response.py": "class Response: pass\n",
    "app/extend/context.py": "class Context: pass\n",
    "app/extend/helper.py": "class Helper: pass\n",
    "app/adapter/docker.py": "class Docker:\n    def __init__(self, app): pass\n",
    "app.py": "from eggd import Boot\n\n\nclass AppBoot(Boot): pass\n",
    "agent.py": "from eggd import Boot\n\n\nclass AgentBoot(Boot): pass\n",
    "app/service/user.py": "from eggd import Service\n\n\nclass User(Service): pass\n",
    "app/middleware/timing.py": "def timing(options, app):\n    return lambda ctx, next: next()\n",
    "app/controller/home.py": "def index(ctx): pass\n",
    "app/router.py": "def router(app): pass\n",
}
BOTH = ["config/plugin", "app/extend/%s", "config/config_default", "app/extend/request"]
BOTH += ["app/extend/response", "app/extend/context", "app/extend/helper", "app/adapter/docker"]


@pytest.mark.parametrize(
    ("base", "own", "rest"),
    [
        (
            Application,
            "application",
            ["app", "app/service/user", "app/middleware/timing", "app/controller/home"],
        ),
        (Agent, "agent", ["agent", "app/service/user"]),
    ],
)
def test_files_are_loaded_in_this_order(
    tmp_path: Path, base: type[Any], own: str, rest: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The class of the app is composed first, since it is what loads; the agent has contexts and
    services, too (core:LD-16)."""
    told = {name: f"print({name[:-3]!r})\n{_flat(text)}" for name, text in ORDERED.items()}
    loaded(tmp_path / "shop", told, base).loggers.close()
    last = ["app/router"] if base is Application else []
    order = [name.replace("%s", own) for name in BOTH] + rest + last
    assert capsys.readouterr().out.split() == order


def _flat(text: str) -> str:
    return "\n".join(
        line.strip() if line.startswith(" " * 8) else line for line in text.split("\n")
    )


class AcmeApplication(Application):
    """A framework that loads its own way."""

    def load_router(self) -> None:
        self.router.get("/acme", lambda ctx: "acme")
        super().load_router()

    def load_custom(self) -> None:
        """None of that here."""


def test_a_framework_may_load_its_own_way(tmp_path: Path) -> None:
    """Every step is a method of its class (core:LD-17)."""
    files = {
        **config('{"adapter": {"directory": "nowhere"}}'),
        "app/router.py": "def router(app):\n    app.router.get('/', lambda ctx: 'own')\n",
    }
    app = loaded(tmp_path / "shop", files, AcmeApplication)
    assert [route.pattern.path for route in app.router.routes] == ["/acme", "/"]
    app.loggers.close()
