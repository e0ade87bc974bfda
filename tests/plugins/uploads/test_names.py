"""Names of fields and files, as clients send them."""

from __future__ import annotations

import pytest

from eggd.plugins.multipart.boundary import boundary_of
from eggd.plugins.multipart.errors import UploadError
from eggd.plugins.multipart.filename import clean_name, name_check, stored_extension
from eggd.plugins.multipart.heading import heading_of


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/form-data; boundary=abc", b"abc"),
        ('multipart/form-data; boundary="abc"', b"abc"),
        ("MULTIPART/FORM-DATA; BOUNDARY=abc", b"abc"),
        ("multipart/form-data; boundary=abc ", b"abc"),
        ("multipart/form-data;charset=utf-8;boundary=abc;x", b"abc"),
        ('multipart/mixed; boundary="a/\'()+_,-./:=? b"', b"a/'()+_,-./:=? b"),
        ("multipart/form-data; boundary=a/'()+_,-./:=?b", b"a/'()+_,-./:=?b"),
        ("multipart/form-data; boundary=" + "x" * 70, b"x" * 70),
    ],
)
def test_boundaries(content_type: str, boundary: bytes) -> None:
    """Every legal one, quoted or not (known:KW-50)."""
    assert boundary_of(content_type) == boundary


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        'multipart/form-data; boundary=""',
        'multipart/form-data; boundary=" "',
        "multipart/form-data; boundary=" + "x" * 71,
        "multipart/form-data; boundary=a; boundary=b",
        'multipart/form-data; boundary="a',
        "multipart/form-data; boundary=a\x01b",
        "multipart/form-data; boundary=\xe4",
        "application/json",
        "",
    ],
)
def test_bad_boundaries(content_type: str) -> None:
    """Each is 400, and so is another media type (known:KW-50, process:MP-12)."""
    with pytest.raises(UploadError) as caught:
        boundary_of(content_type)
    assert caught.value.status == 400


EURO = "€.txt"


@pytest.mark.parametrize(
    ("parameters", "filename"),
    [
        ('filename="a.png"', "a.png"),
        ("filename=a.png", "a.png"),
        ('FileName="a.png"', "a.png"),
        ('filename="€.txt"', EURO),
        ("filename*=UTF-8''%E2%82%AC.txt", EURO),
        ("filename*=utf-8'en'%E2%82%AC.txt; filename=\"a.png\"", EURO),
        ("filename=\"a.png\"; filename*=UTF-8''%E2%82%AC.txt", EURO),
        ("filename*=iso-8859-1''%A3.txt", "£.txt"),
        ("filename*=foo''%ff", "�"),
        ("filename*=hex''%41", "A"),
        ("filename*=UTF-8", "UTF-8"),
        ("filename*=''a", "a"),
        ('filename="a\\"b.png"', 'a"b.png'),
        ('filename="a%22b.png"', 'a"b.png'),
        ('filename="C:\\dir\\a.png"', "C:\\dir\\a.png"),
        ('filename="a;b.png"', "a;b.png"),
        ("filename=", ""),
        ('filename=""', ""),
        ("x=y", None),
    ],
)
def test_file_names_are_read(parameters: str, filename: str | None) -> None:
    """Raw UTF-8 and both forms of RFC 8187; the extended form wins (process:MP-33, known:KW-59)."""
    line = f'form-data; name="f"; {parameters}'.encode()
    heading = heading_of({"content-disposition": line}, "utf-8")
    assert heading is not None
    assert heading.filename == filename


def test_another_charset_of_names() -> None:
    """The config's `default_param_charset` (process:MP-33)."""
    line = 'form-data; name="é"; filename="é.png"'.encode("latin-1")
    heading = heading_of({"content-disposition": line}, "latin-1")
    assert heading is not None
    assert (heading.name, heading.filename) == ("é", "é.png")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "form-data",
        'form-data; name=""',
        'attachment; name="a"',
        'file; filename="a"',
    ],
)
def test_a_part_that_is_not_of_a_form_is_skipped(line: str) -> None:
    """Without a name, or without form-data (known:KW-51)."""
    assert heading_of({"content-disposition": line.encode()}, "utf-8") is None


