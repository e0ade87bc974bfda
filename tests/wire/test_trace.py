from __future__ import annotations

import os

import pytest

from eggd.wire.trace import is_trace, new_id, state_of

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


def test_ids_differ_in_a_forked_child() -> None:
    """A child has a copy of the parent's memory, but makes ids of its own."""
    new_id()  # from here on some are ready
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.write(writer, "".join(new_id() for _ in range(300)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reader, 32 * 300).decode()
    os.close(reader)
    os.close(writer)
    ids = {theirs[start : start + 32] for start in range(0, len(theirs), 32)}
    ids |= {new_id() for _ in range(300)}
    assert len(ids) == 600
    assert all(is_trace(each) and len(each) == 32 for each in ids)
