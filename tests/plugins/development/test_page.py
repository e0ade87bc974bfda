"""The page as text: nothing in it is believed, nothing is fetched."""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from hashlib import sha256

from eggd.plugins.development.page import Page
from eggd.plugins.development.starts import Start, Step

HOSTILE = "Require(1) app/</script><script>alert(1)</script>{{STYLE}}\u2028.py"
STEPS = [
    Step(name="Process Start", start=1.0, end=2000.0, pid=7, beside=False, unfinished=False),
    Step(name=HOSTILE, start=2.0, end=900.0, pid=7, beside=False, unfinished=False),
    Step(name="Did Load in app.py", start=900.0, end=2000.0, pid=7, beside=True, unfinished=True),
]


def page(name: str = "shop") -> str:
    starts = [Start(role="worker", slot=1, steps=STEPS)]
    return Page.load().render(name, "local", starts, ["<i>broken</i>"], 5000)


def data(text: str) -> list[dict[str, object]]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text)
    assert found
    items: list[dict[str, object]] = json.loads(found[1])
    return items


def test_the_data_is_that_of_egg() -> None:
    # core:DEV-4
    items = data(page())
    assert [item["name"] for item in items] == [step.name for step in STEPS]
    assert items[1] | {
        "start": 2.0, "end": 900.0, "type": "app_7", "pid": "7", "range": [2.0, 900.0],
        "title": "worker 1", "row": 1, "own": 898.0, "slow": True, "unfinished": False,
    } == items[1]  # fmt: skip


def test_a_hostile_name_is_text() -> None:
    text = page("<b>&")
    assert "alert(1)</script>" not in text
    assert html.escape(HOSTILE) in text
    assert "<title>How &lt;b&gt;&amp; started</title>" in text
    assert "&lt;i&gt;broken&lt;/i&gt;" in text
    assert (text.count("<script"), text.count("<style")) == (2, 1)


def test_the_table_says_what_the_picture_shows() -> None:
    rows = re.findall(r"<tr[^>]*>(<td>.*?)</tr>", page())
    cells = [re.findall(r"<td>(.*?)</td>", row) for row in rows]
    assert cells == [
        ["Did Load in app.py", "worker 1", "1.10 s", "1.10 s", "unfinished"],
        [html.escape(HOSTILE), "worker 1", "898.0 ms", "898.0 ms", "slow"],
    ]


def test_the_policy_lets_this_page_run_and_nothing_else() -> None:
    text, policy = page(), Page.load().policy
    assert policy.startswith("default-src 'none'; ")
    for element in ("style", "script"):
        found = re.search(rf"<{element}>(.*?)</{element}>", text, re.DOTALL)
        assert found
        digest = b64encode(sha256(found[1].encode()).digest()).decode()
        assert f"{element}-src 'sha256-{digest}'" in policy
    assert not re.search(r"(?:src|href|url)\s*[=(]|https?://(?!www\.w3\.org/2000/svg)", text)
