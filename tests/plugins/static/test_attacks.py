"""Paths and files that lead elsewhere, over raw sockets (known:KW-61, KW-62)."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.serving import Client
from tests.plugins.static.site import FILES, get_raw, site, write

SECRET = b"secret-of-the-app"
OUTSIDE = {
    "secret.txt": SECRET,
    "public-secret/k": SECRET,
    ".env": SECRET,
}
HIDDEN = {
    ".env": SECRET,
    ".git/config": SECRET,
    "img/.hidden/x": SECRET,
    "img/.well-known/x": SECRET,
    ".well-known/.x": SECRET,
    ".well-known/security.txt": b"Contact: a",
    "..x/y": SECRET,
    "back\\slash": SECRET,
    "new\nline": SECRET,
}


@pytest.fixture(scope="module", params=["unittest", "prod"])
def client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    root = tmp_path_factory.mktemp("attack")
    app = root / "shop/app"
    write(app, OUTSIDE)
    write(app / "public", HIDDEN)
    public = app / "public"
    (public / "out.txt").symlink_to("../secret.txt")
    (public / "out").symlink_to("..")
    (public / "passwd").symlink_to("/etc/passwd")
    (public / "sibling").symlink_to("../public-secret")
    (public / "zero").symlink_to("/dev/zero")
    (public / "loop").symlink_to("loop")
    (public / "in.css").symlink_to("app.css")
    (public / "twenty.txt.gz").symlink_to("/etc/passwd")
    os.mkfifo(public / "fifo")
    os.mkfifo(public / "data.bin.br")
    with socket.socket(socket.AF_UNIX) as listener:
        # The path of a socket is short: by a descriptor it always is.
        folder = os.open(public, os.O_PATH)
        listener.bind(f"/proc/self/fd/{folder}/socket")
        os.close(folder)
    with site(root, env=request.param) as made:
        yield made


TRAVERSALS = [
    b"/public/../secret.txt",
    b"/public/%2e%2e/secret.txt",
    b"/public/%2E./secret.txt",
    b"/public/..%2fsecret.txt",
    b"/public/%2e%2e%2fsecret.txt",
    b"/public/%252e%252e/secret.txt",
    b"/public/..%252fsecret.txt",
    b"/public/..%c0%afsecret.txt",
    b"/public/..\\secret.txt",
    b"/public/..%5csecret.txt",
    b"/public/....//secret.txt",
    b"/public/img/../../secret.txt",
    b"/public/img/..%00/../secret.txt",
    b"/public/../public-secret/k",
    b"/public-secret/k",
    b"/public//etc/passwd",
    b"/public/%2Fetc/passwd",
    b"/public/%2fetc%2fpasswd",
    b"/public///etc/passwd",
    b"/public/file:///etc/passwd",
    b"/public/app.css%00.png",
    b"/public/%00",
    b"/public/app.css%",
    b"/public/app.css%2",
    b"/public/app.css%zz",
    b"/public/./app.css",
    b"/public//app.css",
    b"/public/img//logo.svg",
    b"/public/img/%2e/logo.svg",
    b"/public/img%2flogo.svg",
    b"/public/.env",
    b"/public/%2eenv",
    b"/public/.git/config",
    b"/public/img/.hidden/x",
    b"/public/img/.well-known/x",
    b"/public/.well-known/.x",
    b"/public/.well-known/../.env",
    b"/public/.well-known/",
    b"/public/..x/y",
    b"/public/back%5cslash",
    b"/public/new%0aline",
    b"/public/twenty.txt%20",
    b"/public/twenty.txt.",
    b"/public/twenty.txt::$DATA",
    b"/public/out.txt",
    b"/public/out/secret.txt",
    b"/public/out/public/app.css/../../secret.txt",
    b"/public/passwd",
    b"/public/sibling/k",
    b"/public/zero",
    b"/public/loop",
    b"/public/fifo",
    b"/public/socket",
    b"/public/twenty.txt.gz",
    b"/public/%EF%BC%8E%EF%BC%8E/secret.txt",
    b"/public/" + b"../" * 30 + b"etc/passwd",
    b"/public/" + b"%2e%2e/" * 30 + b"etc/passwd",
]


@pytest.mark.parametrize("path", TRAVERSALS)
def test_no_path_leads_out_or_blocks(client: Client, path: bytes) -> None:
    # core:ST-4, known:KW-61, KW-62
    answer = get_raw(client, path, b"Accept-Encoding: gzip, br")
    assert answer.startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 400 ")), answer[:200]
    assert SECRET not in answer
    assert b"root:" not in answer


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (b"/public/%61pp.css", FILES["app.css"]),
        (b"/public/img/%6cogo.svg", FILES["img/logo.svg"]),
        (b"/public/in.css", FILES["app.css"]),
        (b"/public/.well-known/security.txt", b"Contact: a"),  # known:KW-68
        (b"/public/app.css?../x", FILES["app.css"]),
    ],
)
def test_other_spellings_and_links_inside_are_served(
    client: Client, path: bytes, body: bytes
) -> None:
    """A rule for dotfiles does not hide `.well-known` (known:KW-68)."""
    assert get_raw(client, path).endswith(b"\r\n\r\n" + body)


@pytest.mark.parametrize("name", ["twenty.txt", "data.bin"])
def test_a_compressed_file_is_checked_as_any_file(client: Client, name: str) -> None:
    """Neither a link to another file nor a FIFO is sent in its place (known:KW-62)."""
    answer = client.get(f"/public/{name}", **{"Accept-Encoding": "gzip, br"})
    assert (answer.body, answer.headers["Content-Encoding"]) == (FILES[name], None)


def test_a_refused_file_is_logged_once(tmp_path: Path) -> None:
    """The line names the file, not more than once for many requests."""
    with site(tmp_path) as client:
        (tmp_path / "shop/app/public/passwd").symlink_to("/etc/passwd")
        for _ in range(3):
            assert client.get("/public/passwd").status == 404
    log = "".join(file.read_text() for file in client.log_dir.glob("egg-web.log"))
    assert log.count("public/passwd is not served: it leads out of the folder") == 1


def test_an_absolute_target_and_other_prefixes(client: Client) -> None:
    """A prefix is compared with its slash (known:KW-61)."""
    for path in (b"/publicx", b"/public%2fapp.css", b"//public/app.css", b"/./public/app.css"):
        assert b" 404 " in get_raw(client, path)[:20]
    assert get_raw(client, b"http://a/public/app.css").endswith(FILES["app.css"])


def test_a_file_that_is_replaced_by_a_link_is_not_served(tmp_path: Path) -> None:
    """The check is of the file that was opened."""
    with site(tmp_path) as client:
        file = tmp_path / "shop/app/public/app.css"
        assert client.get("/public/app.css").status == 200
        file.unlink()
        file.symlink_to("/etc/passwd")
        assert client.get("/public/app.css").status == 200  # the route behind it
        assert client.get("/public/app.css").text == "hidden"
