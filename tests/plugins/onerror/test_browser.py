"""The page in a real browser: its style, without scripts, on wide and small screens."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.app.serving import Client
from tests.plugins.development.browser import Browser, browser
from tests.plugins.onerror.site import site
from tests.plugins.onerror.test_attacks import FILES, PATHS

pytestmark = pytest.mark.slow

SCRIPTED = "return document.scripts.length + document.images.length"
OVERFLOW = "return document.documentElement.scrollWidth - innerWidth"
COLOR = "return getComputedStyle(document.body).backgroundColor"
OPEN = """
    const frame = document.querySelector('.frame .variables');
    frame.querySelector('summary').click();
    return frame.open && frame.querySelector('dd').getBoundingClientRect().height > 0;
"""
SELECT = """
    const pre = document.querySelector('pre.copy');
    pre.closest('details').open = true;
    return getComputedStyle(pre).userSelect;
"""


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    with browser() as window:
        yield window


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    config = "security = {'level': 'strict'}"
    with site(tmp_path_factory.mktemp("seen"), config, env="local", files=FILES) as client:
        yield client


def emulate(window: Browser, scheme: str, width: int) -> None:
    """Sets the colors that the visitor prefers, and the width of the screen."""
    media: dict[str, object] = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    screen: dict[str, object] = {
        "width": width,
        "height": 900,
        "deviceScaleFactor": 1,
        "mobile": width < 600,
    }
    for command, params in (
        ("Emulation.setEmulatedMedia", media),
        ("Emulation.setDeviceMetricsOverride", screen),
    ):
        window.devtools(command, params)


@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize(
    ("scheme", "color"), [("light", "rgb(246, 246, 244)"), ("dark", "rgb(19, 21, 24)")]
)
def test_the_page_is_styled_and_fits(
    client: Client, window: Browser, scheme: str, color: str, width: int
) -> None:
    """Its policy allows its style sheet; text wraps or scrolls within its box."""
    emulate(window, scheme, width)
    for path in ("variables", "message", "file"):
        window.go(f"http://127.0.0.1:{client.port}/{path}")
        assert window.run(COLOR) == color
        assert window.run(OVERFLOW) <= 0


@pytest.mark.parametrize("path", PATHS)
def test_nothing_that_an_error_writes_runs(client: Client, window: Browser, path: str) -> None:
    window.go(f"http://127.0.0.1:{client.port}/{path}")
    assert window.run(SCRIPTED) == 0
    assert window.run("return document.querySelectorAll('.stack').length") > 0


def test_variables_open_without_a_script(client: Client, window: Browser) -> None:
    emulate(window, "light", 1400)
    window.go(f"http://127.0.0.1:{client.port}/variables")
    assert window.run(OPEN) is True
    assert window.run(SELECT) == "all"
