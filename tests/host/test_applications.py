"""Several applications on one booted host: `eggd app`, `eggd --app`, isolation, package."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.host import repository
from tests.host.conftest import Boot
from tests.host.host import APPS, Host
from tests.host.test_deploy import source

pytestmark = pytest.mark.one_suite("trixie")

SHOP, BLOG = 8001, 8002
CONNECT = "import socket; socket.socket(1, 2).connect('/run/eggd-shop/agent.sock')"
BROKEN = "def router(app):\n    raise OSError('no such thing')\n"
PARTS = ["-agent.service", "-agent.socket", "-master.service", "-worker@1.service", ".socket"]


def parts(prefix: str) -> list[str]:
    """The units of an application with one worker."""
    return sorted(f"{prefix}{part}" for part in PARTS)


def place(host: Host, name: str) -> None:
    shutil.copytree(APPS / "intruder", host.root / "srv" / name)


def rows(host: Host, user: str = "root") -> dict[str, Any]:
    listed = json.loads(host.out("eggd app list --json", user=user))
    return {row["name"]: row for row in listed}


@pytest.fixture(scope="module")
def host(module_boot: Boot) -> Host:
    """The default application, and the applications shop and blog, with one worker each."""
    host = module_boot("suite")
    for name, port in (("shop", SHOP), ("blog", BLOG)):
        added = add(host, name, port)
        assert added.startswith(f"added {name}; started: egg-{name}-master.service"), added
    return host


def add(host: Host, name: str, port: int) -> str:
    """Adds an application, whose reloads do not pause from now on."""
    place(host, name)
    added = host.out(f"eggd app add {name} --port {port} --dir /srv/{name}")
    host.run(f"echo EGG_MIN_READY_SECONDS=0 >>/etc/default/eggd-{name}")
    return added


def test_each_application_has_processes_and_a_user_of_its_own(host: Host) -> None:
    shop, blog = host.http(port=SHOP).text, host.http(port=BLOG).text
    assert {shop, blog} == {str(host.pid(f"egg-{name}-worker@1")) for name in ("shop", "blog")}
    pids = (shop, blog, str(host.pid("egg-shop-agent")))
    users = host.out(f"stat -c %U {' '.join(f'/proc/{pid}' for pid in pids)}").split()
    assert users == ["eggd-shop", "eggd-blog", "eggd-shop"]
    assert host.show("egg-shop-worker@1", "Slice") == "egg-shop.slice"
    assert host.show("egg-worker@1", "Slice") == "egg-default.slice"
    logs = host.out("stat -c '%a %U %G' /var/log/eggd-shop /var/log/eggd-shop/*.log")
    assert set(logs.splitlines()) == {"2750 eggd-shop adm", "640 eggd-shop adm"}
    assert "agent of intruder (prod) is ready" in host.journal("egg-shop-agent")
    exposure = host.out("systemd-analyze security egg-shop-worker@1 --no-pager | tail -1")
    assert float(exposure.split(": ")[1].split()[0]) <= 1.1


def test_list_and_status_show_each_application(host: Host) -> None:
    listed = rows(host)
    assert list(listed) == ["default", "blog", "shop"]
    assert {name: row["state"] for name, row in listed.items()} == dict.fromkeys(listed, "running")
    assert listed["shop"] == {
        **{"name": "shop", "state": "running", "address": ["8001"], "enabled": 1, "ready": 1},
        **{"user": "eggd-shop", "base_dir": "/srv/shop"},
    }
    assert rows(host, "nobody")["shop"]["state"] == "unknown"
    assert rows(host, "nobody")["default"]["state"] == "running"
    view = json.loads(host.out("eggd --app shop status --json"))
    assert (view["state"], view["app"]["base_dir"]) == ("running", "/srv/shop")
    assert json.loads(host.out("EGG_APP=blog eggd status --json"))["app"]["base_dir"] == "/srv/blog"
    refused = host.run("eggd --app shop status", user="nobody", check=False)
    assert refused.stderr == (
        "error: /run/eggd-shop/status.json may not be read (run it as root or as user eggd-shop)\n"
    )


def test_commands_act_on_their_application_alone(host: Host) -> None:
    others = {name: host.pid(name) for name in ("egg-worker@1", "egg-agent", "egg-blog-worker@1")}
    before = host.pid("egg-shop-worker@1")
    assert "reloaded: egg-shop-master.service" in host.out("eggd --app shop reload")
    host.out("eggd --app shop scale 2")
    assert before != host.pid("egg-shop-worker@1")
    assert host.pid("egg-shop-worker@2")
    host.out("eggd --app shop scale 1")
    assert "intruder (prod) loads" in host.out("cd /srv/blog && eggd --app shop check")
    host.out("printf s3cret | eggd --app shop credential set key --stdin")
    assert "key" in host.out("eggd --app shop credential list")
    assert "key" not in host.out("eggd credential list")
    host.out("eggd --app shop credential remove key")
    assert "/var/log/eggd-shop" not in host.out("eggd logs -n 5 --no-journal")
    assert "intruder" in host.out("eggd --app shop logs -n 50 --no-journal")
    host.out("eggd --app shop listen 127.0.0.1:8011")
    restarted = host.out("eggd --app shop restart")
    assert "http://127.0.0.1:8011" in restarted
    host.out(f"eggd --app shop listen {SHOP} && eggd --app shop restart")
    assert host.http(port=SHOP).status == 200
    findings = json.loads(host.out("eggd --app shop doctor --json || :"))
    assert {each["what"] for each in findings if each["state"] == "fail"} == set()
    assert "egg-shop-worker@.service" in {each["what"] for each in findings}
    assert others == {name: host.pid(name) for name in others}


def test_a_release_of_one_application_leaves_the_other_alone(boot: Boot) -> None:
    """`eggd --app shop deploy` and `rollback`, under load of shop's own releases."""
    host = boot("suite")
    add(host, "shop", SHOP)
    before = (host.pid("egg-agent"), host.pids(1))
    for version in ("1", "2"):
        folder = source(host, version)
        host.out(f"eggd --app shop deploy {folder} --check /page --healthy 1s")
        assert host.http("/page", port=SHOP).text.startswith(f"{version} ")
    host.out("eggd --app shop rollback --healthy 1s")
    assert host.http("/page", port=SHOP).text.startswith("1 ")
    listed = json.loads(host.out("eggd --app shop releases --json"))
    assert {each["version"]: each["state"] for each in listed} == {"1": "current", "2": "previous"}
    assert host.out("eggd releases --json") == "[]"
    refused = host.run(
        f"eggd --app shop deploy {source(host, 'bad', **{'app/router.py': BROKEN})}", check=False
    )
    assert (refused.returncode, "no such thing" in refused.stderr) == (1, True)
    assert host.http("/page", port=SHOP).text.startswith("1 ")
    user = host.http("/page", port=SHOP).text.split()[1]
    assert user == host.out("id -u eggd-shop")
    assert before == (host.pid("egg-agent"), host.pids(1))


