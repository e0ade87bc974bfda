"""Media types, Content-Disposition, query strings, events: tables (core:RES-11, RES-14, REQ-2)."""

from __future__ import annotations

import html
import mimetypes

import pytest

from eggd.wire.disposition import content_disposition
from eggd.wire.events import Event, encode_event
from eggd.wire.html_text import escape_html
from eggd.wire.mime import content_type, file_type, mime_type
from eggd.wire.query import build_query, first_values, parse_query, with_aliases


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("json", "application/json; charset=utf-8"),
        (".html", "text/html; charset=utf-8"),
        ("text", "text/plain; charset=utf-8"),
        ("png", "image/png"),
        ("bin", "application/octet-stream"),
        ("text/html", "text/html; charset=utf-8"),
        ("text/html; charset=gbk", "text/html; charset=gbk"),
        ("application/problem+json", "application/problem+json; charset=utf-8"),
        ("image/svg+xml", "image/svg+xml"),
        ("what-is-this", ""),
        ("", ""),
    ],
)
def test_types(name: str, kind: str) -> None:
    # core:RES-11
    assert content_type(name) == kind


def test_the_table_has_the_extensions_of_python() -> None:
    """The types of some are newer than those of a Python: text/javascript, image/x-icon."""
    own = [name for name in mimetypes.MimeTypes().types_map[True] if not mime_type(name)]
    assert own == []


def test_escaped_text_is_that_of_python() -> None:
    text = "a<b> & \"c\" 'd' é &amp;"
    assert escape_html(text) == html.escape(text)


def test_types_of_files() -> None:
    assert mime_type("/srv/a/b.json") == "application/json"
    assert file_type("/srv/a.d/README") == "application/octet-stream"
    assert file_type("a.css") == "text/css; charset=utf-8"
    assert file_type("a.zzz") == "application/octet-stream"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("", "attachment"),
        ("/srv/a.pdf", 'attachment; filename="a.pdf"'),
        ("C:\\a.pdf", 'attachment; filename="a.pdf"'),
        ('a"b.txt', 'attachment; filename="a\\"b.txt"'),
        ("é中.txt", "attachment; filename=\"??.txt\"; filename*=UTF-8''%C3%A9%E4%B8%AD.txt"),
        ("a%20b", "attachment; filename=\"a%20b\"; filename*=UTF-8''a%2520b"),
        ("a\r\nX: y", "attachment; filename=\"a??X: y\"; filename*=UTF-8''a%0D%0AX%3A%20y"),
    ],
)
def test_disposition(name: str, value: str) -> None:
    # core:RES-14
    assert content_disposition(name) == value


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("a=1&a=2", {"a": ["1", "2"]}),
        ("a[x]=1", {"a[x]": ["1"]}),
        ("a[]=1&a[]=2", {"a": ["1", "2"], "a[]": ["1", "2"]}),
        ("a=0&a[]=1", {"a": ["0"], "a[]": ["1"]}),
        ("a[][]=1&[]=2", {"a[][]": ["1"], "[]": ["2"]}),
        ("=x&a", {"a": [""]}),
        ("a=+%41%zz%ff", {"a": [" A%zz\ufffd"]}),
    ],
)
def test_queries(text: str, parsed: dict[str, list[str]]) -> None:
    # core:REQ-2, REQ-4
    assert with_aliases(parse_query(text)) == parsed


@pytest.mark.parametrize(
    "text",
    ["", "a", "a=1", "=1", "a=1&a=2", "a=1&&b=x=y&", "a[]=1&=2", "a=+&b=%41&a=2", "a=1&b=%&c=%f"],
)
def test_the_first_values_are_those_of_all_values(text: str) -> None:
    # core:REQ-1
    assert first_values(text) == {key: values[0] for key, values in parse_query(text).items()}


def test_only_so_many_pairs_are_parsed() -> None:
    # core:REQ-4
    assert len(parse_query("&".join(f"k{n}=" for n in range(3000)))) == 1000
    assert len(parse_query("&".join(f"k{n}=" for n in range(1000)))) == 1000
    assert list(first_values("&".join(f"k{n}=" for n in range(3000))))[-1] == "k999"
    assert len(first_values("&".join(f"k{n}=" for n in range(1000)))) == 1000


def test_a_query_is_written_as_a_browser_writes_it() -> None:
    # core:X-13
    values = {"a b": "é&", "l": [1, 2], "t": True, "n": None, "m": "-_.!~*'()"}
    assert build_query(values) == "a%20b=%C3%A9%26&l=1&l=2&t=true&n=&m=-_.!~*'()"


@pytest.mark.parametrize(
    ("event", "data", "encoded"),
    [
        (Event(), "hi", b"data: hi\n\n"),
        (Event(), "a\nb\r\nc", b"data: a\ndata: b\ndata: c\n\n"),
        (Event(event="x\ny", id="7", retry=1.5), "", b"retry: 1500\nevent: x y\nid: 7\ndata: \n\n"),
    ],
)
def test_events(event: Event, data: str, encoded: bytes) -> None:
    assert encode_event(event, data) == encoded
