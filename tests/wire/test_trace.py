from __future__ import annotations

import pytest

from eggd.wire.trace import state_of

LONG = "a" * 256


@pytest.mark.parametrize(
    ("value", "passed"),
    [
        ("", ""),
        ("rojo=00f067aa0ba902b7", "rojo=00f067aa0ba902b7"),
        ("a=1 ,\tb=2,", "a=1,b=2"),
        ("fw529a3039@dt=FfAA12", "fw529a3039@dt=FfAA12"),
        ("0a@dt=x y", "0a@dt=x y"),
        (f"{LONG}=1", f"{LONG}=1"),
        (f"a={LONG}", f"a={LONG}"),
        (",".join(f"k{number}=v" for number in range(32)),) * 2,
        (",".join(f"k{number}=v" for number in range(33)), ""),
        ("a=1,a=2", ""),
        (f"{LONG}a=1", ""),
        (f"a={LONG}a", ""),
        ("A=1", ""),
        ("0a=1", ""),
        ("a=", ""),
        ("a", ""),
        ("a=b=c", ""),
        ("a=\x7f", ""),
        ("a=é", ""),
        ("a=1\r\nx: y", ""),
        (f"a=1,{' ' * 4096}", ""),
    ],
)
def test_only_a_valid_state_is_passed_on(value: str, passed: str) -> None:
    """The members of W3C Trace Context, section 3.3.1; white space around them is optional."""
    assert state_of(value) == passed
