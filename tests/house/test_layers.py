"""The code keeps the rules about imports, and each rule finds a planted offence."""

import ast
import functools
from collections.abc import Callable, Iterator

import pytest

from tests.house import rules
from tests.house.imports import Import, cycles, imports, modules, trees

Rule = Callable[[list[Import]], Iterator[Import]]
RULES: list[Rule] = [
    rules.upward,
    rules.relative,
    rules.impure_ground,
    rules.impure_wire,
    rules.impure_suite,
    rules.behind_the_door,
    rules.supervisor_above_base,
    rules.out_of_room,
    rules.heavy_tornado,
]

PLANTED = [
    (rules.upward, "eggd.config.a", "import eggd.loader.b"),
    (rules.upward, "eggd.http.a", "def f():\n    from eggd.messenger import x"),
    (rules.upward, "eggd.http.a", "if TYPE_CHECKING:\n    from eggd.app.b import x"),
    (rules.upward, "eggd.app.a", "from eggd import Context"),
    (rules.upward, "eggd.errors", "from eggd.config.measures import Seconds"),
    (rules.upward, "eggd.process.worker", "from eggd.testing.suite import Suite"),
    (rules.relative, "eggd.http.a", "from .b import x"),
    (rules.impure_ground, "eggd.wire.a", "import uvloop"),
    (rules.impure_ground, "eggd.errors", "import logbook"),
    (rules.impure_wire, "eggd.wire.a", "from socket import AF_UNIX"),
    (rules.impure_wire, "eggd.wire.a", "from eggd.log.text import line"),
    (rules.impure_suite, "eggd.suite.a", "import time"),
    (rules.impure_suite, "eggd.suite.a", "from eggd.smallfile import read_small"),
    (rules.behind_the_door, "eggd.plugins.one.app", "from eggd.http import HttpServer"),
    (rules.behind_the_door, "eggd.plugins.one.app", "from eggd.plugins.onerror import x"),
    (
        rules.behind_the_door,
        "eggd.welcome.app.router",
        "from eggd.app.routing.router import Router",
    ),
    (rules.supervisor_above_base, "eggd.supervisor.a", "from eggd.config.measures import Seconds"),
    (rules.out_of_room, "eggd.app.routing.a", "from eggd.app.context.context import Context"),
    (rules.out_of_room, "eggd.app.context.a", "import eggd.app.loading.b"),
    (rules.out_of_room, "eggd.app.loading.a", "from eggd.app.serving import b"),
    (rules.out_of_room, "eggd.app.serving.a", "from eggd.app.application import Application"),
    (rules.heavy_tornado, "eggd.http.guests.tornado", "from tornado.web import Application"),
]

ALLOWED = [
    ("eggd.log.a", "import logbook\nfrom eggd.errors import EggError"),
    ("eggd.http.a", "from tornado import httputil\nfrom eggd.http.b import x"),
    ("eggd.plugins.one.app", "from eggd import Boot\nfrom eggd.plugins.one.rotate import x"),
    ("eggd.app.serving.a", "from eggd.app.config import AppConfig\nimport eggd.app.routing.b"),
    ("eggd.app.base", "from eggd.app.loading.b import x"),
    ("eggd.plugins", "from eggd.loader.unit import LoadUnit"),
    ("eggd.testing.cluster", "from eggd.supervisor.child import Child"),
    ("eggd.cli.check", "from eggd.process.worker import main\nimport eggd"),
]


@functools.cache
def of_eggd() -> list[Import]:
    """Returns the imports of the tree."""
    return imports(trees())


def read(module: str, source: str) -> list[Import]:
    known = ("eggd", "eggd.plugins.onerror", "tornado.httputil")
    return imports({**{name: ast.parse("") for name in known}, module: ast.parse(source)})


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.__name__))
def test_eggd_keeps(rule: Rule) -> None:
    assert [str(one) for one in rule(of_eggd())] == []


def test_eggd_has_no_import_cycle() -> None:
    assert cycles(of_eggd(), set(trees())) == []


@pytest.mark.parametrize(("rule", "module", "source"), PLANTED)
def test_an_offence_is_seen(rule: Rule, module: str, source: str) -> None:
    assert [one.module for one in rule(read(module, source))] == [module]


@pytest.mark.parametrize(("module", "source"), ALLOWED)
def test_an_allowed_import_passes(module: str, source: str) -> None:
    assert [str(one) for rule in RULES for one in rule(read(module, source))] == []


def test_a_cycle_is_seen_once() -> None:
    planted = {
        "eggd.a": ast.parse("import eggd.b"),
        "eggd.b": ast.parse("def f():\n    from eggd import c"),
        "eggd.c": ast.parse("import eggd.a"),
        "eggd.d": ast.parse("import eggd.a"),
    }
    assert cycles(imports(planted), set(planted)) == [["eggd.a", "eggd.b", "eggd.c"]]


@pytest.mark.parametrize("name", sorted(modules()))
def test_only_cli_host_and_process_exit_or_print(name: str) -> None:
    if rules.folder(name) in ("cli", "host", "probe", "process", "__main__"):
        return
    spoken = {
        ast.unparse(node.func) for node in ast.walk(trees()[name]) if isinstance(node, ast.Call)
    }
    assert not spoken & {"print", "exit", "sys.exit", "os._exit", "SystemExit"}
