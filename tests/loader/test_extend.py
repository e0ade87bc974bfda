"""One class per app out of the framework's and every unit's extensions (core:EXT-1..7)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from eggd.errors import EggError, ExtendError
from eggd.loader import LoadUnit
from eggd.loader.extend import ComposedClass, compose, extend_envs, extend_files
from eggd.loader.unit import Kind
from eggd.testing.make_app import make_app


class Context:
    """A framework's class: slots, properties with both halves, methods."""

    __slots__ = ("_ip", "route")

    def __init__(self) -> None:
        self.route = "from the framework"
        self._ip = "10.0.0.1"

    @property
    def ip(self) -> str:
        return self._ip

    @ip.setter
    def ip(self, ip: str) -> None:
        self._ip = ip

    @ip.deleter
    def ip(self) -> None:
        self._ip = ""

    def name(self) -> str:
        return "framework"


ORDER: list[tuple[str, Kind]] = [("one", "plugin"), ("two", "plugin"), ("app", "app")]


def composed(root: Path, files: dict[str, str], *envs: str) -> ComposedClass[Any]:
    """Composes a Context of `unit/stem: body of the class`, or, behind a `!`, of the whole file."""
    units = [LoadUnit(name, kind, root / name) for name, kind in ORDER]
    for name, text in files.items():
        unit, stem = name.split("/")
        body = text[1:] if text[0] == "!" else f"class Context:\n    {text}"
        make_app(root / unit, {f"app/extend/{stem}.py": body})
    return compose(Context, "context", extend_files(units), envs)


def both(member: str) -> dict[str, str]:
    return {"one/context": member, "two/context": member}


def test_members_come_from_every_unit_and_the_last_wins(tmp_path: Path) -> None:
    """`self` is the live object (core:EXT-1, EXT-4, EXT-6)."""
    made = composed(
        tmp_path,
        {
            "one/context": "def first(self): return self.second()",
            "two/context": "def second(self): return 'two'",
            "app/context": "def second(self): return 'app, ' + super().second()",
        },
    )
    ctx = made.cls()
    assert (ctx.first(), ctx.name(), made.clashes) == ("app, two", "framework", [])
    ctx.anything = 1
    assert ctx.anything == 1


def test_a_class_per_app_and_no_unit_is_changed(tmp_path: Path) -> None:
    """Two apps in one process share nothing (core:EXT-6)."""
    files = {"one/context": "@property\n    def ip(self): return 'one'"}
    made, again = composed(tmp_path, files).cls, composed(tmp_path, files).cls
    assert made is not again
    assert not hasattr(Context, "first")
    ctx, other = made(), Context()
    ctx.ip = "1"
    other.ip = "2"
    assert (ctx.ip, ctx._ip, other.ip) == ("one", "1", "2")


@pytest.mark.parametrize(
    ("member", "read", "kept"),
    [
        ("@property\n    def ip(self): return 'x' + super().ip", "xnew", "new"),
        ("ip = property(fset=lambda self, ip: setattr(self, '_ip', ip * 2))", "newnew", "newnew"),
        (
            "@property\n    def ip(self): return 'x'\n    @ip.setter\n    def ip(self, v): pass",
            "x",
            "",
        ),
    ],
)
def test_a_property_inherits_the_half_it_lacks(
    tmp_path: Path, member: str, read: str, kept: str
) -> None:
    """Also where a unit in between has it (core:EXT-3)."""
    ctx = composed(tmp_path, {"one/context": member, "app/context": "x = 1"}).cls()
    ctx.ip = "new"
    assert (ctx.ip, ctx._ip) == (read, kept or "10.0.0.1")
    del ctx.ip
    assert ctx._ip == ""


def test_each_level_is_whole_for_the_one_above(tmp_path: Path) -> None:
    """`super()` finds both halves though the level below gave one (core:EXT-3)."""
    half = "ip = property(fset=lambda self, ip: setattr(self, '_ip', ip + '!'))"
    over = "@property\n    def ip(self): return '<' + super().ip + '>'"
    ctx = composed(tmp_path, {"one/context": half, "app/context": over}).cls()
    ctx.ip = "a"
    assert ctx.ip == "<a!>"


def test_a_property_over_a_slot_keeps_what_sets_it(tmp_path: Path) -> None:
    """The framework goes on setting it in its constructor (core:EXT-3)."""
    over = "@property\n    def route(self): return super().route.upper()"
    assert composed(tmp_path, {"app/context": over}).cls().route == "FROM THE FRAMEWORK"


