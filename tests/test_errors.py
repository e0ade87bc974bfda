"""The tree of errors."""

from __future__ import annotations

from eggd import errors
from eggd.errors import EggError, HintedError, HttpError


def test_an_answer_to_a_client_is_not_an_error_for_the_operator() -> None:
    assert str(HttpError(404)) == "Not Found"
    assert not isinstance(HttpError(404), EggError)


def test_the_module_names_every_class() -> None:
    names = [name for name, value in vars(errors).items() if isinstance(value, type)]
    classes = [name for name in names if issubclass(getattr(errors, name), HintedError)]
    tree = (errors.__doc__ or "").partition("EggError`.")[2]
    assert [name for name in classes if name not in tree.split()] == ["HintedError"]


def test_message_and_hint_are_one_line_without_secrets() -> None:
    error = EggError("config.py:3:\nbad", hint="set password=hunter22 anew")
    assert str(error) == error.line
    assert "\n" not in error.line
    assert "hunter22" not in error.line
