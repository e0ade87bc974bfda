from __future__ import annotations

import os
import re
import socket
from datetime import datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path, PurePath

import pytest

from eggd.errors import ConfigError, HttpError
from eggd.importer import import_file
from eggd.log.failure import display, headline, report
from eggd.masking import known


class Colour(Enum):
    RED = "red"


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
    """Errors of eggd begin with framework (process:LOG-31, LOG-34)."""
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
        ({1: {2}}, '{"1": [2]}'),
        ({"b", "a"}, '["a", "b"]'),
        (re.compile("^a+$"), '"/^a+$/"'),
        (datetime(2026, 1, 2, 3, 4, 5), '"2026-01-02 03:04:05"'),
        (Decimal("1.50"), '"1.50"'),
        (PurePath("/a/b"), '"/a/b"'),
        (Colour.RED, '"red"'),
    ],
)
def test_own_attributes(value: object, shown: str) -> None:
    """A value is shown, unless its text may be anything (process:LOG-32)."""
    exc = ValueError("bad")
    exc.thing = value  # type: ignore[attr-defined]
    assert f"\nthing: {shown}\n" in report(exc)


def test_a_long_value_is_cut_in_the_same_place_beside_a_known_credential(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its end is shown up to the limit, as no part of a credential can be hidden behind it."""
    monkeypatch.setattr(known, "FORMS", ["hunter2" * 10])
    assert display("x" * 10_001) == '"' + "x" * 9_999 + "...(10003)"


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


def test_a_class_of_the_app_has_no_invented_module_name(tmp_path: Path) -> None:
    """The name that the loader gives to a module means nothing to a reader (process:LOG-31)."""
    file = tmp_path / "payment.py"
    file.write_text("class PaymentError(Exception): ...\n")
    error = import_file(file, "app").PaymentError("declined")
    assert headline(error) == "python.PaymentError: declined"


def test_notes_and_syntax_errors() -> None:
    exc = ValueError("bad")
    exc.add_note("look here")
    assert "\nlook here\n" in report(exc)
    with pytest.raises(SyntaxError) as caught:
        compile("def :", "app.py", "exec")
    assert '  File "app.py", line 1\n    def :\n        ^' in report(caught.value)


class HostileError(Exception):
    """An exception whose members raise."""

    def __getattribute__(self, name: str) -> object:
        raise RuntimeError("no members")


def nested(depth: int) -> BaseException:
    """Returns groups of ten groups of ten ... exceptions: 10 ** depth."""
    if not depth:
        return ValueError("leaf")
    inner = nested(depth - 1)
    return BaseExceptionGroup("all", [inner] * 10)


def test_a_report_has_at_most_40_exceptions() -> None:
    """Groups of groups are limited as a whole, not level by level (process:LOG-33)."""
    text = report(nested(9))
    assert len(re.findall(r"^(?:\[error-\d\]: )?python\.", text, re.MULTILINE)) == 40
    assert ": too many exceptions\n" in text


def with_attributes(exc: Exception) -> Exception:
    """Returns an exception with 10,000 attributes of 9,000 characters each."""
    vars(exc).update({f"a{number}": "x" * 9_000 for number in range(10_000)})
    return exc


@pytest.mark.parametrize(
    "exc",
    [
        ValueError("x" * 10_000_000),
        ExceptionGroup("all", [ValueError("x" * 20_000) for _ in range(10)]),
        with_attributes(ValueError("bad")),
    ],
    ids=["message", "group", "attributes"],
)
def test_a_report_has_a_limited_length(exc: Exception) -> None:
    assert len(report(exc)) < 90_000


@pytest.mark.parametrize(
    "value", [[0] * 5_000_000, {"a": [[1] * 1000] * 1000}, set(range(100_000)), {"k": "x" * 10**7}]
)
def test_a_large_value_is_cut(value: object) -> None:
    exc = ValueError("bad")
    exc.thing = value  # type: ignore[attr-defined]
    [line] = [each for each in report(exc).splitlines() if each.startswith("thing: ")]
    assert len(line) < 10_100


def test_an_exception_whose_members_raise() -> None:
    """No exception makes a report raise (process:LOG-35)."""
    first = report(HostileError("x")).splitlines()[0]
    assert first == "python.HostileError: no_message (its report fails: RuntimeError)"


def test_a_recursion_shows_its_line_three_times() -> None:
    def endless() -> None:
        endless()

    with pytest.raises(RecursionError) as caught:
        endless()
    text = report(caught.value)
    assert re.search(r"\n  \[Previous line repeated \d+ more times\]\n", text)
    assert text.count(", in endless\n") == 3


def test_of_a_long_stack_both_ends_are_shown() -> None:
    def one(left: int) -> None:
        two(left)

    def two(left: int) -> None:
        if not left:
            raise ValueError("deep")
        one(left - 1)

    with pytest.raises(ValueError, match="deep") as caught:
        one(100)
    text = report(caught.value)
    assert text.count("\n  File ") == 60
    assert "\n  [143 more lines]\n" in text
    assert 'raise ValueError("deep")' in text


def test_a_frame_that_was_formatted_before_hides_a_credential_read_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known, "_values", set())
    source = tmp_path / "app.py"
    source.write_text('int("hunter2hunter2")\n')
    code = compile(source.read_text(), str(source), "exec")
    with pytest.raises(ValueError, match="hunter2") as caught:
        exec(code)
    before = report(caught.value)
    known.remember("hunter2hunter2")
    try:
        after = report(caught.value)
    finally:
        known.FORMS.clear()
    assert ("hunter2hunter2" in before, "hunter2hunter2" in after) == (True, False)
