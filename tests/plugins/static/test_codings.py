"""Compressed files, and compressing text (known:KW-65, KW-67)."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.serving import Client
from tests.plugins.static.site import OLD, site, write

TEXT = b"the same text over and over\n" * 100
FILES = {
    "app.js": TEXT,
    "app.js.gz": b"packed by gzip",
    "app.js.br": b"packed by br",
    "app.js.zst": b"packed by zstd",
    "one.css": TEXT,
    "one.css.gz": b"one by gzip",
    "plain.css": TEXT,
    "tiny.css": b"a {}",
    "photo.png": TEXT,
    "stale.css": TEXT,
    "archive.tar.gz": b"an archive",
    "logo.svgz": b"a packed image",
    "map.svgz": TEXT,
    "map.svgz.gz": b"packed twice",
    "MAP.SVGZ": TEXT,
    "app.css.GZ": TEXT,
    "page.html.gz": TEXT,
    "page.html.gz.br": b"packed twice",
    "font.woff2": TEXT,
    "large.txt": TEXT * 100,
    "large.txt.br": b"large by br",
}


@pytest.fixture(scope="module", params=["unittest", "prod"])
def client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    root = tmp_path_factory.mktemp("codings")
    write(root / "shop/app/public", {"stale.css.gz": b"stale"}, OLD - 1)
    config = "static = {'gzip': True, 'max_file': 65536}"
    with site(root, FILES, config, env=request.param) as made:
        yield made


@pytest.mark.parametrize(
    ("name", "accept", "coding"),
    [
        ("app.js", "gzip, deflate, br, zstd", "br"),
        ("app.js", "gzip, zstd", "zstd"),
        ("app.js", "gzip", "gzip"),
        ("app.js", "GZIP;q=0.5", "gzip"),
        ("app.js", "*", "br"),
        ("app.js", "br;q=0, *;q=0.1", "zstd"),
        ("app.js", "gzip;q=0", None),
        ("app.js", "*;q=0", None),
        ("app.js", "identity;q=1, *;q=0", None),
        ("app.js", "deflate", None),
        ("app.js", "", None),
        ("app.js", "gzip;q=x", None),
        ("app.js", "gzip," * 2000, "gzip"),
        ("one.css", "br, gzip", "gzip"),
        ("one.css", "br", None),
        ("large.txt", "br, gzip", "br"),
    ],
)
def test_a_compressed_file_is_sent_to_clients_that_accept_it(
    client: Client, name: str, accept: str, coding: str | None
) -> None:
    # known:KW-67
    answer = client.get(f"/public/{name}", **{"Accept-Encoding": accept})
    assert (answer.status, answer.headers["Content-Encoding"]) == (200, coding)
    assert answer.headers["Vary"] == "Accept-Encoding"
    extension = {"br": ".br", "zstd": ".zst", "gzip": ".gz", None: ""}[coding]
    assert answer.body == FILES[name + extension]
    plain = client.get(f"/public/{name}")
    assert plain.headers["Vary"] == "Accept-Encoding"
    assert (plain.headers["ETag"] == answer.headers["ETag"]) is (coding is None)
    assert plain.headers["Content-Type"] == answer.headers["Content-Type"]
    assert plain.headers["Last-Modified"] == answer.headers["Last-Modified"]


@pytest.mark.parametrize("name", ["plain.css", "stale.css"])
def test_text_is_compressed_once_without_a_file(client: Client, name: str) -> None:
    """A `.gz` that is older than its source is not sent (known:KW-67)."""
    first, second = (
        client.get(f"/public/{name}", **{"Accept-Encoding": "br, gzip"}) for _ in range(2)
    )
    assert first.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(first.body) == TEXT
    assert (second.body, second.headers["ETag"]) == (first.body, first.headers["ETag"])
    assert client.get(f"/public/{name}").headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("name", "kind", "coding"),
    [
        ("tiny.css", "text/css; charset=utf-8", None),
        ("photo.png", "image/png", None),
        ("archive.tar.gz", "application/gzip", None),
        ("logo.svgz", "image/svg+xml", "gzip"),
        ("app.js.br", "application/octet-stream", None),
        ("map.svgz", "image/svg+xml", "gzip"),
        ("MAP.SVGZ", "image/svg+xml", "gzip"),
        ("app.css.GZ", "application/gzip", None),
        ("page.html.gz", "application/gzip", None),
        ("font.woff2", "font/woff2", None),
    ],
)
def test_other_files_are_sent_as_they_are(
    client: Client, name: str, kind: str, coding: str | None
) -> None:
    # known:KW-67
    answer = client.get(f"/public/{name}", **{"Accept-Encoding": "br, gzip"})
    assert (answer.body, answer.headers["Content-Type"]) == (FILES[name], kind)
    assert (answer.headers["Content-Encoding"], answer.headers["Vary"]) == (coding, None)


@pytest.mark.parametrize("name", ["app.js", "plain.css"])
def test_304_of_a_compressed_file(client: Client, name: str) -> None:
    """A tag is of one coding (known:KW-66, KW-67)."""
    packed = client.get(f"/public/{name}", **{"Accept-Encoding": "gzip"}).headers["ETag"]
    plain = client.get(f"/public/{name}").headers["ETag"]
    for accept, tag, status in [("gzip", packed, 304), ("", packed, 200), ("gzip", plain, 200)]:
        sent = {"Accept-Encoding": accept, "If-None-Match": tag}
        answer = client.get(f"/public/{name}", **sent)
        assert answer.status == status
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert status == 200 or answer.headers["Content-Encoding"] is None


@pytest.mark.parametrize("name", ["app.js", "plain.css", "large.txt"])
def test_a_range_is_of_the_file_itself(client: Client, name: str) -> None:
    """Unless If-Range has the tag of the compressed file (known:KW-65)."""
    sent = {"Accept-Encoding": "gzip, br", "Range": "bytes=0-3"}
    part = client.get(f"/public/{name}", **sent)
    assert (part.status, part.body, part.headers["Content-Encoding"]) == (206, TEXT[:4], None)
    whole = client.get(f"/public/{name}", **{"Accept-Encoding": "gzip, br"})
    again = client.get(f"/public/{name}", **{**sent, "If-Range": whole.headers["ETag"]})
    assert (again.status, again.body) == (206, whole.body[:4])
    assert again.headers["Content-Encoding"] == whole.headers["Content-Encoding"] is not None


def test_a_compressed_file_that_is_removed_later(tmp_path: Path) -> None:
    """The file itself is sent instead."""
    with site(tmp_path, FILES, env="prod") as client:
        assert client.get("/public/one.css").body == TEXT
        (tmp_path / "shop/app/public/one.css.gz").unlink()
        answer = client.get("/public/one.css", **{"Accept-Encoding": "gzip"})
        assert (answer.body, answer.headers["Content-Encoding"]) == (TEXT, None)


def test_vary_is_added_to_what_another_plugin_has_set(tmp_path: Path) -> None:
    """A proxy keeps one response for each origin and coding; fonts may be read by other origins."""
    config = "cors = {'origin': 'https://a.example'}"
    with site(tmp_path, FILES, config, plugins="cors = True") as client:
        answer = client.get("/public/app.js", Origin="https://a.example")
        assert answer.headers["Access-Control-Allow-Origin"] == "https://a.example"
        names = ",".join(answer.headers.get_all("Vary", [])).lower()
        assert {name.strip() for name in names.split(",")} == {"origin", "accept-encoding"}
