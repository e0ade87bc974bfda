"""The field Range (RFC 9110 section 14)."""

import pytest

from eggd.wire.ranges import MOST, byte_ranges


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("bytes=0-3", [(0, 4)]),
        ("Bytes=0-0", [(0, 1)]),
        ("BYTES=-1", [(9, 10)]),
        ("bytes=2-", [(2, 10)]),
        ("bytes=-3", [(7, 10)]),
        ("bytes=-30", [(0, 10)]),  # known:KW-64
        ("bytes=5-99", [(5, 10)]),
        ("bytes= 0-1", [(0, 2)]),
        # several: in the order of the request, joined where they overlap
        ("bytes=0-1,4-5", [(0, 2), (4, 6)]),
        ("bytes=4-5 ,\t0-1,", [(4, 6), (0, 2)]),
        ("bytes=0-4,3-6,9-9", [(0, 7), (9, 10)]),
        ("bytes=0-,0-,0-", [(0, 10)]),
        ("bytes=0-0,50-60", [(0, 1)]),
        ("bytes=0-0,-0", [(0, 1)]),
        # malformed, or too much
        ("", None),
        ("byte=0-0", None),
        ("bytes=3-1", None),
        ("bytes=0-1,3-1", None),
        ("bytes=-", None),
        ("bytes=", None),
        ("bytes=,", None),
        ("bytes=0-1-2", None),
        ("bytes=+1-2", None),
        ("bytes=\u0661-", None),
        ("lines=1-2", None),
        ("bytes=" + "9" * 5000 + "-", None),
        ("bytes=" + ",".join(["0-0"] * (MOST + 1)), None),
        ("bytes=" + "0-0," * 10_000, None),
    ],
)
def test_ranges(field: str, expected: list[tuple[int, int]] | None) -> None:
    assert byte_ranges(field, 10) == expected


@pytest.mark.parametrize(
    ("field", "size"),
    [("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-", 0), ("bytes=-5", 0), ("bytes=10-,99-", 10)],
)
def test_a_range_outside_of_the_content(field: str, size: int) -> None:
    """The answer is 416 (known:KW-64)."""
    with pytest.raises(ValueError, match="bytes"):
        byte_ranges(field, size)
