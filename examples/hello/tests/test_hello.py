"""The app as its users meet it: a real suite, real requests."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from eggd.testing.suite import Suite

APP = Path(__file__).parent.parent


@pytest.fixture(params=["local", "prod"])
def suite(request: pytest.FixtureRequest) -> Iterator[Suite]:
    with Suite(app_dir=APP, env=request.param) as running:
        yield running


def ask(suite: Suite, path: str, body: object = None) -> tuple[str, str]:
    request = urllib.request.Request(f"http://127.0.0.1:{suite.port}{path}")
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=5) as response:
        return response.headers["X-Powered-By"], response.read().decode()


def test_it_greets_by_environment(suite: Suite) -> None:
    greeting = {"local": "hello", "prod": "good day"}[suite.env]
    assert ask(suite, "/greet/ada") == ("eggd", f'{{"message":"{greeting}, ada"}}')


def test_it_echoes_json(suite: Suite) -> None:
    assert ask(suite, "/echo", {"a": [1]}) == ("eggd", '{"a":[1]}')


def test_the_root_says_hi(suite: Suite) -> None:
    assert ask(suite, "/") == ("eggd", "hi, egg")