@pytest.mark.parametrize(
    "line", ['form-data; name="a', 'form-data; name="a"b', "form-data; name=a; name=b"]
)
def test_malformed_parameters(line: str) -> None:
    """Each is 400 (known:KW-51)."""
    with pytest.raises(UploadError, match="Malformed multipart body"):
        heading_of({"content-disposition": line.encode()}, "utf-8")


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("a.png", "a.png"),
        ("/etc/passwd", "passwd"),
        ("../../a.png", "a.png"),
        ("..\\..\\a.png", "a.png"),
        ("C:\\dir\\a.png", "a.png"),
        ("shell.php.", "shell.php"),
        ("shell.php ", "shell.php"),
        ("shell.php. . .", "shell.php"),
        (".htaccess", ".htaccess"),
        ("ü.png", "ü.png"),
        ("", ""),
    ],
)
def test_clean_names(name: str, clean: str) -> None:
    """Without folders, and without dots and blanks at the end (known:KW-58)."""
    assert clean_name(name) == clean


@pytest.mark.parametrize(
    "name",
    [
        *("..", ".", "/", "a/", " ", "...", "a.asp:.jpg", "x.html;.jpg", "a\x00.png", "a\n.png"),
        *("a" * 256, "C:a.png", "a\x7f", "x/.."),
    ],
)
def test_refused_names(name: str) -> None:
    """Each is 400 (known:KW-58)."""
    with pytest.raises(UploadError, match="Invalid filename:") as caught:
        clean_name(name)
    assert caught.value.status == 400
    assert caught.value.message.isprintable()


DEFAULTS = (
    ".jpg .jpeg .png .gif .bmp .wbmp .webp .tif .psd .svg .js .jsx .json .css .less .html .htm .xml"
    " .zip .gz .tgz .gzip .mp3 .mp4 .avi"
).split()


@pytest.mark.parametrize(
    ("whitelist", "more", "accepted", "refused"),
    [
        (None, [], [f"a{each}" for each in DEFAULTS], ["a", "a.pdf", "a.png.exe", ".png"]),
        (None, [], ["A.PNG", "a.b.Gz"], ["a.PHP"]),
        (None, ["PDF", ".Txt", ""], ["a.pdf", "a.txt", "a", "a.png"], ["a.exe"]),
        ([".pdf"], [], ["a.pdf", "a.PDF"], ["a.png", "a"]),
        ([".pdf"], [".exe"], ["a.pdf"], ["a.exe"]),
        (lambda name: name.startswith("a"), [], ["a.exe", "a"], ["b.png"]),
    ],
)
def test_accepted_extensions(
    whitelist: object, more: list[str], accepted: list[str], refused: list[str]
) -> None:
    """Defaults, additions, and a list or function instead of them (process:MP-3, MP-4)."""
    check = name_check(whitelist, more)  # type: ignore[arg-type]
    for name in accepted:
        check(name)
    for name in refused:
        with pytest.raises(UploadError, match="Invalid filename:") as caught:
            check(name)
        assert caught.value.status == 400


def test_a_whitelist_function_that_raises() -> None:
    """400 with its message (process:MP-3)."""

    def whitelist(name: str) -> bool:
        raise ValueError(f"not {name}")

    with pytest.raises(UploadError, match="not b") as caught:
        name_check(whitelist, [])("b")
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("name", "stored"),
    [("a.PNG", ".png"), ("a", ""), ("a.ü", ""), ("a. b", ""), ("a." + "b" * 30, ""), (".a", "")],
)
def test_the_extension_on_disk(name: str, stored: str) -> None:
    """Plain characters only (process:MP-31)."""
    assert stored_extension(name) == stored
