"""Handlers that read the parts of a form as they arrive."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugins.uploads.forms import BOUNDARY, TYPE, Site, field, file, form, part, site

ROUTER = """
    async def all_parts(ctx):
        result = []
        async for part in ctx.multipart():
            result.append([part.field, part.filename, part.mime, part.transfer_encoding]
                          if part.is_file else [part.name, part.value])
        return result

    async def collected(ctx):
        parts = ctx.multipart(auto_fields=True)
        names = [part.filename async for part in parts]
        return [names, parts.fields]

    async def one(ctx):
        part = await ctx.get_file_stream(require_file="optional" not in ctx.query)
        return [part.filename, part.fields, len(await part.read()), part.detected_mime]

    async def untouched(ctx):
        await ctx.get_file_stream()
        return "untouched"

    async def twice(ctx):
        async for part in ctx.multipart():
            pass
        ctx.multipart()

    async def late(ctx):
        kept = [part async for part in ctx.multipart()]
        await kept[0].read()

    async def small(ctx):
        limits = {"file_size": "1kb", "fields": 1}
        return [1 async for part in ctx.multipart(limits=limits) if not part.is_file or
                await part.read()]

    async def checked(ctx):
        async def check(field, part, filename):
            return {"bad.png": ctx.app.refusal, "false.png": False}.get(filename)
        return [part.filename async for part in ctx.multipart(check_file=check)]

    async def unknown(ctx):
        ctx.multipart(limits={ctx.query["limit"]: ctx.query["value"]})

    async def unknown_option(ctx):
        ctx.multipart(autofields=True)

    async def charset(ctx):
        ctx.multipart(**{ctx.query["name"]: "nope"})

    async def lines(ctx):
        await ctx.read_leading_fields()
        parts = ctx.multipart(limits={"header_size": 100})
        return [part.filename async for part in parts if part.is_file]

    async def latin(ctx):
        options = {"default_charset": "latin-1", "default_param_charset": "latin-1"}
        return [[part.name, part.value] async for part in ctx.multipart(**options)]

    def router(app):
        from eggd import HttpError
        app.refusal = HttpError(422, "not this one")
        for path, handler in (
            ("/all", all_parts), ("/collected", collected), ("/one", one), ("/twice", twice),
            ("/late", late), ("/small", small), ("/checked", checked), ("/unknown", unknown),
            ("/option", unknown_option), ("/latin", latin), ("/untouched", untouched),
            ("/charset", charset), ("/lines", lines),
        ):
            app.post(path, handler)
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("stream"), router=ROUTER) as running:
        yield running


def test_parts_come_in_order(shop: Site) -> None:
    """Fields and files (process:MP-20)."""
    encoded = b"--%b\r\nContent-Disposition: form-data; name=e; filename=e.js\r\n" % BOUNDARY
    encoded += (
        b"Content-Transfer-Encoding: base64\r\nContent-Type: Text/JS;charset=x\r\n\r\nYQ==\r\n"
    )
    assert shop.json("/all", field("a", "1"), file(), field("a", "ü"), encoded) == [
        ["a", "1"],
        ["f", "a.png", "application/octet-stream", "7bit"],
        ["a", "ü"],
        ["e", "e.js", "text/js", "base64"],
    ]


def test_fields_can_be_collected(shop: Site) -> None:
    """With `auto_fields` only files are yielded (process:MP-20)."""
    data = shop.json("/collected", field("a", "1"), file(), field("b", "2"))
    assert data == [["a.png"], {"a": "1", "b": "2"}]


def test_a_file_that_the_user_has_not_chosen_is_left_out(shop: Site) -> None:
    """An empty file name (process:MP-21)."""
    assert shop.json("/all", file(filename=""), field("a", "1")) == [["a", "1"]]


def test_the_first_file(shop: Site) -> None:
    """With the fields before it; the rest of the body is not waited for (process:MP-22)."""
    parts = field("a", "1"), file(content=b"GIF89a..."), field("b", "2")
    assert shop.json("/one", *parts) == ["a.png", {"a": "1"}, 9, "image/gif"]


def test_no_file(shop: Site) -> None:
    """400, or an empty part if the file is optional (process:MP-22)."""
    answer = shop.post("/one", field("a", "1"))
    assert (answer.status, "t found upload file" in answer.text) == (400, True)
    assert shop.json("/one?optional=1", field("a", "1")) == ["", {"a": "1"}, 0, ""]


def test_a_file_that_is_not_read_delays_no_answer(shop: Site) -> None:
    answer = shop.post("/untouched", file(content=b"x" * 3_000_000), field("b", "2"))
    assert (answer.status, answer.text) == (200, "untouched")


@pytest.mark.parametrize(
    "kind", ["application/json", "text/plain; boundary=x", "", "multipart", "multipartx/a"]
)
def test_another_media_type(shop: Site, kind: str) -> None:
    """400 with Egg's text (process:MP-12)."""
    answer = shop.client.ask("POST", "/all", b"{}", {"Content-Type": kind})
    assert (answer.status, "Content-Type must be multipart/*" in answer.text) == (400, True)


def test_a_second_reader_is_refused(shop: Site) -> None:
    """500, with Egg's text in the log (process:MP-12)."""
    assert shop.post("/twice", field("a")).status == 500
    log = (shop.client.log_dir / "common-error.log").read_text()
    assert "the multipart request can't be consumed twice" in log


def test_a_file_cannot_be_read_after_the_next_part(shop: Site) -> None:
    assert shop.post("/late", file(), field("a")).status == 500
    log = (shop.client.log_dir / "common-error.log").read_text()
    assert "the file of field 'f' was skipped" in log


