"""`/__loader_trace__` of real processes, in a real browser."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from typing import Any

import pytest

from eggd.testing.make_app import make_app
from eggd.testing.suite import Suite
from tests.plugins.development.browser import Browser, browser

pytestmark = pytest.mark.slow
HOSTILE = "<img src=x onerror=document.title=1>"
FILES = {
    "app/router.py": """
        def router(app):
            app.router.get("/", lambda ctx: "home")
            app.router.all("/:any", lambda ctx: ctx.method)
    """,
    "config/plugin.py": f"odd = {{'path': 'lib/{HOSTILE}'}}\nsecurity = False\n",
    f"lib/{HOSTILE}/plugin.toml": 'name = "odd"',
    f"lib/{HOSTILE}/app.py": """
        from eggd import Boot

        class Odd(Boot):
            pass
    """,
    "app.py": """
        import time
        from eggd import Boot

        class Slow(Boot):
            async def did_load(self):
                time.sleep(0.3)
    """,
    "config/config_local.py": """
        dump = {"timing": {"slow_boot_action_min_duration": "200ms"}}
    """,
}
CENTRE = "const box = document.getElementById('trace').getBoundingClientRect();"
SPAN = "return Number(document.getElementById('trace').dataset.span)"
FROM = "return Number(document.getElementById('trace').dataset.from)"


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    app = make_app(tmp_path_factory.mktemp("trace") / "shop", FILES)
    with Suite(app_dir=app, workers=2, env="local") as suite:
        yield suite


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as found:
        yield found


@pytest.fixture
def trace(suite: Suite, chromium: Browser) -> Browser:
    chromium.go(f"http://127.0.0.1:{suite.port}/__loader_trace__")
    return chromium


def ask(suite: Suite, method: str, path: str) -> tuple[int, HTTPMessage, str]:
    connection = HTTPConnection("127.0.0.1", suite.port, timeout=20)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


def test_the_page_is_not_stored_and_allows_nothing_else(suite: Suite) -> None:
    status, headers, text = ask(suite, "GET", "/__loader_trace__")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert headers["content-security-policy"].startswith("default-src 'none'; ")
    assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert HOSTILE not in text


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/", "home"),
        ("POST", "/__loader_trace__", "POST"),
        ("GET", "/__loader_trace", "GET"),
        ("HEAD", "/__loader_trace__", ""),
    ],
)
def test_everything_else_is_the_apps(suite: Suite, method: str, path: str, body: str) -> None:
    assert ask(suite, method, path)[2] == body


def test_there_is_none_in_other_environments(tmp_path: Path) -> None:
    app = make_app(tmp_path / "shop", FILES)
    with Suite(app_dir=app, env="prod") as suite:
        assert ask(suite, "GET", "/__loader_trace__")[2] == "GET"


def test_every_process_has_a_lane(trace: Browser) -> None:
    script = "return [...document.querySelectorAll('.lane .title')].map(each => each.textContent)"
    assert trace.run(script) == ["agent", "worker 1", "worker 2"]


def test_slow_steps_are_marked_and_names_are_text(trace: Browser) -> None:
    names = "[...document.querySelectorAll('.slow')].filter(each => each.step)"
    slow = trace.run(f"return {names}.map(each => each.step.name)")
    assert slow.count("Did Load in app.py:did_load") == 2
    everything = "[...document.querySelectorAll('.step')].map(each => each.step.name).join()"
    assert HOSTILE in trace.run(f"return {everything}")
    assert trace.run("return [document.title, document.images.length]") == ["How shop started", 0]


def middle(chromium: Browser) -> dict[str, Any]:
    x, y = chromium.run(f"{CENTRE} return [box.x + box.width / 2, box.y + box.height / 2]")
    return {"x": int(x), "y": int(y), "origin": "viewport"}


def test_the_wheel_zooms_at_the_pointer(trace: Browser) -> None:
    before = trace.run(SPAN)
    wheel = {"type": "scroll", "deltaX": 0, "deltaY": -400, "duration": 0}
    trace.act("wheel", {**wheel, **middle(trace)})
    assert trace.run(SPAN) < before


def test_keys_zoom_move_and_choose(trace: Browser) -> None:
    whole = trace.run(SPAN)
    trace.run("document.getElementById('trace').focus()")
    trace.press("+")
    assert trace.run(SPAN) == pytest.approx(whole / 2, abs=0.001)  # SVG rounds to a microsecond
    before = trace.run(FROM)
    trace.press("\ue012")  # WebDriver's code of the left arrow
    assert trace.run(FROM) < before
    trace.press("0")
    assert trace.run(SPAN) == whole
    trace.press("\ue015")  # arrow down
    assert "Process Start" in trace.run("return document.getElementById('said').textContent")
    trace.press("\ue007")  # Enter
    assert trace.run(SPAN) < whole


def test_a_drag_moves_and_a_tip_says_what_is_under_the_pointer(trace: Browser) -> None:
    trace.run("document.getElementById('in').click()")
    before, to = trace.run(FROM), middle(trace)
    trace.act(
        "pointer",
        {"type": "pointerMove", "duration": 0, **to},
        {"type": "pointerDown", "button": 0},
        {"type": "pointerMove", "duration": 0, **to, "x": to["x"] + 37},
        {"type": "pointerUp", "button": 0},
    )
    assert trace.run(FROM) < before
    trace.run("document.getElementById('fit').click()")
    bar = "document.querySelector('.step rect').getBoundingClientRect()"
    x, y = trace.run(f"const box = {bar}; return [box.x + 5, box.y + 5]")
    trace.act(
        "pointer",
        {"type": "pointerMove", "duration": 0, "x": int(x), "y": int(y), "origin": "viewport"},
    )
    tip = "const tip = document.getElementById('tip'); return tip.hidden ? '' : tip.textContent"
    assert trace.run(tip).startswith("Process Start\nagent, pid ")


def test_the_screenshot_shows_something(trace: Browser) -> None:
    png = trace.screenshot()
    assert png.startswith(b"\x89PNG\r\n")
    assert struct.unpack(">II", png[16:24]) >= (1200, 600)
    colours = trace.run(
        "return [...new Set([...document.querySelectorAll('.step rect')]"
        ".map(each => getComputedStyle(each).fill))].length"
    )
    assert colours >= 4
    assert len(png) > 20_000


def test_nothing_was_refused_or_failed(trace: Browser) -> None:
    """The page draws itself under its own policy, and requests nothing."""
    asked = "return performance.getEntriesByType('resource').map(each => each.name)"
    assert trace.run(asked) == []
    assert trace.run("return document.querySelectorAll('.step').length") > 20
