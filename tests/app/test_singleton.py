"""`app.add_singleton`: one client or several, made of the config (core:SGL-1..4)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from eggd.app.agent import Agent
from eggd.app.application import Application
from eggd.errors import EggError
from tests.app.loading import assembled, loaded, run, start

BOOT = """
    from eggd import Boot

    class RedisBoot(Boot):
        def config_did_load(self):
            self.app.add_singleton("redis", {create})

        async def did_load(self):
            self.app.seen = self.app.redis

    class Client(dict):
        pass

    def create(config, app, name):
        return Client(config, by=app.name, called=name)

    async def connect(config, app, name):
        return create(config, app, name)

    def broken(config, app, name):
        raise OSError("refused")

    async def unreachable(config, app, name):
        raise OSError("no route")
    """


def files(redis: str, create: str = "create") -> dict[str, str]:
    boot = BOOT.replace("{create}", create)
    config = f"redis = {redis}\nclose_timeout = 1\n"
    return {"app.py": boot, "agent.py": boot, "config/config_default.py": config}


def started(root: Path, redis: str, create: str = "create", base: type[Any] = Application) -> Any:
    """Returns the app after its hooks have run."""

    async def main(app: Any) -> Any:
        await start(app)
        return app

    return run(assembled(root / "shop", files(redis, create), base, {}, "unittest"), main)


@pytest.mark.parametrize("base", [Application, Agent])
@pytest.mark.parametrize("create", ["create", "connect"])
def test_the_only_client_is_the_member_itself(tmp_path: Path, create: str, base: type[Any]) -> None:
    """An async one is there when `did_load` runs (core:SGL-1, SGL-2, SGL-3)."""
    app = started(tmp_path, '{"client": {"port": 1}, "default": {"host": "h"}}', create, base)
    assert app.redis == {"host": "h", "port": 1, "by": "shop", "called": ""}
    assert app.seen is app.redis
    assert app.singletons["redis"].create_instance_async


@pytest.mark.parametrize("create", ["create", "connect"])
def test_several_clients_are_had_by_name(tmp_path: Path, create: str) -> None:
    """The defaults lie under each (core:SGL-1, SGL-2, SGL-4)."""
    text = '{"clients": {"a": {"port": 1}, "b": {"host": "b"}}, "default": {"host": "h"}}'
    redis = started(tmp_path, text, create).redis
    assert redis.get("a") == {"host": "h", "port": 1, "by": "shop", "called": "a"}
    assert redis.get("b") == {"host": "b", "by": "shop", "called": "b"}
    assert redis.get("a") is redis.get("a")
    with pytest.raises(EggError, match=r"app.redis: 'c': unknown client \(known: a, b\)"):
        redis.get("c")


@pytest.mark.parametrize("text", ["{}", '{"default": {"host": "h"}}'])
def test_without_clients_they_are_made_when_wanted(tmp_path: Path, text: str) -> None:
    """With a default or without (core:SGL-1, SGL-4)."""

    async def main(app: Any) -> Mapping[str, Any]:
        made: Mapping[str, Any] = await app.redis.create_instance_async({"port": 2})
        assert made == app.redis.create_instance({"port": 2})
        return made

    made = run(loaded(tmp_path / "shop", files(text)), main)
    assert (made["port"], made.get("host")) == (2, "h" if "default" in text else None)


def test_an_asynchronous_singleton_is_not_created_at_once(tmp_path: Path) -> None:
    # core:SGL-3

    async def main(app: Any) -> Any:
        with pytest.raises(EggError, match=r"made asynchronously \(await create_instance_async"):
            app.redis.create_instance({})
        return await app.redis.create_instance_async({"port": 3})

    app: Application = loaded(tmp_path / "shop", files("{}", "connect"))
    assert run(app, main)["port"] == 3


def test_the_config_may_be_a_typed_section(tmp_path: Path) -> None:
    """A plugin declares what its clients take (core:SGL-1)."""
    section = """
        from dataclasses import dataclass, field

        @dataclass(frozen=True, slots=True, kw_only=True)
        class RedisConfig:
            client: dict[str, object] = field(default_factory=dict)
            clients: dict[str, dict[str, object]] = field(default_factory=dict)
        """
    plugin = {f"redis/{name}": text for name, text in files("0").items() if name == "app.py"}
    table = "from pathlib import Path\n\nredis = {'path': str(Path(__file__).parents[1] / 'redis')}"
    app: Any = loaded(
        tmp_path / "shop",
        {
            **plugin,
            "redis/section.py": section,
            "redis/plugin.toml": 'name = "redis"\n',
            "config/plugin.py": table,
            "config/config_default.py": "redis = {'client': {'port': 4}}\n",
        },
    )
    assert app.redis["port"] == 4
    app.loggers.close()


@pytest.mark.parametrize(
    ("redis", "create", "line"),
    [
        (
            '{"client": {"a": 1}, "clients": {"a": {}}}',
            "create",
            r"config_default.py.*redis.client and redis.clients cannot both be set",
        ),
        (
            "{'client': {'a': 1}}",
            "broken",
            r"app.py:\d+: app.redis cannot be created: OSError: refused",
        ),
        ("{'clients': {'b': {}}}", "broken", r"app.redis.get\('b'\) cannot be created: OSError"),
        ("{'client': {'a': 1}}", "unreachable", "app.redis cannot be created: OSError: no route"),
    ],
)
def test_a_bad_singleton_is_one_line(tmp_path: Path, redis: str, create: str, line: str) -> None:
    # core:SGL-1
    with pytest.raises(EggError, match=line):
        started(tmp_path, redis, create)


def test_a_name_that_the_app_has_is_refused(tmp_path: Path) -> None:
    # core:SGL-1
    app: Application = loaded(tmp_path / "shop", {})
    with pytest.raises(EggError, match=r"add_singleton: app.config already exists"):
        app.add_singleton("config", lambda config, app, name: None)


def test_the_start_waits_for_clients_that_are_added_late(tmp_path: Path) -> None:
    """Also for one that `did_load` adds; its progress names it (core:SGL-3)."""
    boot = BOOT.replace("config_did_load(self)", "nothing(self)").replace(
        "self.app.seen = self.app.redis", 'self.app.add_singleton("redis", connect)'
    )
    made = files('{"clients": {"a": {}}}') | {"app.py": boot.replace("{create}", "create")}
    shown: list[str] = []

    async def main(app: Any) -> None:
        await start(app)
        assert app.redis.get("a")["called"] == "a"

    app = assembled(tmp_path / "shop", made, Application, {}, "unittest", shown.append)
    run(app, main)
    assert "waiting for app.redis.get('a')" in shown
