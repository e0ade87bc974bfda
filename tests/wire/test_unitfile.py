"""Unit files: what systemd.syntax(7) says, and a line for everything else."""

import math

import pytest

from eggd.wire.line_error import LineError
from eggd.wire.unitfile import Directive, parse

FILE = r"""
# a comment
; another
[Unit]
Description=worker %i

[Service]
Environment = A=%%i  \
  # a comment between continued lines
  B=2
Restart=always
"""


def one(value: str) -> Directive:
    return next(parse(f"[S]\nKey={value}\n"))


def test_sections_comments_continued_lines_and_the_instance() -> None:
    assert [(each.line, each.name, each.value) for each in parse(FILE, "7")] == [
        (5, "[Unit] Description=", "worker 7"),
        (8, "[Service] Environment=", "A=%i   B=2"),
        (11, "[Service] Restart=", "always"),
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Key=1\n", "line 1: Key= stands before any [Section]"),
        ("[S]\nnonsense\n", "line 2: 'nonsense' is not an assignment (Key=value)"),
        ("[S]\n\nKey=%n\n", "line 3: '%n': only %i and %% are expanded"),
        ("[S]\nKey=50%", "line 2: '%': only %i and %% are expanded"),
        ("[S]\nKey=a \\\n", "line 2: the last line ends with a backslash"),
        ("[S]\nBad Key=a\n", "line 2: 'Bad Key=a' is not an assignment (Key=value)"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(text: str, problem: str) -> None:
    with pytest.raises(LineError) as caught:
        list(parse(text))
    assert str(caught.value) == problem


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10", 10.0),
        ("0", 0.0),
        ("500ms", 0.5),
        ("1min 30s", 90.0),
        ("2h", 7200.0),
        ("1.5", 1.5),
        ("infinity", math.inf),
    ],
)
def test_time_spans(text: str, seconds: float) -> None:
    assert one(text).seconds() == seconds


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("seconds", ""),
        ("seconds", "soon"),
        ("seconds", "5 parsecs"),
        ("seconds", "-1"),
        ("boolean", "maybe"),
        ("number", "4k"),
        ("number", "-1"),
        ("mode", "9999"),
        ("words", "'open"),
    ],
)
def test_a_value_of_the_wrong_kind_names_directive_line_and_value(kind: str, text: str) -> None:
    with pytest.raises(LineError) as caught:
        getattr(one(text), kind)()
    assert caught.value.line == 2
    assert "[S] Key=" in caught.value.problem
    assert text in caught.value.problem


def test_values() -> None:
    assert one("yes").boolean() is True
    assert one("Off").boolean() is False
    assert one("4096").number() == 4096
    assert one("0660").mode() == 0o660
    assert one("""/bin/x -m "a b" 'c'""").words() == ["/bin/x", "-m", "a b", "c"]