def test_files_of_the_environment_lie_over_all_plain_ones(tmp_path: Path) -> None:
    """A plugin's file over the app's; files of other environments do not count (core:EXT-2)."""
    files = {
        "one/context_prod": "def who(self): return 'plugin in prod'",
        "app/context": "def who(self): return 'app'",
        "app/context_local": "def who(self): return 'local'",
    }
    assert composed(tmp_path, files, "prod").cls().who() == "plugin in prod"
    assert composed(tmp_path, files, "sit").cls().who() == "app"


@pytest.mark.parametrize(
    ("env", "mocked", "envs"),
    [
        ("prod", "", ["prod"]),
        ("prod", "prod", ["prod", "unittest"]),
        ("unittest", "unittest", ["unittest"]),
    ],
)
def test_a_mocked_environment_keeps_the_tests_own_files(
    env: str, mocked: str, envs: list[str]
) -> None:
    # core:EXT-2
    assert extend_envs(env, {"EGG_MOCK_SERVER_ENV": mocked}) == envs


@pytest.mark.parametrize(
    ("files", "clash"),
    [
        (both("def foo(self): return 1"), "context.foo"),
        (both("foo = 1"), "context.foo"),
        (both("@property\n    def foo(self): return 1"), "context.foo"),
        (both("@property\n    def ip(self): return super().ip"), None),
        (both("async def name(self): return [super().name() for _ in '1']"), None),
        (both("@staticmethod\n    def foo(): return 1"), "context.foo"),
        ({"one/context": "foo = 1", "app/context": "foo = 2"}, None),
        ({"one/context": "foo = 1", "one/context_prod": "foo = 2"}, None),
        ({"app/context": "foo = 1", "one/context_prod": "foo = 2"}, "context.foo"),
        ({"one/context": "def name(self): return 'one'"}, None),
    ],
)
def test_a_plugin_that_hides_a_member_of_another_is_reported(
    tmp_path: Path, files: dict[str, str], clash: str | None
) -> None:
    """Once for each member; nothing raises (core:EXT-4)."""
    lines = [found.line for found in composed(tmp_path, files, "prod").clashes]
    assert len(lines) == (clash is not None)
    if clash is not None:
        assert f"{clash} hides that of {tmp_path}" in lines[0]
        assert lines[0].startswith(str(tmp_path))


def test_typing_an_extension_by_its_base_is_fine(tmp_path: Path) -> None:
    text = """!
        from tests.loader.test_extend import Context as Base

        class Mixin:
            def mixed(self): return "mixed"

        class Context(Mixin, Base):
            def name(self): return "app over " + super().name()
        """
    files = {"one/context": "def name(self): return 'one over ' + super().name()"}
    ctx = composed(tmp_path, {**files, "app/context": text}).cls()
    assert (ctx.mixed(), ctx.name()) == ("mixed", "app over one over framework")


@pytest.mark.parametrize(
    ("stem", "text", "line"),
    [
        ("context", "!class Ctx:\n    pass", "context.py: must define `class Context`, found Ctx"),
        ("context", "!x = 1", "context.py: must define `class Context`, found no class"),
        ("context", "!class _A: 1\ndef Context(): 1 / 0", "must define `class Context`, found _A"),
        ("context", "def __init__(self): pass", "Context may not define __init__"),
        ("context", "__slots__ = ('a',)", "Context may not define __slots__"),
        ("context", "!class Context(type):\n    pass", "context.py: Context cannot be composed: "),
        ("context", "!class Context\n", "context.py:1: SyntaxError"),
        ("context", "!class Context:\n    import nothing_there", "context.py:2: ModuleNotFound"),
        ("contex", "x = 1", r"contex.py: extends nothing \(did you mean 'context.py'\?\)"),
        ("contexts", "x = 1", r"contexts.py: extends nothing \(did you mean 'context.py'\?\)"),
        ("ctx-1", "x = 1", r"ctx-1.py: extends nothing"),
    ],
)
def test_a_bad_extension_is_one_line(tmp_path: Path, stem: str, text: str, line: str) -> None:
    """Only a class is called (core:EXT-1, EXT-5, EXT-7)."""
    with pytest.raises(EggError) as caught:
        composed(tmp_path, {f"app/{stem}": text})
    assert re.search(line, caught.value.line), caught.value.line
    assert str(tmp_path) in caught.value.line


def test_private_files_extend_nothing(tmp_path: Path) -> None:
    assert not composed(tmp_path, {"app/_shared": "x = 1"}).clashes
    (tmp_path / "app" / "app" / "extend" / "notes.txt").write_text("")
    assert extend_files([LoadUnit("app", "app", tmp_path / "app")]) == {}


def test_a_folder_that_cannot_be_listed_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "extend").symlink_to("extend")
    with pytest.raises(ExtendError, match="extend: cannot be read: Too many levels"):
        extend_files([LoadUnit("app", "app", tmp_path)])
