"""The parts in the bytes of a body, however they are divided into chunks."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest

from eggd.plugins.multipart.errors import LimitError, UploadError
from eggd.plugins.multipart.framing import Begin, Content, Done, End, Framing
from eggd.plugins.multipart.headers import HeaderReader
from tests.plugins.uploads.forms import BOUNDARY, field, file, form

KiB, MiB = 1024, 1024 * 1024
Parts = list[tuple[dict[str, bytes], bytes]]

WHOLE = form(field("a", "1"), file(content=b"\r\n--" + BOUNDARY[:-1] + b"\r\n\r"), field("b", ""))


def chunks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def parsed(pieces: Iterator[bytes], boundary: bytes = BOUNDARY, limit: int = 8 * KiB) -> Parts:
    """Returns the headers and the content of all parts; the body must be complete."""
    framing = Framing(boundary, HeaderReader(boundary), limit)
    parts: Parts = []
    is_done = is_open = False
    for piece in pieces:
        for event in framing.feed(piece):
            assert not is_done
            if isinstance(event, Begin):
                assert not is_open
                parts.append((dict(event.headers), b""))
                is_open = True
            elif isinstance(event, Content):
                assert is_open
                parts[-1] = (parts[-1][0], parts[-1][1] + event.data)
            elif isinstance(event, End):
                is_open = False
            else:
                assert isinstance(event, Done)
                is_done = True
    assert is_done
    return parts


def contents(data: bytes, boundary: bytes = BOUNDARY) -> list[bytes]:
    return [content for _, content in parsed(iter([data]), boundary)]


@pytest.mark.parametrize("size", range(1, 40))
def test_every_division_gives_the_same_parts(size: int) -> None:
    """One byte at a time, and every other size of chunks (known:KW-52)."""
    assert parsed(chunks(WHOLE, size)) == parsed(iter([WHOLE]))


def test_a_boundary_is_cut_at_every_offset() -> None:
    """In two chunks, at each byte (known:KW-52)."""
    expected = parsed(iter([WHOLE]))
    for at in range(1, len(WHOLE)):
        assert parsed(iter([WHOLE[:at], WHOLE[at:]])) == expected


def test_random_contents_in_random_chunks() -> None:
    """Contents of the bytes of delimiters, divided at random."""
    dice = random.Random(1)
    for boundary in (b"a", BOUNDARY, b"-" * 70, b"x'()+_,-./:=? y"):
        pieces = [b"\r", b"\n", b"-", b"--", boundary, b"\r\n--" + boundary[:-1], b" ", b"z"]
        for _ in range(100):
            contents_ = [b"".join(dice.choices(pieces, k=dice.randrange(12))) for _ in range(3)]
            contents_ = [each for each in contents_ if b"\r\n--" + boundary not in b"\r\n" + each]
            body = b"".join(
                b"\r\n--%b\r\nContent-Type: a/b\r\n\r\n%b" % (boundary, each) for each in contents_
            )
            body += b"\r\n--%b--" % boundary
            cuts = chunks(body, dice.randrange(1, 30))
            assert [content for _, content in parsed(cuts, boundary)] == contents_


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"--b--", []),
        (b"\r\n--b--\r\n", []),
        (b"preamble\r\n--b\r\n\r\nx\r\n--b--\r\nepilogue", [b"x"]),
        (b"--b \t \r\n\r\nx\r\n--b--", [b"x"]),
        (b"--b\r\n\r\nx\r\n--bb\r\n--b--", [b"x\r\n--bb"]),
        (b"--b\r\n\r\n\r\n--b--", [b""]),
        (b"--b\r\n\r\nx\n--b\r\ny\r\n--b--", [b"x\n--b\r\ny"]),
        (b"--b\r\nContent-MD5: 1\r\nX-1: y\r\n\r\nx\r\n--b--\r\n--b\r\n", [b"x"]),
    ],
)
def test_delimiters(body: bytes, expected: list[bytes]) -> None:
    """Preamble, epilogue, padding, and lines that only resemble a delimiter (known:KW-50)."""
    assert contents(body, b"b") == expected
    assert [content for _, content in parsed(chunks(body, 1), b"b")] == expected


@pytest.mark.parametrize(
    "line",
    [
        b" Content-Disposition: form-data",
        b"no colon",
        b": empty",
        b"a b: c",
        b"a: b\nc: d",
        b"a: b\rc",
        b"a: \x00",
        b"a: b\r\n continued",
        b"Content-Type: a/b\r\ncontent-type: a/b",
        b"\xff: a",
        b"a" * 200 + b": a",
    ],
)
def test_malformed_header_lines(line: bytes) -> None:
    """Each is 400 (known:KW-51)."""
    with pytest.raises(UploadError) as caught:
        contents(b"--b\r\n" + line + b"\r\n\r\nx\r\n--b--", b"b")
    assert caught.value.status == 400


@pytest.mark.parametrize("size", [1, 7, 64 * KiB])
@pytest.mark.parametrize("line", [b"a: b\r\n" * 10_000, b"a" * 100_000, b"a: " + b"b" * 100_000])
def test_header_lines_have_a_limit(line: bytes, size: int) -> None:
    """10,000 lines, one long line, without their end (known:KW-51)."""
    with pytest.raises(LimitError) as caught:
        parsed(chunks(b"--b\r\n" + line, size), b"b")
    assert (caught.value.status, caught.value.code) == (431, "Request_headerSize_limit")


def test_bytes_before_the_first_boundary_have_a_limit() -> None:
    """64 KiB, even if a boundary follows (known:KW-53)."""
    assert contents(b"x" * 60_000 + b"\r\n--b--", b"b") == []
    with pytest.raises(UploadError, match="no boundary in the first 65536 bytes"):
        contents(b"x" * 70_000 + b"\r\n--b--", b"b")


def cost(content: bytes, size: int, boundary: bytes = b"b" * 30) -> float:
    """Returns the seconds to parse a file of this content in chunks, the best of three."""
    body = b"--%b\r\n\r\n%b\r\n--%b--" % (boundary, content, boundary)
    pieces = list(chunks(body, size))
    times = []
    for _ in range(3):
        start = time.process_time()
        framing = Framing(boundary, HeaderReader(boundary), 8 * KiB)
        for piece in pieces:
            for _event in framing.feed(piece):
                pass
        times.append(time.process_time() - start)
    return min(times)


LOOKALIKES = [
    b"\r",
    b"\n",
    b"\r\n",
    b"\r\n--",
    b"\r\n--" + b"b" * 29,
    b"\r\n--" + b"b" * 30 + b"x",
    b"\r\n--" + b"b" * 30 + b" " * 255 + b"x",
    b"-",
    b"b",
    b"\x00",
]


@pytest.mark.parametrize("unit", LOOKALIKES, ids=repr)
@pytest.mark.parametrize("size", [64, 64 * KiB])
def test_the_time_grows_with_the_bytes_only(unit: bytes, size: int) -> None:
    """Contents that resemble delimiters: four times the bytes take four times as long, and a chunk
    of 256 KiB some milliseconds (known:KW-52)."""
    length = MiB // 4 if size > 64 else 64 * KiB
    content = (unit * (length // len(unit)))[:length]
    small, large = cost(content, size), cost(content * 4, size)
    assert large <= small * 8 + 0.02
    assert small < 0.1
