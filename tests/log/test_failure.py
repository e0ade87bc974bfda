from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from eggd.errors import ConfigError, HttpError
from eggd.log.failure import headline, report


class SilentError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("exc", "line"),
    [
        (ValueError("bad"), "python.ValueError: bad"),
        (KeyError("x"), "python.KeyError: 'x'"),
        (FileNotFoundError(2, "gone", "/f"), "python.FileNotFoundError: [Errno 2] gone: '/f'"),
        (ValueError(), "python.ValueError: no_message"),
        (socket.gaierror(-2, "name"), "python.socket.gaierror: [Errno -2] name"),
        (ConfigError("x.y: no", hint="say z"), "framework.ConfigError: x.y: no (say z)"),
    ],
)
def test_the_first_line_names_the_error(exc: Exception, line: str) -> None:
    assert headline(exc) == line
    assert report(exc).splitlines()[0] == line


def test_an_error_that_cannot_be_shown() -> None:
    assert "SilentError: no_message" in report(SilentError())


def test_the_end_names_process_and_host() -> None:
    tail = f"pid: {os.getpid()}\nhostname: {socket.gethostname()}\n"
    assert report(ValueError("bad")) == f"python.ValueError: bad\n{tail}"


def test_where_and_why() -> None:
    try:
        try:
            raise KeyError("inner")
        except KeyError as exc:
            raise ValueError("outer") from exc
    except ValueError as exc:
        text = report(exc)
    first, second = text.split("cause: ")
    assert "Traceback (most recent call last):" in first
    assert 'raise ValueError("outer") from exc' in first
    assert second.startswith("python.KeyError: 'inner'\nTraceback")


def test_an_error_while_handling_another() -> None:
    exc = ValueError("outer")
    exc.__context__ = KeyError("inner")
    assert "\nwhile handling: python.KeyError: 'inner'\n" in report(exc)


def test_an_expected_failure_shows_no_stack_but_its_cause_does() -> None:
    try:
        try:
            raise KeyError("inner")
        except KeyError as exc:
            raise ConfigError("config: bad") from exc
    except ConfigError as exc:
        lines = report(exc).splitlines()
    assert lines[:3] == [
        "framework.ConfigError: config: bad",
        "cause: python.KeyError: 'inner'",
        "Traceback (most recent call last):",
    ]


def test_an_http_error_shows_where_it_was_raised() -> None:
    try:
        raise HttpError(500, "oops")
    except HttpError as exc:
        text = report(exc)
    assert "Traceback" in text
    assert "\nstatus: 500\n" in text


def test_a_group_shows_each() -> None:
    group = ExceptionGroup("all", [ValueError("a"), ExceptionGroup("in", [KeyError("b")])])
    lines = report(group).splitlines()
    assert lines[1:4] == [
        "[error-0]: python.ValueError: a",
        "[error-1]: python.ExceptionGroup: in (1 sub-exception)",
        "[error-0]: python.KeyError: 'b'",
    ]


def test_a_long_chain_ends() -> None:
    first = exc = ValueError("0")
    for number in range(1, 20):
        exc.__cause__ = ValueError(str(number))
        exc = exc.__cause__
    exc.__cause__ = first
    text = report(first)
    assert text.count("cause: python") == 10
    assert "cause: too long cause chain" in text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (7, "7"),
        ("é", '"é"'),
        ({"a": [1, None]}, '{"a": [1, null]}'),
        (b"\x01\x02", "0102"),
        (b"a" * 60, "61" * 50 + "...(60)"),
        ("x" * 10_001, '"' + "x" * 9_999 + "...(10003)"),
        (object(), '"<object>"'),
        ({1: {2}}, '{"1": "<set>"}'),
    ],
)
def test_own_attributes(value: object, shown: str) -> None:
    exc = ValueError("bad")
    exc.thing = value  # type: ignore[attr-defined]
    assert f"\nthing: {shown}\n" in report(exc)


@pytest.mark.parametrize("name", ["password", "api_token", "SECRET", "cookie", "authorization"])
def test_secrets_stay_out(name: str) -> None:
    exc = ValueError("bad")
    setattr(exc, name, "s3cr3t")
    assert f"\n{name}: [hidden]\n" in report(exc)
    assert "s3cr3t" not in report(exc)


@pytest.mark.parametrize(
    ("line", "secrets"),
    [
        ('raise RuntimeError("password=hunter2 https://me:pw7@h/")', ("hunter2", "pw7")),
        ('int("x", base=connect(api_token="abc123"))', ("abc123",)),
        ('password = "hunter2" "', ("hunter2",)),  # a syntax error
    ],
)
def test_source_lines_have_no_secrets(tmp_path: Path, line: str, secrets: tuple[str, ...]) -> None:
    source = tmp_path / "app.py"
    source.write_text(f"def connect(**options):\n    return 1 / 0\n\n{line}\n")
    with pytest.raises((ArithmeticError, RuntimeError, SyntaxError)) as caught:
        exec(compile(source.read_text(), str(source), "exec"))
    text = report(caught.value)
    assert f'File "{source}", line 4' in text
    assert line[:8] in text
    assert "***" in text
    assert not [secret for secret in secrets if secret in text]


def test_carets_stay_below_source_lines_without_secrets() -> None:
    with pytest.raises(SyntaxError) as caught:
        compile("x = (1 +", "app.py", "exec")
    assert "^" in report(caught.value)


def test_a_long_source_line_is_shortened() -> None:
    with pytest.raises(SyntaxError) as caught:
        compile("password=" * 100_000 + "!", "app.py", "exec")
    assert len(report(caught.value)) < 40_000


def test_notes_and_syntax_errors() -> None:
    exc = ValueError("bad")
    exc.add_note("look here")
    assert "\nlook here\n" in report(exc)
    with pytest.raises(SyntaxError) as caught:
        compile("def :", "app.py", "exec")
    assert '  File "app.py", line 1\n    def :\n        ^' in report(caught.value)
