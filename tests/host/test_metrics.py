"""Metrics and `eggd top` of the units, read by a user without any right."""

from __future__ import annotations

import json

import pytest

from tests.host.conftest import Boot
from tests.host.host import Host

pytestmark = pytest.mark.one_suite("bookworm")

WORKERS = 2
ASK = (
    "import http.client, socket\n"
    "connection = http.client.HTTPConnection('localhost')\n"
    "connection.sock = socket.socket(socket.AF_UNIX)\n"
    "connection.sock.connect('/run/eggd/metrics.sock')\n"
    "connection.request('GET', '/metrics')\n"
    "print(connection.getresponse().read().decode())\n"
)


@pytest.fixture
def host(boot: Boot) -> Host:
    return boot("suite", workers=WORKERS)


def test_every_user_reads_the_figures_of_workers_under_load(host: Host) -> None:
    with host.load(connections=8, path="/"):
        line = json.loads(host.out("eggd top --once --json", user="nobody"))
    assert [each["worker"] for each in line["workers"]] == [1, 2]
    assert line["all"]["requests_per_second"] > 0
    assert 0 < line["all"]["p50"] <= line["all"]["p99"]
    page = host.out(f'/usr/bin/python3 -c "{ASK}"', user="nobody")
    for slot in (1, 2):
        assert f'eggd_worker_ready{{worker="{slot}"}} 1.0' in page
        assert f'eggd_responses_total{{class="2xx",worker="{slot}"}}' in page
    host.run("systemctl stop egg-master")
    done = host.run("eggd top", check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "metrics.sock: the agent does not run (run 'eggd start')" in done.stderr
