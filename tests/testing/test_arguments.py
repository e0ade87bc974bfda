"""Wrong arguments of the test kit are one-line errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from eggd.errors import EggError

WRONG: list[tuple[str, tuple[Any, ...], dict[str, Any], str]] = [
    ("client", (5,), {}, "the path of a request must be text, not 5"),
    ("client", ("/",), {"query": "a=1"}, "query must be a dict, not 'a=1'"),
    ("client", ("/",), {"headers": {"A": 1}}, "headers: A must be text, not 1"),
    ("client", ("/",), {"body": {}}, "body must be bytes or text, not {}"),
    ("client", ("/",), {"json": object()}, "json: Object of type object is not JSON serializable"),
    ("client", ("/",), {"timeout": "5"}, "timeout must be a number of seconds, not '5'"),
    ("make_app", ("app.py",), {}, "files must be a dict of path and text, not 'app.py'"),
    ("make_app", ({"app.py": b""},), {}, "files: app.py must be text, not b''"),
    ("start_app", (5,), {}, "the folder of an app must be a path, not 5"),
    ("start_app", (".",), {"env": 5}, "env must be text, not 5"),
    ("start_app", (".",), {"before_init": 5}, "before_init must be a function, not 5"),
    ("cluster", (".",), {"workers": "2"}, "workers must be a number, not '2'"),
    ("mock_cookies", (["a"],), {}, "cookies must be a dict of texts, not ['a']"),
    ("mock_headers", ({"A": 1},), {}, "headers: A must be text, not 1"),
    ("mock_session", ([1],), {}, "session must be a dict, not [1]"),
    ("mock_env", (None,), {}, "env must be text, not None"),
    ("mock_service", ("user", 5, 1), {}, "the name of a method must be text, not 5"),
    ("mock_httpclient", (5,), {}, "url must be text or a compiled pattern, not 5"),
    ("expect_log", (5,), {}, "the expected text must be text or a compiled pattern, not 5"),
    ("expect_log", ("a", 5), {}, "logger 5 does not exist (add it to logger.custom_logger)"),
    ("run_schedule", (5,), {}, "the name of a job must be text, not 5"),
]


@pytest.mark.parametrize(("fixture", "arguments", "named", "line"), WRONG)
def test_a_wrong_argument_is_one_line(
    request: pytest.FixtureRequest,
    fixture: str,
    arguments: tuple[Any, ...],
    named: dict[str, Any],
    line: str,
) -> None:
    given = request.getfixturevalue(fixture)
    function: Callable[..., object] = given.get if fixture == "client" else given
    with pytest.raises(EggError) as failed:
        function(*arguments, **named)
    assert failed.value.line == line
