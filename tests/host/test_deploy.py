"""`eggd deploy` and `eggd rollback` on booted hosts, under load: no request fails."""

from __future__ import annotations

import json
import signal
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.host.conftest import Boot, as_layer
from tests.host.host import Host
from tests.program import Program

pytestmark = pytest.mark.one_suite("bookworm")

ROOT = "/srv/eggd/default"
APP = {
    "pyproject.toml": '[project]\nname = "shop"\nversion = "VERSION"\ndependencies = ["eggd"]\n',
    "page.txt": "VERSION",
    "app/router.py": """
import os

from eggd import HttpError


async def pid(ctx):
    ctx.body = str(os.getpid())


async def page(ctx):
    ctx.body = f"{(ctx.app.base_dir / 'page.txt').read_text()} {os.getuid()}"


def router(app):
    app.router.get("/", pid)
    app.router.get("/page", page)
""",
}
FAILS = """
async def fail(ctx):
    ctx.logger.error("the database is missing")
    ctx.status = 500
    ctx.body = "no"


def router(app):
    app.router.get("/", fail)
    app.router.get("/page", fail)
"""
# Healthy in the spare, and no longer once clients depend on it.
LATE = APP["app/router.py"].replace(
    "async def page(ctx):\n",
    'async def page(ctx):\n    if "EGGD_TRIAL" not in os.environ:\n        raise HttpError(503)\n',
)


NO_START = """
from eggd import Boot


class AppBoot(Boot):
    async def will_ready(self):
        raise OSError("no disk")
"""


def source(host: Host, version: str, **files: str) -> str:
    """Writes the app of a version; returns its folder, which only root may enter."""
    for name, text in {**APP, **files}.items():
        host.write(f"/root/{version}/{name}", text.replace("VERSION", version))
    return f"/root/{version}"


def current(host: Host) -> str:
    """Returns version and user of the release that answers."""
    return host.http("/page").text


def releases(host: Host) -> list[dict[str, str]]:
    """`eggd releases --json`."""
    listed: list[dict[str, str]] = json.loads(host.out("eggd releases --json"))
    return listed


def states(host: Host) -> dict[str, str]:
    """The state of each release, by version."""
    return {each["version"]: each["state"] for each in releases(host)}


@pytest.fixture(scope="module")
def released(module_boot: Boot) -> Host:
    """The layer of two workers, of the welcome app at first, and a first release."""
    host = module_boot(workers=2)
    host.run(f"eggd deploy {source(host, '1')} --check /page --healthy 1s")
    assert current(host).startswith("1 ")
    as_layer(host)
    return host


@pytest.fixture
def host(boot: Boot, released: Host) -> Host:
    """A host of one test, with the first release."""
    host = boot(over=released, prepare=copy_releases)
    assert current(host).startswith("1 ")
    return host


def copy_releases(host: Host) -> None:
    """Replaces the releases of a layer by a copy, as overlayfs does not rename those (EXDEV)."""
    script = 'cp -a "$0" "$0.own" && rm -r "$0" && mv "$0.own" "$0"'
    subprocess.run(["sh", "-ec", script, host.root / ROOT.lstrip("/")], check=True)


def test_first_release_sets_the_application_of_the_host(host: Host) -> None:
    settings = (host.root / "etc/default/eggd").read_text()
    assert f"EGG_BASE_DIR={ROOT}/current\n" in settings
    assert states(host) == {"1": "current"}
    release = host.out(f"readlink -f {ROOT}/current")
    assert host.status()["app"]["base_dir"] == release
    assert host.run(f"cat {ROOT}/current/page.txt", user="nobody", check=False).returncode
    owned = host.out(f"find {release} ! -user root -o -perm /022 ! -type l")
    assert owned == ""
    assert host.out(f"find {release} -name '*.pyc'")


def test_good_release_and_rollback_fail_no_request(host: Host) -> None:
    with host.load(connections=32) as load:
        done = host.run(f"eggd deploy {source(host, '2')} --check /page --healthy 1s")
        assert "deployed: " in done.stdout
        assert current(host).startswith("2 ")
        host.run("eggd rollback --healthy 1s")
        assert current(host).startswith("1 ")
    assert load.failures == []
    assert states(host) == {"1": "current", "2": "previous"}
    assert host.status()["state"] == "running"


def test_broken_and_unhealthy_releases_reach_no_client(host: Host) -> None:
    before = host.pids(2)
    cases = {
        "app/router.py:1": {"app/router.py": "def router(app)\n"},
        "GET /page answers 500": {"app/router.py": FAILS},
        "it does not start": {"app.py": NO_START},
    }
    with host.load(connections=32) as load:
        for number, (line, files) in enumerate(cases.items()):
            folder = source(host, f"bad{number}", **files)
            done = host.run(f"eggd deploy {folder} --check /page --healthy 1s", check=False)
            assert (done.returncode, line in done.stderr) == (1, True), done.stderr
            assert "Traceback" not in done.stderr
            assert "the database is missing" in done.stderr or "500" not in line
    assert load.failures == []
    assert host.pids(2) == before  # no worker was touched
    assert host.pid("egg-worker@0") == 0
    assert states(host) == {"1": "current"}
    assert host.out(f"ls {ROOT}/releases | wc -l") == "2"


