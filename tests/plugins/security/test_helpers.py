"""The helpers' exact results, hostile input in linear time, and unchanged arguments."""

from __future__ import annotations

import copy
import json
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import pytest

from eggd.errors import EggError
from eggd.plugins.security.helpers.escape import escape
from eggd.plugins.security.helpers.html_names import WHITE_LIST
from eggd.plugins.security.helpers.shell import cli_filter, escape_shell_arg, escape_shell_cmd
from eggd.plugins.security.helpers.shtml import Cleaner
from eggd.plugins.security.helpers.sjs import sjs
from eggd.plugins.security.helpers.sjson import sjson
from eggd.plugins.security.helpers.spath import spath
from eggd.plugins.security.helpers.surl import surl
from tests.app.serving import served

shtml = Cleaner(WHITE_LIST, lambda host: host in ("shop.com", "a.shop.com")).clean


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("<a b='c' d=\"e\">&</a>", "&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;&lt;/a&gt;"),
        (7, "7"),
        (None, "None"),
        (["<"], "[&#39;&lt;&#39;]"),
        ("", ""),
    ],
)
def test_escape(value: object, result: str) -> None:
    # process:HLP-1
    assert escape(value) == result


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("http://foo.com/a?b=1&c=2", "http://foo.com/a?b=1&c=2"),
        ("HTTPS://foo.com", "HTTPS://foo.com"),
        ("/foo", "/foo"),
        ("file:///a", "file:///a"),
        ("data://image/png", "data://image/png"),
        ("data:image", ""),
        ("foo.com", ""),
        ("xx.com", ""),
        ("javascript://%0aalert(1)", ""),
        (" http://foo.com", ""),
        ("mine://x", "mine://x"),
        ("", ""),
        ("http://a/\"<>'", "http://a/&quot;&lt;&gt;&#x27;"),
        ("/a\"<>'", "/a&quot;&lt;&gt;&#x27;"),
        # Egg takes these for paths, but a browser does not.
        ("//foo.com", ""),
        ("/\\foo.com", ""),
        ("/\t/foo.com", ""),
        ("/\n\\foo.com", ""),
        ("/&#47;foo.com", ""),
        ("/&sol;foo.com", ""),
        ("/&Tab;/foo.com", ""),
        ("/&#" + "0" * 5000 + "47;foo.com", ""),
        ("/&a=b", "/&a=b"),
        (7, 7),
        (None, None),
        (["javascript:1"], ""),
        (b"javascript:1", ""),
    ],
)
def test_surl(value: object, result: object) -> None:
    # process:HLP-2
    assert surl(value, {"mine"}) == result


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ('"hello"', r"\x22hello\x22"),
        ("a\tb\nc\rd", r"a\tb\nc\rd"),
        ("\x01\x1f", r"\x01\x1f"),
        ("</script>", r"\x3c\x2fscript\x3e"),
        ("\\'_-é中", r"\x5c\x27\x5f\x2dé中"),
        ("\u2028\u2029", r"\u2028\u2029"),
        (12, "12"),
    ],
)
def test_sjs(value: object, result: str) -> None:
    # process:HLP-3
    assert sjs(value) == result


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ({"a<": "<b>", "n": [1, None, 1.5]}, r'{"a\\x3c":"\\x3cb\\x3e","n":[1,null,1.5]}'),
        ("<", r'"\\x3c"'),
        ({"f": print, "l": [print, 1]}, '{"l":[null,1]}'),
        (b"<", r'"\\x3c"'),
        ((1, float("nan"), float("inf")), "[1,null,null]"),
        (print, "null"),
        ({1: "é"}, '{"1":"é"}'),
        ({}, "{}"),
    ],
)  # fmt: skip
def test_sjson(value: object, result: str) -> None:
    # process:HLP-4
    assert sjson(value) == result


def test_sjson_changes_nothing_and_refuses_the_rest() -> None:
    # process:HLP-4
    value = {"a<": ["<", {"b": "<"}]}
    before = copy.deepcopy(value)
    sjson(value)
    assert value == before
    with pytest.raises(EggError, match="sjson: set is not a type of JSON"):
        sjson({"a": {1}})
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(EggError, match="nested too deeply, or contains itself"):
        sjson(endless)


@pytest.mark.parametrize(
    ("value", "safe"),
    [
        *((path, True) for path in ("foo/bar", "a.b", "%E0%A4%A", "a%", "%zz", "100%25", "")),
        *((path, False) for path in ("../a", "a/../b", "/etc", "a/..", "%2e%2e/x", "%2Fetc")),
        *((path, False) for path in ("%252e%252e/x", "%25252fetc", "%%32%65%%32%65/", ".%2e")),
        *((path, False) for path in ("%zz/%2e%2e/x", "a%00", "%2%3%352e./x")),
        *((path, False) for path in ("%" + "25" * 50_000 + "2e.", "..%00", "a/%2e.\\b")),
    ],
)
def test_spath(value: str, safe: bool) -> None:
    # process:HLP-5
    assert spath(value) == (value if safe else None)


def test_spath_refuses_a_list_and_bytes() -> None:
    """As text in a path they would lead out of the folder: `['a/../../b']`."""
    assert spath(["../a"]) is None
    assert spath(b"../a") is None


@pytest.mark.parametrize("value", [7, None, 1.5, True])
def test_spath_of_other_values(value: object) -> None:
    # process:HLP-5
    assert spath(value) is value


@pytest.mark.parametrize("text", ["a.b-c_D9", "a b;c|d", "$(rm -rf /)", "é\n"])
def test_cli_filter(text: str) -> None:
    # process:HLP-6
    kept = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"
    assert cli_filter(text) == "".join(char for char in text if char in kept)


