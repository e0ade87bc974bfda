"""The tree: merge and origins, typed sections in place, frozen after the hooks (core:CFG-*)."""

from __future__ import annotations

import copy
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, assert_type

import pytest

from eggd.config import AppInfo, Config, append, prepend
from eggd.config.sources import Source, environment_source, file_sources, kinds
from eggd.errors import ConfigError, LoadError
from eggd.importer import import_file
from eggd.loader import LoadUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    max_age: float = 60.0
    names: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    middleware: list[str] = field(default_factory=list)


def config(*sources: dict[str, object]) -> Config:
    made = Config({"session": Session})
    for number, values in enumerate(sources):
        made.add(Source(f"file{number}.py", values))
    return made


def info(base_dir: Path, env: str = "prod", scope: str = "") -> AppInfo:
    return AppInfo(
        name="demo", base_dir=base_dir, env=env, scope=scope, home=Path("/"), root=base_dir
    )


def unit(root: Path) -> LoadUnit:
    return LoadUnit("demo", "app", root)


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("first", "second", "merged"),
    [
        ({"a": {"x": 1}}, {"a": {"y": 2}}, {"a": {"x": 1, "y": 2}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": 1}, {"a": None}, {"a": None}),
        ({"a": 1}, {"a": {"x": 1}}, {"a": {"x": 1}}),
        ({"a": {"x": 1}}, {"a": 1}, {"a": 1}),
        ({"a": (1, 2)}, {"a": (3,)}, {"a": (3,)}),
        ({"a": {1}}, {"a": {2}}, {"a": {2}}),
        ({"a": OrderedDict(x=1)}, {"a": defaultdict(int, y=2)}, {"a": {"x": 1, "y": 2}}),
        ({"a": [1]}, {"a": append(2, 3)}, {"a": [1, 2, 3]}),
        ({"a": [1]}, {"a": prepend(0)}, {"a": [0, 1]}),
        ({}, {"a": append(1)}, {"a": [1]}),
        ({}, {"a": {"x": append([1])}}, {"a": {"x": [[1]]}}),
    ],
)
def test_later_files_merge_over_earlier_ones(
    first: dict[str, object], second: dict[str, object], merged: dict[str, object]
) -> None:
    """Mappings are merged at every depth, lists replaced, None is a value (core:CFG-5, X-7)."""
    made = config(first, second)
    assert {key: value for key, value in made.items() if key != "session"} == merged


def test_every_key_knows_the_file_that_set_it_last() -> None:
    # core:CFG-10
    made = config({"a": {"x": 1, "y": 1}}, {"a": {"y": 2}})
    assert (made.origin("a.x"), made.origin("a.y")) == ("file0.py", "file1.py")
    assert made.origin("session.max_age") == "eggd"
    deep = config({"a": {"b": {"x": 1, "y": 1}}}, {"a": {"b": {"y": 2}}})
    assert (deep.origin("a.b.x"), deep.origin("a.b.y")) == ("file0.py", "file1.py")


def test_the_origins_are_a_tree_of_the_same_shape() -> None:
    """Empty mappings and lists are leaves (core:CFG-10)."""
    made = config({"a": {"x": 1, "none": {}, "list": [1]}}, {"a": {"x": 2, "list": append(2)}})
    expected = {"x": "file1.py", "none": "file0.py", "list": "file0.py + file1.py"}
    assert made.origins()["a"] == expected
    assert made.origins()["session"] == {"max_age": "eggd", "names": "eggd"}


def test_a_hook_is_the_origin_of_what_it_changed() -> None:
    # core:CFG-10
    made = config({"a": {"x": 1, "list": [1]}, "b": 1})
    made.changed_by("")
    made.a.list.append(2)
    made.session.max_age = 5
    made.changed_by("app.py:config_did_load")
    keys = ("a.list", "session.max_age", "a.x", "b")
    hook = "app.py:config_did_load"
    assert [made.origin(key) for key in keys] == [hook, hook, "file0.py", "file0.py"]


def test_an_error_names_the_line(tmp_path: Path) -> None:
    # core:CFG-10
    file = write(tmp_path, {"c.py": "session = {\n  'max_age': '?',\n}\n"}) / "c.py"
    made = config()
    made.add(Source(str(file), {"session": {"max_age": "?"}}))
    with pytest.raises(ConfigError) as caught:
        made.check()
    assert caught.value.line == f"{file}:2: session.max_age must be a number, not '?'"


def test_only_lists_are_appended_to() -> None:
    with pytest.raises(ConfigError) as caught:
        config({"a": {"b": 3}}, {"a": {"b": append(4)}})
    assert caught.value.line == "file1.py: a.b: append is for lists (earlier files set a int)"


def test_values_are_copied_from_their_unit() -> None:
    """Containers are copied, other objects are the same (core:CFG-5)."""
    thing = object()
    shared: dict[str, object] = {"a": {"list": [1], "tuple": ([1],), "set": {1}, "thing": thing}}
    made = config(shared)
    made.a["list"].append(2)
    made.a.tuple[0].append(2)
    made.a.set.add(2)
    assert shared == {"a": {"list": [1], "tuple": ([1],), "set": {1}, "thing": thing}}
    assert made.a.thing is thing


def test_a_mapping_that_contains_itself_is_one_line_and_a_list_is_kept() -> None:
    loop: dict[str, object] = {"list": []}
    loop["list"] = [loop]
    assert config({"a": loop}).a["list"][0]["list"][0]["list"] is not None
    circle: dict[str, object] = {}
    circle["self"] = circle
    with pytest.raises(ConfigError, match=r"file1.py: a: contains itself"):
        config({"a": circle}, {"a": circle})


@pytest.mark.parametrize("key", ["get", "origin", "check"])
def test_the_root_has_methods_of_its_own(key: str) -> None:
    with pytest.raises(ConfigError, match=f"file0.py: {key}: cannot be a key of the root"):
        config({key: 1})


def test_an_alias_is_the_same_list() -> None:
    # core:CFG-8
    made = Config({"": Root}, {"app_middleware": "middleware"})
    made.app_middleware.append("gzip")
    made.app_middleware = [*made.app_middleware, "static"]
    assert made.middleware == made.app_middleware == ["gzip", "static"]
    assert made["app_middleware"] is made.middleware
    with pytest.raises(
        ConfigError, match=r"app_middleware: unknown key \(did you mean 'middleware"
    ):
        made.add(Source("config_prod.py", {"app_middleware": []}))


def test_a_typed_section_replaces_its_mapping() -> None:
    made = config({"session": {"max_age": 5}})
    made.freeze()
    assert made.session.max_age == assert_type(made[Session], Session).max_age == 5.0


@pytest.mark.parametrize("value", [3, None, "hush"])
def test_a_section_that_is_not_a_mapping_names_its_file(value: object) -> None:
    with pytest.raises(ConfigError) as caught:
        config({"session": value})
    assert caught.value.line == f"file0.py: session must be a mapping, not {value!r}"


def test_a_hook_cannot_make_a_section_something_else() -> None:
    made = config()
    made.session = 3
    with pytest.raises(ConfigError, match="session must be a mapping, not 3"):
        made.freeze()


def checked(*sources: dict[str, object]) -> Config:
    made = config(*sources)
    made.check()
    return made


def test_a_section_is_one_object_from_check_on() -> None:
    """By attribute, key and class; a reference taken in a hook stays valid (core:CFG-9)."""
    made = checked({"session": {"max_age": 5}})
    options: Any = made["session"]
    options.max_age = 7
    options["names"].append("x")
    made.freeze()
    assert all(each is options for each in (made.session, made[Session]))
    assert (options.max_age, options["max_age"], options.get("names")) == (7.0, 7.0, ["x"])
    assert dict(options) == {"max_age": 7.0, "names": ["x"]}


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda c: setattr(c.session, "max_age", "?"), "session.max_age must be a number, not '?'"),
        (
            lambda c: c.session.update(maxage=1),
            "session.maxage: unknown key (did you mean 'max_age'?)",
        ),
        (lambda c: setattr(c, "session", 3), "session must be a mapping, not 3"),
        (lambda c: c.session.pop("max_age"), "max_age: a declared key cannot be removed"),
    ],
)
def test_a_hooks_mistake_is_an_error_where_it_is_made(
    change: Callable[[Any], object], line: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        change(checked())
    assert caught.value.line.startswith(line)


def test_a_list_that_a_hook_changed_is_checked_when_frozen() -> None:
    made = checked({"session": {"names": ["a"]}})
    made.session.names.append(3)
    with pytest.raises(ConfigError, match=r"file0.py: session.names\[1\] must be text, not 3"):
        made.freeze()


def test_the_keys_of_the_root_are_checked_when_set() -> None:
    made = Config({"": Root})
    made.check()
    with pytest.raises(ConfigError, match="middleware must be a list, not 3"):
        made.middleware = 3
    made.middleware.append("gzip")
    assert made[Root].middleware == ["gzip"]
    made.freeze()
    assert made[Root] is made[Root]


def test_a_copy_of_a_section_is_a_plain_dict() -> None:
    made = checked()
    made.freeze()
    assert type(copy.deepcopy(made.session)) is dict
    assert made.session == Session()
    assert made.session == {"max_age": 60.0, "names": []}


def test_a_wrong_key_names_the_file_that_set_it() -> None:
    made = config({"session": {"max_age": 5}}, {"session": {"maxage": 5}})
    with pytest.raises(ConfigError) as caught:
        made.check()
    assert caught.value.line == "file1.py: session.maxage: unknown key (did you mean 'max_age'?)"


def test_hooks_may_change_it_and_then_it_is_frozen() -> None:
    # core:CFG-9
    made = config({"cache": {"size": 1}})
    made.cache.size = 2
    made.session.max_age = 7
    made.freeze()
    assert (made.cache.size, made.session.max_age) == (2, 7.0)
    for options in (made.cache, made.session):
        with pytest.raises(ConfigError, match="is read-only after the config hooks"):
            options.size = 3


def test_a_missing_key_names_the_nearest() -> None:
    with pytest.raises(AttributeError, match="did you mean 'cache"):
        _ = config({"cache": 1}).cahce


@pytest.mark.parametrize(
    ("env", "scope", "expected"),
    [
        ("prod", "", ["default", "prod"]),
        ("prod", "cn", ["default", "cn", "prod", "cn_prod"]),
        ("default", "cn", ["default", "cn"]),
    ],
)
def test_kinds_of_file_in_order(env: str, scope: str, expected: list[str]) -> None:
    # core:CFG-1
    assert kinds(env, scope) == expected


def test_a_plugins_env_file_beats_the_apps_default(tmp_path: Path) -> None:
    """The outer loop is the kind of file (core:CFG-2)."""
    plugin = write(tmp_path / "plugin", {"config/config_prod.py": "age = 1\n"})
    app = write(tmp_path / "app", {"config/config_default.py": "age = 2\n"})
    sources = list(file_sources([LoadUnit("plugin", "plugin", plugin), unit(app)], info(app)))
    assert [source.values["age"] for source in sources] == [2, 1]


def read(root: Path, text: str, env: str = "prod") -> list[dict[str, object]]:
    write(root, {"config/config_default.py": text})
    return [dict(source.values) for source in file_sources([unit(root)], info(root, env))]


@pytest.mark.parametrize(
    "text",
    [
        "import os\nfrom pathlib import Path\nfrom json import dumps\nport = 1\n",
        "from __future__ import annotations\nfrom typing import Any, Final\nport: Final = 1\n",
        "_private = 1\n__all__ = []\nport = _private\n",
        "from eggd import append\nport = 1\n",
        "def config(app_info):\n    return {'port': 1}\n",
        "def config():\n    return {'port': 1}\n",
        "def config(info):\n    return _made()\ndef _made():\n    return {'port': 1}\n",
    ],
)
def test_a_file_holds_names_or_a_function(tmp_path: Path, text: str) -> None:
    """Imports and private names are not keys (core:CFG-3)."""
    assert read(tmp_path, text) == [{"port": 1}]


def test_functions_and_objects_of_the_file_are_values(tmp_path: Path) -> None:
    # core:CFG-3
    text = "import re\nfrom functools import partial\ndef match(ctx): ...\nrule = re.compile('a')\n"
    assert list(read(tmp_path, text + "part = partial(match)\n")[0]) == ["match", "rule", "part"]


PLUGIN = """\
def config(app_info, app_config):
    app_config.peers.append("mine")
    return {"seen": app_config.size, "scoped": "cn" in app_config, "count": len(app_config.peers)}
"""


def test_a_plugins_function_is_given_the_apps_own_config(tmp_path: Path) -> None:
    """Default and env files, a copy; and the app's function runs once (core:CFG-3, CFG-4)."""
    app = write(
        tmp_path / "app",
        {
            "config/config_default.py": "def config(info):\n    calls.append(1)\n"
            "    return {'size': 1, 'peers': ['a']}\ncalls = []\n".replace("calls", "_calls"),
            "config/config_prod.py": "size = 2\n",
            "config/config_cn.py": "cn = 1\n",
        },
    )
    plugin = write(tmp_path / "plugin", {"config/config_default.py": PLUGIN})
    units = [LoadUnit("plugin", "plugin", plugin), unit(app)]
    first, second = [source.values for source in file_sources(units, info(app, scope="cn"))][:2]
    assert first == {"seen": 2, "scoped": False, "count": 2}
    assert second["peers"] == ["a"]
    calls = import_file(app / "config" / "config_default.py", "demo")._calls
    assert calls == [1]


def test_the_first_file_may_be_called_config(tmp_path: Path) -> None:
    # core:CFG-1
    root = write(tmp_path, {"config/config.py": "port = 1\n"})
    assert [dict(s.values) for s in file_sources([unit(root)], info(root))] == [{"port": 1}]


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("config/config.prod.py", "is never read (rename it to config_prod.py)"),
        ("config/config-prod.py", "is never read (rename it to config_prod.py)"),
        ("config/Config_Prod.py", "is never read (rename it to config_prod.py)"),
        ("config/config.py", "config_default.py: config.py exists, too (keep one of them)"),
        ("app/config/config_default.py", "is never read (move it to {root}/config)"),
    ],
)
def test_a_file_that_would_be_lost_is_one_line(tmp_path: Path, file: str, line: str) -> None:
    """Egg ignores such a file in silence (core:CFG-1)."""
    root = write(tmp_path, {"config/config_default.py": "", file: "port = 1\n"})
    with pytest.raises(ConfigError) as caught:
        list(file_sources([unit(root)], info(root)))
    assert line.format(root=root) in caught.value.line


