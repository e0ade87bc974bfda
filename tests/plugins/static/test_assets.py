"""`ctx.helper.asset`: URLs with a hash of the content."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.plugins.static.names import hashed, unhashed
from tests.plugins.static.site import FILES, OLD, site, write

IMMUTABLE = "public, max-age=31536000, immutable"
DIGEST = "0123456789abcdef"


@pytest.mark.parametrize("env", ["unittest", "prod"])
def test_the_url_of_an_asset_is_kept_for_a_year(tmp_path: Path, env: str) -> None:
    """Every worker has the same URL for the same content."""
    with site(tmp_path, env=env, plugins="") as client:
        url = client.get("/asset/app.css").text
        path, _, extension = url.rpartition(".")
        assert (path[:-16], extension) == ("/public/app.", "css")
        for _ in range(2):
            answer = client.get(url)
            assert (answer.status, answer.body) == (200, FILES["app.css"])
            assert answer.headers["Cache-Control"] == IMMUTABLE
            assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
        plain = client.get("/public/app.css").headers
        assert plain["ETag"] == client.get(url).headers["ETag"]
        assert plain["Cache-Control"] != IMMUTABLE


def test_the_url_of_another_release_is_answered_but_not_kept(tmp_path: Path) -> None:
    """While workers are replaced, pages of the old and the new ones ask any of them."""
    with site(tmp_path, env="prod") as client:
        answer = client.get(f"/public/app.{DIGEST}.css")
        assert (answer.body, answer.headers["Cache-Control"]) == (FILES["app.css"], "no-cache")
        assert client.get(f"/public/none.{DIGEST}.css").status == 404
        tag = answer.headers["ETag"]
        again = client.get(f"/public/app.{DIGEST}.css", **{"If-None-Match": tag})
        assert (again.status, again.headers["Cache-Control"]) == (304, "no-cache")


def test_a_file_with_such_a_name_is_served_itself(tmp_path: Path) -> None:
    """A bundler puts hashes in names, too."""
    files = {f"main.{DIGEST}.js": b"bundled", "main.js": b"main"}
    with site(tmp_path, files, env="prod") as client:
        answer = client.get(f"/public/main.{DIGEST}.js")
        assert (answer.text, answer.headers["Cache-Control"]) == (
            "bundled",
            "public, max-age=31536000",
        )


def test_a_change_gives_another_url_where_files_are_not_kept(tmp_path: Path) -> None:
    """In env local a page shows the change at once; in prod a worker stays with its release."""
    for env, changed in {"unittest": True, "prod": False}.items():
        with site(tmp_path / env, env=env) as client:
            before = client.get("/asset/app.css").text
            write(tmp_path / env / "shop/app/public", {"app.css": b"changed"}, OLD + 60)
            assert (client.get("/asset/app.css").text != before) is changed


def test_asset_url_is_put_in_front(tmp_path: Path) -> None:
    with site(tmp_path, config="static = {'asset_url': 'https://cdn.example'}") as client:
        assert client.get("/asset/app.css").text.startswith("https://cdn.example/public/app.")


@pytest.mark.parametrize("env", ["unittest", "prod"])
def test_a_large_asset_and_odd_names(tmp_path: Path, env: str) -> None:
    """A large file is known by size and time, as reading it would block the worker."""
    files = {"big.bin": b"a" * 3_000_000, "a b+c.txt": b"odd", "LICENSE": b"free", "a.min.js": b"j"}
    with site(tmp_path, files, env=env) as client:
        for name, content in files.items():
            url = client.get(f"/asset/{name.replace(' ', '%20')}").text
            answer = client.get(url)
            assert (answer.body == content, answer.headers["Cache-Control"]) == (True, IMMUTABLE)
        assert "/public/a%20b%2Bc." in client.get("/asset/a%20b+c.txt").text


@pytest.mark.parametrize("name", ["app.cs", "..", "%2Fetc%2Fpasswd", "..%2Fsecret", ".env", "%00"])
def test_a_missing_asset_is_an_error_that_names_it(tmp_path: Path, name: str) -> None:
    with site(tmp_path) as client:
        write(tmp_path / "shop/app", {"secret": b"secret"})
        assert client.get(f"/asset/{name}").status == 500
    log = "".join(file.read_text() for file in client.log_dir.glob("common-error.log"))
    assert "no such file" in log
    if name == "app.cs":
        assert "did you mean 'app.css'?" in log


def test_a_link_that_leads_out_is_an_error_that_says_so(tmp_path: Path) -> None:
    with site(tmp_path) as client:
        (tmp_path / "shop/app/public/out.css").symlink_to("/etc/passwd")
        assert client.get("/asset/out.css").status == 500
    log = "".join(file.read_text() for file in client.log_dir.glob("common-error.log"))
    assert "asset 'out.css': is not served" in log


def test_without_a_folder_an_asset_is_an_error(tmp_path: Path) -> None:
    with site(tmp_path, {}) as client:
        assert client.get("/asset/app.css").status == 500
    log = "".join(file.read_text() for file in client.log_dir.glob("common-error.log"))
    assert "asset 'app.css': no folder is served" in log


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        (b"app.css", b"app.0123456789abcdef.css"),
        (b"a/b.min.js", b"a/b.min.0123456789abcdef.js"),
        (b"LICENSE", b"LICENSE.0123456789abcdef"),
        (b"v1.0/LICENSE", b"v1.0/LICENSE.0123456789abcdef"),
    ],
)
def test_a_hash_is_in_front_of_the_extension(name: bytes, whole: bytes) -> None:
    assert hashed(name, DIGEST + "ff") == whole
    assert unhashed(whole) == (name, DIGEST)


@pytest.mark.parametrize(
    "name",
    [b"app.css", b"app.0123456789ABCDEF.css", b"app.0123456789abcde.css", b".0123456789abcdef.css",
     b"a/.0123456789abcdef.css", b"app.0123456789abcdef.x/y", b"app.0123456789abcdef.css.gz"],
)  # fmt: skip
def test_other_names_have_no_hash(name: bytes) -> None:
    assert unhashed(name) is None
