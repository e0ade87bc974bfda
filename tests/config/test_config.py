"""The tree: merge and origins, typed sections in place, frozen after the hooks (core:CFG-*)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from eggd.config import AppInfo, Config
from eggd.config.sources import Source, environment_source, file_sources, kinds
from eggd.errors import ConfigError, LoadError
from eggd.loader import LoadUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    max_age: float = 60.0
    names: list[str] = field(default_factory=list)


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
    ],
)
def test_later_files_merge_over_earlier_ones(
    first: dict[str, object], second: dict[str, object], merged: dict[str, object]
) -> None:
    """core:CFG-5."""
    made = config(first, second)
    assert {key: value for key, value in made.items() if key != "session"} == merged


def test_every_key_knows_the_file_that_set_it_last() -> None:
    """core:CFG-10."""
    made = config({"a": {"x": 1, "y": 1}}, {"a": {"y": 2}})
    assert (made.origin("a.x"), made.origin("a.y")) == ("file0.py", "file1.py")
    assert made.origin("session.max_age") == "eggd"


def test_values_are_copied_from_their_unit() -> None:
    shared: dict[str, object] = {"a": {"list": [1]}}
    config(shared).a["list"].append(2)
    assert shared == {"a": {"list": [1]}}


def test_a_typed_section_replaces_its_mapping() -> None:
    made = config({"session": {"max_age": 5}})
    made.freeze()
    assert made.session.max_age == made[Session].max_age == 5.0


def test_a_section_that_is_no_mapping_names_its_file() -> None:
    with pytest.raises(ConfigError) as caught:
        config({"session": 3})
    assert caught.value.line == "file0.py: session must be a mapping, not 3"


def test_a_wrong_key_names_the_file_that_set_it() -> None:
    made = config({"session": {"max_age": 5}}, {"session": {"maxage": 5}})
    with pytest.raises(ConfigError) as caught:
        made.check()
    assert caught.value.line == "file1.py: session.maxage: no such key (did you mean max_age?)"


def test_hooks_may_change_it_and_then_it_is_frozen() -> None:
    """core:CFG-9."""
    made = config({"cache": {"size": 1}})
    made.cache.size = 2
    made.session.max_age = 7
    made.freeze()
    assert (made.cache.size, made.session.max_age) == (2, 7.0)
    with pytest.raises(ConfigError, match="cannot be changed any more"):
        made.cache.size = 3


def test_a_missing_key_names_the_nearest() -> None:
    with pytest.raises(AttributeError, match="did you mean cache"):
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
    """core:CFG-1."""
    assert kinds(env, scope) == expected


def test_a_plugins_env_file_beats_the_apps_default(tmp_path: Path) -> None:
    """core:CFG-2: the outer loop is the kind of file."""
    plugin = write(tmp_path / "plugin", {"config/config_prod.py": "age = 1\n"})
    app = write(tmp_path / "app", {"config/config_default.py": "age = 2\n"})
    sources = list(file_sources([LoadUnit("plugin", "plugin", plugin), unit(app)], info(app)))
    assert [source.values["age"] for source in sources] == [2, 1]


def test_a_file_may_hold_names_or_a_function(tmp_path: Path) -> None:
    """core:CFG-3; imports and private names are no keys."""
    names = "import os\nfrom pathlib import Path\n_private = 1\nport = 1\n"
    function = "def config(app_info):\n    return {'name': app_info.name}\n"
    root = write(tmp_path, {"config/config_default.py": names, "config/config_prod.py": function})
    sources = [dict(source.values) for source in file_sources([unit(root)], info(root))]
    assert sources == [{"port": 1}, {"name": "demo"}]


@pytest.mark.parametrize(
    ("text", "error", "line"),
    [
        ("x = (\n", LoadError, ":1: SyntaxError: '(' was never closed"),
        ("x = 1\ny = 1 / 0\n", LoadError, ":2: ZeroDivisionError: division by zero"),
        ("def config(info):\n    return 3\n", ConfigError, ": config(app_info) must return a dict"),
        ("def config(info):\n    boom()\n", ConfigError, ":2: config(app_info) failed: NameError"),
    ],
)
def test_a_broken_file_is_one_line(
    tmp_path: Path, text: str, error: type[Exception], line: str
) -> None:
    root = write(tmp_path, {"config/config_default.py": text})
    with pytest.raises(error) as caught:
        list(file_sources([unit(root)], info(root)))
    assert f"{root}/config/config_default.py{line}" in str(caught.value)


@pytest.mark.parametrize("text", ["{", "[1]", "3"])
def test_environment_must_be_a_json_object(text: str) -> None:
    """core:CFG-6, but not in silence."""
    with pytest.raises(ConfigError, match="EGG_APP_CONFIG"):
        list(environment_source({"EGG_APP_CONFIG": text}))
