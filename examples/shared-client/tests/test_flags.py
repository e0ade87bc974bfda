"""Flags in a real suite, with a Redis server of the test."""

import json
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from eggd.testing.suite import Suite

APP = Path(__file__).parent.parent


@pytest.fixture
def redis(redis_server):
    """The URL of a server on a Unix socket."""
    return redis_server.url


@pytest.fixture
def suite(redis):
    with Suite(app_dir=APP, workers=2, env="prod", environ={"FLAGS_REDIS": redis}) as suite:
        yield suite


def put(suite, name, value):
    request = urllib.request.Request(
        f"http://127.0.0.1:{suite.port}/flags/{name}",
        json.dumps({"value": value}).encode(),
        {"Content-Type": "application/json"},
        method="PUT",
    )
    with urllib.request.urlopen(request, timeout=20) as response:
        return response.status


def test_each_worker_learns_of_each_change(suite, redis):
    assert put(suite, "banner", "on") == 204
    for slot in (1, 2):
        suite.worker(slot).wait_line("banner is on")
    command = ["redis-cli", "-s", redis.removeprefix("unix://").partition("?")[0]]
    clients = subprocess.run([*command, "client", "list"], capture_output=True, check=True)
    assert clients.stdout.count(b"sub=1") == 1


def test_a_change_while_the_agent_is_away_arrives(suite, redis):
    suite.kill("agent")
    command = ["redis-cli", "-s", redis.removeprefix("unix://").partition("?")[0]]
    subprocess.run([*command, "set", "flag:beta", "half"], check=True, capture_output=True)
    suite.spawn("agent").wait_ready()
    for slot in (1, 2):
        suite.worker(slot).wait_line("beta is half")


def test_an_error_of_the_client_is_for_the_worker_to_answer(suite):
    with pytest.raises(urllib.error.HTTPError) as info:
        put(suite, "banner", "")
    assert info.value.code == 422
    assert b"the flag banner needs a value" in info.value.read()