@pytest.mark.parametrize(
    "text", ["a b", "it's", "'; touch /tmp/x; '", "$(id)", "`id`", "\\", "a\nb", "", "*", "!!"]
)
def test_escape_shell_arg(text: str) -> None:
    # process:HLP-7
    quoted = escape_shell_arg(text)
    assert shlex.split(quoted) == [text]
    assert subprocess.check_output(["sh", "-c", f"printf %s {quoted}"], text=True) == text


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("a#&;`|*?~<>^()[]{}$'\",\n\xffb", "ab"),
        ("ls -l \\ !x", "ls -l \\ !x"),
        ("mv x y;rm -rf $HOME", "mv x yrm -rf HOME"),
    ],
)
def test_escape_shell_cmd(text: str, result: str) -> None:
    # process:HLP-8
    assert escape_shell_cmd(text) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("<h1>foo</h1>", "<h1>foo</h1>"),
        ("<H1 class=x>foo</H1 >", "<h1>foo</h1>"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("<foo>x</foo>", "&lt;foo&gt;x&lt;/foo&gt;"),
        ('<a href="javascript:alert(1)">x</a>', "<a href>x</a>"),
        ('<a href=" java&#10;script&colon;alert(1)">x</a>', "<a href>x</a>"),
        ('<a href="/a?b=1&amp;c=2" onclick=x>x</a>', '<a href="/a?b=1&amp;c=2">x</a>'),
        ("<a href='#top' title='\"<b'>x</a>", "&lt;a href='#top' title='\"<b>x</a>"),
        ('<a href="http://shop.com/a">x</a>', '<a href="http://shop.com/a">x</a>'),
        ('<a href="http://evil.com/a">x</a>', "<a>x</a>"),
        ('<a href="//evil.com/a">x</a>', "<a>x</a>"),
        ('<a href="/\\evil.com">x</a>', "<a>x</a>"),
        ('<a href="///evil.com">x</a>', "<a>x</a>"),
        ('<a href="http:///evil.com">x</a>', "<a>x</a>"),
        ('<a href="http://shop.com@evil.com">x</a>', "<a>x</a>"),
        ('<a href="http://[evil">x</a>', "<a>x</a>"),
        ('<a href="mailto:a@b.c">x</a>', '<a href="mailto:a@b.c">x</a>'),
        ('<a href="data:image/png;x">x</a>', "<a href>x</a>"),
        ('<img src="data:image/png;base64,AA==">', '<img src="data:image/png;base64,AA==">'),
        ('<img src="data:image/svg+xml,a">', "<img src>"),
        ("<img src=x onerror=alert(1)>", "<img src>"),
        ("<img src=./a.png alt='a b'/>", '<img src="./a.png" alt="a b" />'),
        ('<p style="color:red" onclick="x">a</p>', "<p>a</p>"),
        ("<td width=5 valign>a", '<td width="5" valign>a'),
        ("a<!-- <b> -->c<!-- d", "ac&lt;!-- d"),
        ("a < b > c & d", "a &lt; b &gt; c & d"),
        ("<<b>", "&lt;<b>"),
        ("<b", "&lt;b"),
        ("<b/onclick=x>", "<b>"),
        ("<svg onload=x>", "&lt;svg onload=x&gt;"),
        ('<a title="&#' + "9" * 5000 + ';">', "<a title>"),
        ("", ""),
    ],
)  # fmt: skip
def test_shtml(text: str, result: str) -> None:
    # process:HLP-9, HLP-10
    assert shtml(text) == result


HOSTILE = [
    *("<b>", "<b><p>", "<", "<a ", '<a href="', "<!--", "&#", "%25", "%2%35", "'", "\\", '<a x="'),
    *(
        "<a x=' ",
        "<a href=&#",
        "</",
        "<table><td>",
        "javascript:",
        "http://",
        "<a b c d",
        "{[",
        "=\t",
    ),
]


@pytest.mark.parametrize(
    "helper",
    [
        *(escape, surl, sjs, sjson, spath, cli_filter, escape_shell_arg, escape_shell_cmd),
        *(shtml, lambda text: shtml(f"<a href={text}>"), lambda text: surl("/" + text)),
    ],
)
def test_hostile_text_takes_linear_time(helper: Callable[[str], object]) -> None:
    """200 kB of anything are done in a moment; a quadratic helper takes many seconds."""
    for piece in HOSTILE:
        text = piece * (200_000 // len(piece))
        began = perf_counter()
        helper(text)
        assert perf_counter() - began < 2, piece


ROUTER = """
    def show(ctx):
        value = ctx.request.body["v"]
        ctx.type = "html"
        return f"{ctx.helper.shtml(value)} {ctx.helper.surl(value)} {ctx.helper.spath(value)}"

    def router(app):
        app.post("/", show)
        app.post("/go", lambda ctx: ctx.redirect(ctx.request.body["v"]))
    """


@pytest.mark.parametrize("value", [["<script>"], {"<script>": 1}, [["javascript://x"]], ["../a"]])
def test_a_client_cannot_choose_the_type_of_a_value(tmp_path: Path, value: object) -> None:
    """A list in JSON is neither shown unescaped nor followed."""
    files = {
        "app/router.py": ROUTER,
        "config/config_default.py": "security = {'level': 'strict'}\n",
        "config/plugin.py": "security = True\n",
    }
    with served(tmp_path, files) as client:
        body, fields = json.dumps({"v": value}).encode(), {"Content-Type": "application/json"}
        page = client.ask("POST", "/", body, fields)
        assert page.text == f"{str(value).replace('<', '&lt;').replace('>', '&gt;')}  None"
        moved = client.ask("POST", "/go", body, fields)
        assert (moved.status, moved.headers["Location"]) == (302, "/")