def attempts(host: Host, name: str, user: str) -> list[tuple[str, str]]:
    """The ways in which one application could reach another, with targets."""
    return [
        ("list", f"/var/log/{user}"),
        ("read", f"/var/log/{user}/egg-agent.log"),
        ("list", f"/var/lib/{user}"),
        ("list", f"/run/{user}"),
        ("read", f"/run/{user}/status.json"),
        ("read", f"/run/{user}/worker-1.app"),
        ("read", f"/etc/default/{user}"),
        ("list", f"/run/credentials/{name}-worker@1.service"),
        ("list", "/etc/credstore"),
        ("send", f"/run/{user}/agent.sock"),
        ("send", f"/run/{user}/worker-1.sock"),
        ("signal", str(host.pid(f"{name}-worker@1"))),
        ("signal", str(host.pid(f"{name}-agent"))),
    ]


REFUSED = {"PermissionError", "FileNotFoundError", "ProcessLookupError"}


@pytest.mark.parametrize(("name", "user"), [("egg", "eggd"), ("egg-blog", "eggd-blog")])
def test_an_application_cannot_reach_another(host: Host, name: str, user: str) -> None:
    """Its worker reads, lists, messages and signals nothing of another application."""
    host.run("mkdir -p -m 700 /etc/credstore")
    for way, target in attempts(host, name, user):
        assert attempt(host, way, target) in REFUSED, (way, target)
    for way, target in (("read", "/run/eggd-shop/status.json"), ("list", "/var/log/eggd-shop")):
        assert attempt(host, way, target) == "done"
    assert attempt(host, "send", "/run/eggd-shop/agent.sock") == "done"


