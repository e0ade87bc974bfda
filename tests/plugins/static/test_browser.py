"""Files in a real browser: types under nosniff, compressed files, ranges, and its cache."""

from __future__ import annotations

import gzip
import math
import struct
from pathlib import Path

import pytest

from tests.plugins.development.browser import browser
from tests.plugins.static.site import site

pytestmark = pytest.mark.slow

ROUTER = """
    PAGE = '''<!doctype html><link rel=stylesheet href="%s"><link rel=icon href="data:,">
        <p>text</p><img src="/public/logo.svg"><audio preload=auto src="/public/tone.wav"></audio>
        <script type=module src="%s"></script>'''

    def page(ctx):
        return PAGE % (ctx.helper.asset("app.css"), ctx.helper.asset("app.mjs"))

    def router(app):
        app.get("/", page)
"""
SCRIPT = b"window.answer = 42; // " + b"padding " * 500 + b"\n"
SEEK = """
    const audio = document.querySelector("audio");
    return new Promise((done, failed) => {
        audio.onseeked = () => done(audio.currentTime);
        audio.onerror = () => failed(audio.error.message);
        const seek = () => { audio.currentTime = 50; };
        if (audio.readyState >= 2) seek(); else audio.oncanplay = seek;
    });
"""
STATE = """
    const size = name => performance.getEntriesByType("resource")
        .filter(each => each.name.includes(name)).map(each => each.transferSize)[0];
    return [window.answer, getComputedStyle(document.querySelector("p")).color,
            document.querySelector("img").naturalWidth, size("/public/app."), size(".mjs")];
"""


def tone(seconds: int) -> bytes:
    """Returns a sound of 8000 samples a second, as WAV."""
    data = bytes(128 + int(100 * math.sin(at / 3)) for at in range(8000)) * seconds
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8)
    rest = b"WAVE" + form + struct.pack("<4sI", b"data", len(data)) + data
    return struct.pack("<4sI", b"RIFF", len(rest)) + rest


def test_a_page_with_files(tmp_path: Path) -> None:
    """The types are right, compressed files are decoded, audio seeks, and files are kept."""
    files = {
        "app.css": b"p { color: rgb(1, 2, 3) }",
        "app.mjs": SCRIPT,
        "app.mjs.gz": gzip.compress(SCRIPT),
        "logo.svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="7" height="7"/>',
        "tone.wav": tone(60),
    }
    with site(tmp_path, files, env="prod", security=True, router=ROUTER) as client, browser() as it:
        it.go(f"http://127.0.0.1:{client.port}/")
        first = it.run(STATE)
        assert first[:3] == [42, "rgb(1, 2, 3)", 7]
        assert 0 < first[4] < len(SCRIPT)
        assert it.run(SEEK) == 50
        it.go("about:blank")
        it.go(f"http://127.0.0.1:{client.port}/")
        assert it.run(STATE) == [*first[:3], 0, 0]