@pytest.mark.parametrize(
    ("text", "error", "line"),
    [
        (
            "x = (\n",
            LoadError,
            ":1: SyntaxError: '(' was never closed (correct it at column 5, then run 'eggd check')",
        ),
        ("x = 1\ny = 1 / 0\n", LoadError, ":2: ZeroDivisionError: division by zero"),
        ("def config(info):\n    return 3\n", ConfigError, ": config(app_info) must return a dict"),
        ("def config(info):\n    boom()\n", ConfigError, ":2: config(app_info) failed: NameError"),
        ("async def config(info): ...\n", ConfigError, ": config must be a plain function"),
        ("def config(a, b): ...\n", ConfigError, ": config takes (app_info)"),
        ("config = {'port': 1}\n", ConfigError, ":1: config must be a function, not dict"),
        (
            "port = 1\ndef config(info):\n    return {}\n",
            ConfigError,
            ":1: port: has no effect beside config(app_info) (put it into the dict that config",
        ),
    ],
)
def test_a_broken_file_is_one_line(
    tmp_path: Path, text: str, error: type[Exception], line: str
) -> None:
    # core:CFG-3
    with pytest.raises(error) as caught:
        read(tmp_path, text)
    assert f"{tmp_path}/config/config_default.py{line}" in str(caught.value)


@pytest.mark.parametrize("text", ["{", "[1]", "3"])
def test_environment_must_be_a_json_object(text: str) -> None:
    """But not in silence (core:CFG-6)."""
    with pytest.raises(ConfigError, match="EGG_APP_CONFIG"):
        list(environment_source({"EGG_APP_CONFIG": text}))


def test_the_environment_is_merged_last() -> None:
    # core:CFG-6, CFG-10
    made = config({"a": {"x": 1, "y": 1}})
    for source in environment_source({"EGG_APP_CONFIG": '{"a": {"x": 2}}'}):
        made.add(source)
    assert (made.a, made.origin("a.x")) == ({"x": 2, "y": 1}, "EGG_APP_CONFIG")


@pytest.mark.parametrize("text", ['{"password": "hush"', '["hush"]', '"hush"'])
def test_the_environment_is_never_quoted(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        list(environment_source({"EGG_APP_CONFIG": text}))
    assert "hush" not in caught.value.line
