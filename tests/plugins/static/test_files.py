"""Files as clients see them: fields, 304, ranges, and the requests that pass by (core:ST-*)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.serving import Client
from tests.plugins.static.site import FILES, get_raw, site

DATE = "Tue, 14 Nov 2023 22:13:20 GMT"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with site(tmp_path_factory.mktemp("files")) as made:
        yield made


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with site(tmp_path_factory.mktemp("prod"), env="prod") as made:
        yield made


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("app.css", "text/css; charset=utf-8"),
        ("data.bin", "application/octet-stream"),
        ("empty.txt", "text/plain; charset=utf-8"),
        ("img/logo.svg", "image/svg+xml"),
    ],
)
def test_a_file_has_its_type_length_and_validators(client: Client, name: str, kind: str) -> None:
    # core:ST-1, ST-3, ST-5
    answer = client.get(f"/public/{name}")
    assert (answer.status, answer.body) == (200, FILES[name])
    fields = answer.headers
    assert (fields["Content-Type"], fields["Content-Length"]) == (kind, str(len(FILES[name])))
    assert (fields["Last-Modified"], fields["Accept-Ranges"]) == (DATE, "bytes")
    assert len(fields["ETag"]) == 34
    head = client.ask("HEAD", f"/public/{name}")
    assert (head.status, head.body, head.headers["ETag"]) == (200, b"", fields["ETag"])
    assert head.headers["Content-Length"] == str(len(FILES[name]))


def test_the_environment_decides_how_long_a_file_is_kept(client: Client, prod: Client) -> None:
    # core:ST-2
    fields = client.get("/public/app.css").headers
    assert fields["Cache-Control"] == "public, max-age=0"
    assert prod.get("/public/app.css").headers["Cache-Control"] == "public, max-age=31536000"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/public/none.css", 404),
        ("GET", "/public/none/app.css", 404),
        ("GET", "/public/twenty.txt/", 404),
        ("GET", "/public/app.css/x", 404),
        ("GET", "/public/img", 404),
        ("GET", "/public/img/", 404),
        ("GET", "/public/", 404),
        ("GET", "/public", 404),
        ("GET", "/Public/app.css", 404),
        ("GET", "/public/" + "a" * 300, 404),
        ("GET", "/public/" + "a/" * 2500, 404),
        ("POST", "/public/none.css", 404),
        ("PUT", "/public/twenty.txt", 404),
        ("DELETE", "/public/twenty.txt", 404),
        ("OPTIONS", "/public/twenty.txt", 404),
    ],
)
def test_other_requests_pass_by(client: Client, method: str, path: str, status: int) -> None:
    # core:ST-1, ST-3, ST-4
    answer = client.ask(method, path)
    assert (answer.status, answer.headers["Accept-Ranges"]) == (status, None)
    assert "max-age" not in answer.headers.get("Cache-Control", "")


def test_a_file_goes_before_a_route_and_a_route_before_404(client: Client) -> None:
    # core:ST-3, ST-6
    assert client.get("/public/app.css").body == FILES["app.css"]
    assert client.get("/public/route").text.startswith("route ")


@pytest.mark.parametrize("which", ["client", "prod"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-None-Match": "TAG"}, 304),
        ({"If-None-Match": "W/TAG"}, 304),
        ({"If-None-Match": '"x", TAG'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"x"'}, 200),
        ({"If-None-Match": '"x"', "If-Modified-Since": DATE}, 200),
        ({"If-None-Match": "TAG", "If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}, 304),
        ({"If-Modified-Since": DATE}, 304),
        # not the date of the file: one that was rolled back is older than the client's copy
        ({"If-Modified-Since": "Wed, 15 Nov 2023 22:13:20 GMT"}, 200),
        ({"If-Modified-Since": "Mon, 13 Nov 2023 22:13:20 GMT"}, 200),
        ({"If-Modified-Since": ""}, 200),
        ({"If-Modified-Since": "${jndi:x}"}, 200),
        ({"If-Modified-Since": "Mon, 13 Nov 99999 22:13:20 GMT"}, 200),
        ({"If-Match": "TAG"}, 200),
        ({"If-Match": '"x"'}, 412),
        ({"If-Match": "W/TAG"}, 412),
        ({"If-Unmodified-Since": DATE}, 200),
        ({"If-Unmodified-Since": "Mon, 13 Nov 2023 22:13:20 GMT"}, 412),
    ],
)
def test_conditions(
    request: pytest.FixtureRequest, which: str, headers: dict[str, str], status: int
) -> None:
    # core:ST-3, ST-5, known:KW-66
    client = request.getfixturevalue(which)
    tag = client.get("/public/twenty.txt").headers["ETag"]
    sent = {name: value.replace("TAG", tag) for name, value in headers.items()}
    answer = client.get("/public/twenty.txt", **sent)
    assert answer.status == status
    assert (answer.body == FILES["twenty.txt"]) is (status == 200)
    if status == 304:
        fields = answer.headers
        assert (answer.body, fields["ETag"], fields["Content-Type"]) == (b"", tag, None)
        assert fields["Cache-Control"].startswith("public, max-age=")


@pytest.mark.parametrize("which", ["client", "prod"])
@pytest.mark.parametrize(
    ("field", "status", "body", "content_range"),
    [
        ("bytes=0-4", 206, b"01234", "bytes 0-4/20"),
        ("bytes=-3", 206, b"hij", "bytes 17-19/20"),
        ("bytes=0-100", 206, FILES["twenty.txt"], "bytes 0-19/20"),
        ("bytes=-1000", 206, FILES["twenty.txt"], "bytes 0-19/20"),
        ("bytes=0-3,2-5", 206, b"012345", "bytes 0-5/20"),
        ("bytes=-0", 416, None, "bytes */20"),
        ("bytes=20-", 416, None, "bytes */20"),
        ("bytes=x", 200, FILES["twenty.txt"], None),
        ("bytes=" + "0-0," * 1000, 200, FILES["twenty.txt"], None),
    ],
)
def test_ranges(
    request: pytest.FixtureRequest,
    which: str,
    field: str,
    status: int,
    body: bytes | None,
    content_range: str | None,
) -> None:
    # core:ST-5, known:KW-64
    answer = request.getfixturevalue(which).get("/public/twenty.txt", Range=field)
    assert (answer.status, answer.headers["Content-Range"]) == (status, content_range)
    assert body is None or answer.body == body
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    if status == 416:
        assert "max-age" not in answer.headers.get("Cache-Control", "")
        assert answer.headers["ETag"] is None


@pytest.mark.parametrize("which", ["client", "prod"])
def test_a_range_of_an_empty_file_and_of_what_is_no_file(
    request: pytest.FixtureRequest, which: str
) -> None:
    # core:ST-5, known:KW-64, KW-65
    client = request.getfixturevalue(which)
    assert client.get("/public/empty.txt", Range="bytes=0-").status == 416
    for path, status in {"/public/none.css": 404, "/public/route": 200}.items():
        answer = client.get(path, Range="bytes=0-1")
        assert (answer.status, answer.headers["Content-Range"]) == (status, None)
    head = client.ask("HEAD", "/public/twenty.txt", headers={"Range": "bytes=0-1"})
    assert (head.status, head.headers["Content-Length"]) == (200, "20")


@pytest.mark.parametrize("which", ["client", "prod"])
def test_several_ranges(request: pytest.FixtureRequest, which: str) -> None:
    """Each part has its own type and range (core:ST-5)."""
    answer = request.getfixturevalue(which).get("/public/twenty.txt", Range="bytes=0-1,-1")
    kind, _, boundary = answer.headers["Content-Type"].partition("; boundary=")
    assert (answer.status, kind, answer.text.count(boundary)) == (206, "multipart/byteranges", 3)
    assert "Content-Range: bytes 19-19/20\r\n\r\nj\r\n" in answer.text
    assert int(answer.headers["Content-Length"]) == len(answer.body)


@pytest.mark.parametrize(
    ("if_range", "status"),
    [("TAG", 206), (DATE, 206), ('"x"', 200), ("W/TAG", 200), ("Mon, 1 Jan 2024", 200)],
)
def test_a_range_only_of_what_the_client_has(client: Client, if_range: str, status: int) -> None:
    # core:ST-5, known:KW-65
    tag = client.get("/public/twenty.txt").headers["ETag"]
    sent = {"Range": "bytes=0-4", "If-Range": if_range.replace("TAG", tag)}
    assert client.get("/public/twenty.txt", **sent).status == status


def test_security_guards_files_but_sets_no_cookie(tmp_path: Path) -> None:
    """A response that proxies keep has the header fields, and no secret of a visitor."""
    with site(tmp_path, security=True) as client:
        file, page = client.get("/public/app.css"), client.get("/public/route")
        assert file.headers["X-Content-Type-Options"] == "nosniff"
        assert file.headers["Set-Cookie"] is None
        assert client.get("/public/none").headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Set-Cookie"].startswith("csrfToken=")
        assert get_raw(client, b"/public/../../etc/passwd").startswith(b"HTTP/1.1 400 ")