def attempt(host: Host, way: str, target: str) -> str:
    """Returns `done`, or the class of the error, of an attempt by a worker of shop."""
    return host.http(f"/attempt/{way}/{target.replace('/', '+')}", port=SHOP).text


@pytest.mark.parametrize("user", ["eggd-blog", "eggd"])
def test_nor_can_its_user_outside_the_sandbox(host: Host, user: str) -> None:
    """The modes of files and sockets suffice; the kernel refuses the signal (kill(2))."""
    pid = host.pid("egg-shop-worker@1")
    for script in (
        *("ls /var/log/eggd-shop", "ls /run/eggd-shop", "ls /var/lib/eggd-shop"),
        *("cat /etc/default/eggd-shop", "cat /run/eggd-shop/status.json"),
        *("cat /run/eggd-shop/worker-1.app", f"kill -0 {pid}", f"cat /proc/{pid}/environ"),
        f'python3 -c "{CONNECT}"',
    ):
        done = host.run(script, user=user, check=False)
        assert done.returncode != 0, script
        assert "ermission denied" in done.stderr or "not permitted" in done.stderr, done.stderr


MISTAKES = [
    ("app add shop --port 8009", "exists already"),
    ("app add Shop --port 8009", "'Shop' cannot be the name of an application"),
    ("app add x-agent --port 8009", "are eggd's"),
    ("app add news --port 8001", "--port: 8001 is the address of the application shop"),
    ("app add news --port 127.0.0.1:7001", "is the address of the application default"),
    ("app add news --port 8010 --dir /srv/missing", "/srv/missing is not a directory"),
    ("app add news --port 8010 --dir /srv", "pyproject.toml is missing"),
    ("app remove shpo", "did you mean 'shop'?"),
    ("app remove default", "default belongs to the package"),
    ("--app shpo status", "did you mean 'shop'?"),
    ("--app shop dev", "--app has no effect on dev"),
    ("--app shop status /srv/blog", "--app and DIR exclude each other"),
]


@pytest.mark.parametrize(("words", "text"), MISTAKES)
def test_a_mistake_is_one_line(host: Host, words: str, text: str) -> None:
    done = host.run(f"eggd {words}", check=False)
    assert done.returncode != 0
    assert done.stderr.count("\n") == 1
    assert text in done.stderr
    assert list(rows(host)) == ["default", "blog", "shop"]


def test_only_root_adds_and_removes(host: Host) -> None:
    for words in ("app add news --port 8003", "app remove shop", "app refresh"):
        done = host.run(f"eggd {words}", user="nobody", check=False)
        text = "error: only root may change the applications of this host (run it as root)\n"
        assert (done.returncode, done.stderr) == (1, text)


def test_limits_of_a_slice_apply_to_all_its_processes(host: Host) -> None:
    """A drop-in of the slice limits one application (systemd.resource-control(5))."""
    host.write(
        "/etc/systemd/system/egg-shop.slice.d/limits.conf",
        "[Slice]\nCPUWeight=50\nMemoryMax=512M\nTasksMax=200\n",
    )
    host.run("systemctl daemon-reload")
    shown = [host.show("egg-shop.slice", name) for name in ("CPUWeight", "MemoryMax", "TasksMax")]
    assert shown == ["50", str(512 << 20), "200"]
    assert host.show("egg-default.slice", "MemoryMax") == "infinity"
    units = ("egg-shop-agent", "egg-shop-worker@1", "egg-shop-master")
    assert {host.show(unit, "Slice") for unit in units} == {"egg-shop.slice"}