def test_a_too_large_file_raises_in_the_handler(shop: Site) -> None:
    """413 with Egg's text, and one warning (process:MP-23)."""
    answer = shop.post("/small", field("a"), file(content=b"x" * 1024))
    text = "Request file too large, please check multipart config"
    assert (answer.status, text in answer.text) == (413, True)
    assert text in shop.log()
    assert shop.json("/small", field("a"), file(content=b"x" * 1023)) == [1, 1]


def test_the_error_of_a_too_large_file_has_its_fields() -> None:
    """For a handler that catches it (process:MP-23)."""
    from eggd.plugins.multipart.errors import MultipartFileTooLargeError

    error = MultipartFileTooLargeError({"a": "1"}, "a.png")
    assert (error.status, error.fields, error.filename) == (413, {"a": "1"}, "a.png")
    assert error.code == "Request_fileSize_limit"


def test_limits_of_a_call(shop: Site) -> None:
    """The limits of a call replace those of the config (process:MP-24)."""
    assert "Reach fields limit" in shop.post("/small", field("a"), field("b")).text


def test_a_check_of_files(shop: Site) -> None:
    """Instead of the check of extensions; its error is answered (process:MP-24)."""
    assert shop.json("/checked", file(filename="a.exe")) == ["a.exe"]
    answer = shop.post("/checked", file(filename="bad.png"))
    assert (answer.status, "not this one" in answer.text) == (422, True)
    assert shop.post("/checked", file(filename="false.png")).status == 500
    line = "check_file of 'false.png' returned False (return an exception to refuse the file"
    assert line in (shop.client.log_dir / "common-error.log").read_text()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "/unknown?limit=file_sise&value=1",
            "unknown limit 'file_sise' (did you mean 'file_size'?)",
        ),
        ("/unknown?limit=file_size&value=big", "limit file_size must be 0 or more bytes"),
        ("/unknown?limit=fields&value=1", "limit fields must be a whole number, not '1'"),
        ("/option", "unknown option 'autofields' (did you mean 'auto_fields'?)"),
        ("/charset?name=default_charset", "default_charset 'nope' is not a charset"),
        ("/charset?name=default_param_charset", "default_param_charset 'nope' is not a charset"),
    ],
)
def test_a_wrong_option_is_an_error(shop: Site, path: str, text: str) -> None:
    assert shop.post(path, field("a")).status == 500
    assert text in (shop.client.log_dir / "common-error.log").read_text()


def test_a_limit_of_header_lines_after_the_leading_fields(shop: Site) -> None:
    """The options of the handler apply to parts behind those that CSRF has read."""
    assert shop.json("/lines", field("a"), file(filename="a.png")) == ["a.png"]
    long = file(filename="a" * 100 + ".png")
    answer = shop.post("/lines", file(filename="a.png", content=b"x" * 200_000), long)
    assert (answer.status, "Reach headerSize limit" in answer.text) == (431, True)


def test_charsets(shop: Site) -> None:
    """Of the call, or of the part; an unknown one is ignored (process:MP-33, known:KW-59)."""
    assert shop.json("/latin", part('form-data; name="a"', "é".encode("latin-1"))) == [["a", "é"]]
    for kind, data in (("gbk", "中"), ("hex", "ü"), ("utf-8", "€")):
        encoded = data.encode(kind if kind != "hex" else "utf-8")
        sent = part('form-data; name="a"', encoded, f"text/plain; charset={kind}")
        assert shop.json("/all", sent) == [["a", data]]
    assert shop.json("/all", part('form-data; name="a"', b"\xff")) == [["a", "\ufffd"]]


@pytest.mark.parametrize("name", ["a[4294967295]", "__proto__", "a" + "[]" * 40, "a.b[c]"])
def test_names_are_flat(shop: Site, name: str) -> None:
    """Brackets and JavaScript's names have no meaning (known:KW-51)."""
    assert shop.json("/all", field(name, "1")) == [[name, "1"]]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "unexpected end"),
        (b"--", "unexpected end"),
        (form(field("a"))[:-4], "unexpected end"),
        (form(file(content=b"abc"))[:-20], "unexpected end"),
        (b"--%b\r\nno colon\r\n\r\n" % BOUNDARY, "header line of a part"),
        (b"x" * 70_000, "no boundary"),
    ],
)
def test_a_malformed_body(shop: Site, body: bytes, text: str) -> None:
    """One 400, and the worker goes on (known:KW-49, process:MP-13)."""
    answer = shop.client.ask("POST", "/all", body, TYPE)
    assert (answer.status, text in answer.text) == (400, True)
    assert shop.json("/all", field("a", "1")) == [["a", "1"]]
    assert not (shop.client.log_dir / "common-error.log").read_text().count("Traceback: malformed")


def test_a_coded_body_is_refused(shop: Site) -> None:
    answer = shop.post("/all", field("a"), headers={"Content-Encoding": "gzip"})
    assert (answer.status, "unsupported content encoding" in answer.text) == (415, True)


def test_bytes_after_the_last_boundary_are_ignored(shop: Site) -> None:
    """However many (known:KW-53)."""
    before = shop.log()
    body = form(field("a", "1")) + b"x" * 3_000_000
    answer = shop.client.ask("POST", "/all", body, TYPE)
    assert json.loads(answer.body) == [["a", "1"]]
    assert shop.log() == before


def test_a_site_without_uploads_does_not_import_the_library() -> None:
    """Neither python-multipart nor the reader: both wait for the first upload."""
    code = (
        "import sys\n"
        "import eggd.plugins.multipart.section, eggd.plugins.multipart.agent\n"
        "late = {'multipart', 'python_multipart', 'eggd.plugins.multipart.reader'}\n"
        "names = late.intersection(sys.modules)\n"
        "assert not names, names\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path.cwd())
