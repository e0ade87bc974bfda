"""Each limit, at its last accepted value and above it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from eggd.config.measures import size
from eggd.plugins.multipart.section import MultipartConfig
from tests.plugins.uploads.forms import BOUNDARY, Site, field, file, part, site


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("limits")) as running:
        yield running


def test_the_defaults() -> None:
    """As Egg's, and further limits (process:MP-1)."""
    config = MultipartConfig()
    assert (config.mode, config.auto_fields, config.allow_array_field) == ("stream", False, False)
    assert (config.default_charset, config.default_param_charset) == ("utf-8", "utf-8")
    assert (config.field_name_size, config.field_size) == (100, size("100kb"))
    assert (config.fields, config.files, config.file_size) == (10, 10, size("10mb"))
    assert (config.file_extensions, config.whitelist) == ((), None)
    assert (config.fields_size, config.most_parts, config.header_size) == (size("1mb"), 40, 8192)
    assert not config.clean_schedule.disable


def code(text: str) -> str:
    """Returns Egg's code of a limit."""
    return f"Request_{text.split()[1]}_limit"


TOO_MUCH = [
    ([file(content=b"x" * size("10mb"))], 413, "Reach fileSize limit"),
    ([field("a", "x" * size("100kb"))], 413, "Reach fieldSize limit"),
    ([part('form-data; name="a"', b"x" * size("2mb"))], 413, "Reach fieldSize limit"),
    ([field(f"a{n}") for n in range(11)], 413, "Reach fields limit"),
    ([file(f"a{n}") for n in range(11)], 413, "Reach files limit"),
    ([file(filename="")] * 41, 413, "Reach parts limit"),
    ([part("attachment", b"")] * 41, 413, "Reach parts limit"),
    ([field("a" * 100)], 413, "Reach fieldNameSize limit"),
    ([file("ü" * 50)], 413, "Reach fieldNameSize limit"),
    ([part("form-data; name=" + "a" * 9000, b"")], 431, "Reach headerSize limit"),
    ([b"--" + BOUNDARY + b"\r\n" + b"a: b\r\n" * 2000], 431, "Reach headerSize limit"),
]


@pytest.mark.parametrize(("parts", "status", "text"), TOO_MUCH, ids=[str(n) for n in range(11)])
def test_above(shop: Site, parts: list[bytes], status: int, text: str) -> None:
    """The size that reaches the limit, the eleventh field (process:MP-10, MP-11, known:KW-54)."""
    for path in ("/save", "/stream") if "fileSize" not in text else ("/save",):
        answer = shop.post(path, *parts, headers={"Accept": "application/json"})
        assert answer.status == status
        assert json.loads(answer.body) == {"code": code(text), "message": text}
    assert shop.files() == []
    assert text in shop.log()


ENOUGH = [
    [file(content=b"x" * (size("10mb") - 1))],
    [field("a", "x" * (size("100kb") - 1))],
    [field(f"a{n}") for n in range(10)] + [file(f"f{n}") for n in range(10)],
    [file(filename="")] * 30 + [part("attachment", b"")] * 10,
    [field("a" * 99)],
]


@pytest.mark.parametrize("parts", ENOUGH, ids=[str(n) for n in range(5)])
def test_at(shop: Site, parts: list[bytes]) -> None:
    """The size below the limit, exactly ten fields and files (process:MP-10, MP-11)."""
    assert shop.post("/stream", *parts).status == 200


@pytest.mark.parametrize(
    ("options", "parts", "text"),
    [
        ("'fields': 0", [field("a")], "Reach fields limit"),
        ("'files': 0", [file()], "Reach files limit"),
        ("'fields': 100, 'fields_size': '300kb'", [field("a", "x" * 90_000)] * 4, "fieldsSize"),
        ("'parts': 2", [field("a")] * 3, "Reach parts limit"),
        ("'file_size': '2kb'", [file(content=b"x" * 2048)], "Reach fileSize limit"),
        ("'header_size': 60", [field("a" * 40)], "Reach headerSize limit"),
        ("'field_name_size': 5", [field("a" * 5)], "Reach fieldNameSize limit"),
    ],
)
def test_other_values(tmp_path: Path, options: str, parts: list[bytes], text: str) -> None:
    """0 accepts no part of the kind; the sum of all fields has a limit, too (known:KW-54)."""
    with site(tmp_path, options) as shop:
        answer = shop.post("/save", *parts)
        assert (answer.status in (413, 431), text in answer.text) == (True, True), answer.text
        assert shop.files() == []
