"""Files in app/controller, and the actions that routes find in them (core:CTL-*)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eggd.app.application import Application
from eggd.errors import EggError
from tests.app.loading import loaded
from tests.app.serving import served

BASE = """
from eggd import Controller

class _Base(Controller):
    def _hidden(self): return "hidden"
    def inherited(self): return "inherited"
    def both(self): return "base"
"""

FILES = {
    "app/controller/admin/user_log.py": BASE
    + """
def validated(method):
    method.validator = "rules"
    return method

class UserLog(_Base):
    size = 7
    @property
    def kind(self): raise AssertionError("not read while loading")
    @staticmethod
    def outside(): return 1
    def both(self): return "nearest"
    @validated
    async def about(self):
        return [self.path_name, self.full_path.name, self.config.name, self.app.name,
                self.ctx.path, type(self.service).__name__, self.logger is not None]
    def own(self): return id(self), self.ctx.state.setdefault("made", [])
    def nothing(self): pass
""",
    "app/controller/plain.py": """
async def index(ctx): return "index"
def show(ctx): return "show"
def _private(ctx): return "private"
""",
    "app/controller/leaf.py": "def leaf(ctx): return 'leaf'",
    "app/router.py": """
def router(app):
    for name in ("inherited", "both", "about", "nothing"):
        app.router.get("/" + name, "admin.user_log." + name)
    app.router.get("/index", app.controller.plain.index).get("/leaf", "leaf")
""",
}


def actions(namespace: Any) -> list[str]:
    return sorted(name for name in vars(namespace) if not name.startswith("_"))


def test_actions_are_the_public_methods_inherited_ones_too(tmp_path: Path) -> None:
    """A leading underscore hides a helper (core:CTL-1, CTL-2, CTL-3, CTL-9)."""
    app: Application = loaded(tmp_path, FILES)
    user_log = app.controller.admin.user_log
    assert actions(user_log) == ["about", "both", "inherited", "nothing", "own"]
    assert actions(app.controller.plain) == ["index", "show"]
    assert callable(app.controller.leaf)


def test_an_action_keeps_its_attributes_and_has_a_source(tmp_path: Path) -> None:
    # core:CTL-5, CTL-7
    app: Application = loaded(tmp_path, FILES)
    about = app.controller.admin.user_log.about
    assert about.validator == "rules"
    assert about.source == f"{tmp_path}/app/controller/admin/user_log.py#UserLog.about()"


def test_controllers_answer_requests(tmp_path: Path) -> None:
    """Each request gets a new controller; the returned value is the body.

    (core:CTL-3, CTL-8, CTL-10, RT-19)
    """
    with served(tmp_path, FILES) as client:
        assert client.get("/inherited").text == "inherited"
        assert client.get("/both").text == "nearest"
        assert client.get("/leaf").text == "leaf"
        assert client.get("/nothing").status == 404
        assert client.get("/about").text.startswith('["controller.admin.user_log","user_log.py","')


@pytest.mark.parametrize(
    ("method", "line"),
    [
        ("def a(self, next, more): pass", "Home.a may take self and next, no more"),
        ("def app(self): pass", "action 'app' hides self.app"),
        ("async def a(self): yield 1", "Home.a may not be an async generator"),
    ],
)
def test_an_invalid_action_is_rejected(tmp_path: Path, method: str, line: str) -> None:
    # core:CTL-4, CTL-6
    home = f"from eggd import Controller\nclass Home(Controller):\n    {method}\n"
    with pytest.raises(EggError, match=line):
        loaded(tmp_path, {"app/controller/home.py": home})


@pytest.mark.parametrize(
    ("action", "line"),
    [
        ("leaf.x", r"app.controller.leaf.x does not exist.*\(did you mean 'leaf'\?\)"),
        ("plain.index.x", r"app.controller.plain.index.x does not exist.*'plain.index'\?"),
        ("leaf.x.y", r"app.controller.leaf.x.y does not exist: the part before 'x' is a function"),
        ("plain.indx", r"app.controller.plain.indx does not exist \(did you mean 'index'\?\)"),
    ],
)
def test_an_unknown_action_is_one_line(tmp_path: Path, action: str, line: str) -> None:
    """So is a name below a function that a file exports (core:RT-4)."""
    router = f"def router(app):\n    app.router.get('/', {action!r})\n"
    with pytest.raises(EggError, match=line):
        loaded(tmp_path, {**FILES, "app/router.py": router})