def test_a_crashing_application_does_not_harm_another(boot: Boot) -> None:
    """Shop dies for ever and restarts; the default application answers each request."""
    host = boot("suite", workers=2)
    place(host, "shop")
    host.out(f"eggd app add shop --port {SHOP} --dir /srv/shop")
    before = (host.pid("egg-agent"), host.pids(2))
    host.write("/srv/shop/app.py", "import os\n\nos.abort()\n")
    with host.load(connections=16) as load:
        at = host.now()
        host.run("systemctl kill -s KILL egg-shop-worker@1 egg-shop-agent")
        host.await_journal("egg-shop-worker@1", "Main process exited", count=4, after=at)
    assert load.failures == []
    assert load.requests > 100
    assert before == (host.pid("egg-agent"), host.pids(2))
    assert host.status()["state"] == "running"
    assert rows(host)["shop"]["state"] != "running"


def test_an_application_that_does_not_start_stays_added(boot: Boot) -> None:
    host = boot()
    place(host, "shop")
    good = (host.root / "srv/shop/app/router.py").read_text()
    host.write("/srv/shop/app/router.py", BROKEN)
    failed = host.run(f"eggd app add shop --port {SHOP} --dir /srv/shop", check=False)
    assert failed.returncode == 1
    assert "error: shop is added, but does not start: " in failed.stderr
    assert "no such thing" in failed.stderr.splitlines()[-1]
    host.write("/srv/shop/app/router.py", good)
    host.run("eggd --app shop start")
    host.reboot()
    assert host.http(port=SHOP).status == 200
    assert set(parts("egg-shop")) < set(host.active())


def test_removed_it_keeps_settings_and_purged_it_leaves_nothing(boot: Boot) -> None:
    host = boot()
    place(host, "shop")
    add = f"eggd app add shop --port {SHOP} --dir /srv/shop"
    before = own_files(host)
    host.run(f"{add} && printf s3cret | eggd --app shop credential set key --stdin")
    host.write("/etc/systemd/system/egg-shop-agent.service.d/own.conf", "[Service]\nNice=1\n")
    host.out("eggd app remove shop")
    assert host.active() == parts("egg")
    assert (list(rows(host)), host.refuses(SHOP)) == (["default"], True)
    assert "EGG_BASE_DIR=/srv/shop" in host.out("cat /etc/default/eggd-shop")

    host.run(f"eggd app add shop --port {SHOP}")
    assert rows(host)["shop"]["base_dir"] == "/srv/shop"
    assert host.show("egg-shop-agent", "Nice") == "1"
    host.run("eggd app remove shop --purge")
    assert host.http().status == 200
    assert own_files(host) - before == set()
    assert host.run("getent passwd eggd-shop", check=False).returncode == 0


def own_files(host: Host) -> set[str]:
    """Every path with the name of the application shop, except its app and the journal's."""
    found = host.out("find /etc /var /run /tmp /usr -xdev -name '*egg*-shop*'")
    return {path for path in found.splitlines() if not path.startswith("/run/systemd/")}


def test_the_package_upgrades_removes_and_purges_every_application(
    boot: Boot, deb: Path, tmp_path: Path
) -> None:
    host = boot(installed=False, prepare=lambda host: repository.offer(host.root, deb))
    host.run("apt-get -q update && apt-get -q install -y eggd")
    place(host, "shop")
    host.run(f"eggd app add shop --port {SHOP} --dir /srv/shop")
    host.write("/etc/default/eggd-shop", "EGG_BASE_DIR=/srv/shop\nEGG_MIN_READY_SECONDS=0\n")
    unit = "/etc/systemd/system/egg-shop-worker@.service"
    host.run(f"echo '# old' >> {unit}")
    before = host.pid("egg-shop-agent"), host.http(port=SHOP).text

    repository.offer(host.root, repository.successor(deb, tmp_path, "9.0"))
    host.run("apt-get -q update && apt-get -q install -y eggd")
    assert json.loads(host.out("eggd --app shop status --json"))["version"] == "9.0"
    assert set(before).isdisjoint({host.pid("egg-shop-agent"), host.http(port=SHOP).text})
    assert "# old" not in host.out(f"cat {unit}")

    host.run("apt-get -q remove -y eggd")
    assert (host.active(), host.processes(), host.refuses(SHOP)) == ([], [], True)
    host.reboot()
    assert host.out("systemctl list-units --plain --no-legend --failed 'egg*'") == ""
    host.run("apt-get -q install -y eggd")
    assert host.http(port=SHOP).status == 200

    host.run("apt-get -q purge -y eggd")
    assert own_files(host) == set()
    assert host.active() == []
