"""Every mistake of an operator: one clear line, a failing command, nothing left running."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.host.conftest import Boot
from tests.host.host import Host

pytestmark = pytest.mark.one_suite("bookworm")

APP = {
    "pyproject.toml": '[project]\nname = "bad"\nversion = "0"\n',
    "config/config_default.py": 'keys = "a key of the tests"\n',
    "app/router.py": 'def router(app):\n    app.router.get("/", app.controller.home.index)\n',
    "app/controller/home.py": (
        "from eggd import Controller\n\n\n"
        "class HomeController(Controller):\n"
        "    async def index(self):\n"
        '        self.ctx.body = "ok"\n'
    ),
}
MISSING_CONTROLLER = 'def router(app):\n    app.router.get("/", app.controller.house.index)\n'


def app_with(changes: dict[str, str], at: str = "/srv/bad") -> Callable[[Host], None]:
    """Serves a small app with some of its files changed."""

    def prepare(host: Host) -> None:
        host.run(f"rm -rf {at}")
        for name, text in (APP | changes).items():
            host.write(f"{at}/{name}", text)
        host.configure(EGG_BASE_DIR=at)

    return prepare


def defaults(text: str) -> Callable[[Host], None]:
    """Writes /etc/default/eggd as it stands here."""
    return lambda host: host.write("/etc/default/eggd", text)


def enabled_x(host: Host) -> None:
    """Enables an instance whose name is not a number."""
    host.write("/etc/default/eggd", "")
    host.run("systemctl enable egg-worker@x")


CASES = {
    "app directory missing": (defaults("EGG_BASE_DIR=/srv/nowhere\n"), r"/srv/nowhere"),
    "syntax error in a controller": (
        app_with({"app/controller/home.py": "class Home(\n"}),
        r"/srv/bad/app/controller/home\.py:1",
    ),
    "router names a missing controller": (
        app_with({"app/router.py": MISSING_CONTROLLER}),
        r"house.*did you mean 'home",
    ),
    "config of the wrong type": (
        app_with({"config/config_prod.py": 'logger = {"max_buffer_length": "many"}\n'}),
        r"logger\.max_buffer_length.*'many'.*config_prod\.py|config_prod\.py.*max_buffer_length",
    ),
    "nonsense in /etc/default/eggd": (
        defaults("# fine\nthis is nonsense\n"),
        r"/etc/default/eggd:2: ",
    ),
    "misspelt key in /etc/default/eggd": (
        defaults("EGG_BASE_DIT=/srv/bad\n"),
        r"/etc/default/eggd:1: .*EGG_BASE_DIT.*did you mean 'EGG_BASE_DIR",
    ),
    "app under /home": (app_with({}, at="/home/bad"), r"/home/bad.*ProtectHome.*/srv"),
    "instance named x": (enabled_x, r"egg-worker@x.*must be a number from 1 to 999"),
}


@pytest.fixture(scope="module")
def host(module_boot: Boot) -> Host:
    """A host with two workers, stopped; each case starts it in vain."""
    host = module_boot(workers=2)
    host.run("systemctl stop egg-master")
    return host


@pytest.fixture(autouse=True)
def _clean(host: Host) -> None:
    host.run("systemctl disable egg-worker@x; rm -f /etc/systemd/system/egg-*/*@x.service")
    host.run("systemctl reset-failed; systemctl daemon-reload; rm -f /run/eggd/*.json")


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_one_line_and_nothing_runs(host: Host, case: str) -> None:
    prepare, expected = CASES[case]
    prepare(host)
    failed_start(host, expected)


def test_taken_port_is_named_and_nothing_runs(host: Host) -> None:
    defaults("")(host)
    with host.container.listen(7001):
        failed_start(host, r"egg\.socket.*[Aa]ddress already in use.*eggd listen")
    host.run("systemctl start egg-master")
    host.run("systemctl stop egg-master")


def failed_start(host: Host, expected: str) -> None:
    """Starts egg-master in vain and see what an operator sees of it."""
    place = host.now()
    done = host.run("systemctl start egg-master", check=False)
    assert done.returncode != 0
    assert (host.active(), host.processes()) == ([], [])
    messages = [record["MESSAGE"] for record in host.records("egg*", after=place)]
    assert "Traceback (most recent call last):" not in messages
    own = [line for line in messages if line.startswith("not started")]
    assert [bool(re.search(expected, line)) for line in own] == [True], messages
    assert re.search(expected, host.run("systemctl status egg-master", check=False).stdout)


def test_one_instance_named_x_fails_alone(host: Host) -> None:
    defaults("")(host)
    host.run("systemctl start egg-worker@1")
    done = host.run("systemctl start egg-worker@x", check=False)
    assert done.returncode != 0
    assert "must be a number from 1 to 999" in host.show("egg-worker@x", "StatusText")
    assert host.http("/").status == 200
    host.run("systemctl stop egg-worker@x egg-worker@1 egg-agent egg.socket egg-agent.socket")