def test_release_that_becomes_unhealthy_is_undone(host: Host) -> None:
    folder = source(host, "2", **{"app/router.py": LATE})
    with host.load(connections=32) as load:
        done = host.run(f"eggd deploy {folder} --check /page", check=False)
    assert done.returncode == 1
    assert "GET /page answers 503" in done.stderr
    assert load.failures == []
    assert current(host).startswith("1 ")
    assert states(host) == {"1": "current"}
    assert host.status()["state"] == "running"


def test_releases_behind_the_proxy_protocol(host: Host) -> None:
    """Switching it on, a release with it, and one that becomes unhealthy with it."""
    on = 'trusted_proxies = ["192.0.2.0/24"]\nhttp = {"proxy_protocol": True}\n'
    config = {"config/config_default.py": on}
    for version in ("2", "3"):
        host.run(f"eggd deploy {source(host, version, **config)} --check /page --healthy 1s")
        assert states(host)[version] == "current"
    host.run("eggd rollback --healthy 1s")
    late = source(host, "4", **config, **{"app/router.py": LATE})
    done = host.run(f"eggd deploy {late} --check /page", check=False)
    assert (done.returncode, "GET /page answers 503" in done.stderr) == (1, True)
    assert states(host) == {"1": "", "2": "current", "3": "previous"}
    assert "[PROXY]" not in host.journal("egg-worker@*")


def test_killed_deploy_is_undone_by_the_next_command(host: Host) -> None:
    argv = ["eggd", "deploy", source(host, "2"), "--check", "/page", "--healthy", "10m"]
    with host.load(connections=8) as load:
        deploy = Program[bytes](
            host.container.command(*argv), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        assert deploy.stderr is not None
        lines = iter(deploy.stderr.readline, b"")
        assert any(b"reloaded" in line for line in lines)
        second = host.run(f"eggd deploy {source(host, '3')}", check=False)
        assert second.returncode == 1
        assert "another deploy or rollback is running" in second.stderr
        _kill(deploy)
        assert current(host).startswith("2 ")
        assert "was interrupted" in host.run("eggd releases").stderr
        host.run("eggd rollback")
    assert load.failures == []
    assert current(host).startswith("1 ")
    assert states(host) == {"1": "current", "2": ""}
    host.reboot()
    assert current(host).startswith("1 ")


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kills the command inside, not the nsenter that waits for it."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for pid in map(int, children):
        subprocess.run(["kill", f"-{signal.SIGKILL.value}", str(pid)], check=True)
    process.communicate(timeout=60)


def test_requirements_are_installed_from_a_wheelhouse(host: Host) -> None:
    wheel = host.root / "root/wheels/tinydep-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    about = {
        "tinydep.py": "ANSWER = 42\n",
        "tinydep-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tinydep\nVersion: 1.0\n",
        "tinydep-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nTag: py3-none-any\n",
        "tinydep-1.0.dist-info/RECORD": "",
    }
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in about.items():
            archive.writestr(name, text)
    router = "from tinydep import ANSWER\n" + APP["app/router.py"].replace("os.getuid()", "ANSWER")
    folder = source(host, "2", **{"app/router.py": router, "requirements.txt": "tinydep==1.0\n"})
    with tarfile.open(host.root / "root/shop.tar.gz", "w:gz") as tar:
        tar.add(host.root / folder.lstrip("/"), "shop-2")
    missing = host.run("cd /root && eggd deploy shop.tar.gz --wheelhouse /root/2", check=False)
    assert missing.returncode == 1
    assert "the requirements cannot be installed: ERROR: No matching distribution" in missing.stderr
    host.run("cd /root && eggd deploy shop.tar.gz --wheelhouse wheels --healthy 1s")
    assert current(host) == "2 42"
    venv = f"{ROOT}/current/.venv"
    assert host.out(f"find {venv}/ ! -user root -o -perm /022 ! -type l") == ""
    assert host.out(f"ls {ROOT}/releases | wc -l") == "4"


def test_full_disk_and_pruning_change_nothing_in_service(host: Host) -> None:
    for version in ("2", "3", "4"):
        host.run(f"eggd deploy {source(host, version)} --healthy 0s --keep 1")
    assert states(host) == {"4": "current", "3": "previous"}
    host.run("mkdir /mnt/small && mount -t tmpfs -o size=1m tmpfs /mnt/small")
    host.run(f"cp -a {ROOT}/. /mnt/small")
    folder = source(host, "5", **{"big.bin": "x" * 2_000_000})
    host.run(f"mount --bind /mnt/small {ROOT}")
    done = host.run(f"eggd deploy {folder} --healthy 0s", check=False)
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert current(host).startswith("4 ")
    assert states(host) == {"4": "current", "3": "previous"}
