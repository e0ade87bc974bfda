import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.host import Host, worker
from tests.http.certificates import make_pair
from tests.program import Program

pytestmark = pytest.mark.slow

GOOD = {
    "pyproject.toml": '[project]\nname = "shop"\n',
    "app/controller/home.py": (
        "from eggd import Controller\n\n\nclass HomeController(Controller):\n"
        "    async def index(self):\n        self.ctx.body = 'hi'\n"
    ),
    "app/router.py": "def router(app):\n    app.router.get('/', app.controller.home.index)\n",
}


def app(directory: Path, **changed: str) -> Path:
    for name, text in {**GOOD, **changed}.items():
        file = directory / "shop" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return directory / "shop"


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_an_app_that_loads_is_summed_up(host: Host) -> None:
    done = host.eggd("check", str(app(host.home)))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("shop (prod) loads: 1 route, 0 services, ")


def test_a_program_has_the_same_as_json(host: Host) -> None:
    done = host.eggd("check", str(app(host.home)), "--json")
    found = json.loads(done.stdout)
    assert (found["name"], found["env"], found["routes"]) == ("shop", "prod", 1)
    assert (found["warnings"], done.stderr) == ([], "")


SLOW = """
from pathlib import Path

kind = Path(__file__).with_name("gate").read_text()  # a pipe: blocks until the test writes
"""


def test_slow_loading_is_announced_at_a_terminal(host: Host) -> None:
    folder = app(host.home, **{"config/config_default.py": SLOW})
    os.mkfifo(folder / "config/gate")
    terminal, end = os.openpty()
    argv = [sys.executable, "-P", "-m", "eggd", "check", str(folder)]
    with Program[bytes](argv, env=host.environ, stderr=end, stdout=subprocess.PIPE) as process:
        os.close(end)
        shown = ""
        while f"loading {folder} (" not in shown:
            shown += os.read(terminal, 4096).decode()
        (folder / "config/gate").write_text("egg")
        out, _ = process.communicate()
    os.close(terminal)
    assert out.startswith(b"shop (prod) loads: ")


def test_the_defaults_name_app_and_environment(host: Host) -> None:
    (host.home / "defaults").write_text(f"EGG_BASE_DIR={app(host.home)}\nEGG_SERVER_ENV=local\n")
    assert host.eggd("check").stdout.startswith("shop (local) loads: ")
    assert host.eggd("check", "--env", "unittest").stdout.startswith("shop (unittest) loads: ")


def test_a_relative_directory_is_meant_from_here(host: Host) -> None:
    app(host.home)
    assert host.eggd("check", "shop").returncode == 0


BROKEN = [
    ("app/controller/home.py", "def (:\n", "home.py"),
    ("app/router.py", "def router(app):\n    app.router.get('/', 'hme.index')\n", "hme"),
    ("config/config_default.py", "http = 5\n", "http"),
    ("pyproject.toml", "", "project.name"),
    (
        "pyproject.toml",
        '[project]\nname = "shop"\n[tool.eggd.start]\nworkers = "x"\n',
        "tool.eggd.start.workers must be a whole number from 1 to 999, not 'x'",
    ),
    (
        "config/config_default.py",
        "cluster = {'listen': {'port': 99999}}\n",
        "whole number from 0 to 65535",
    ),
    ("config/config_default.py", "notfound = {'page_url': 'nope'}\n", "(write '/nope')"),
    ("config/config_default.py", "rundir = 'x'\n", "rundir must be an absolute path, not 'x'"),
]


@pytest.mark.parametrize(("file", "text", "named"), BROKEN)
def test_a_broken_app_is_one_line(host: Host, file: str, text: str, named: str) -> None:
    done = host.eggd("check", str(app(host.home, **{file: text})))
    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert named in line


def test_a_directory_that_is_not_there_is_one_line(host: Host) -> None:
    assert host.eggd("check", "/nowhere").stderr == (
        "error: app directory '/nowhere' does not exist or cannot be read\n"
    )


def test_a_file_is_not_an_app(host: Host) -> None:
    file = app(host.home) / "pyproject.toml"
    done = host.eggd("check", str(file))
    assert done.stderr == f"error: app directory '{file}' is not a directory\n"


def test_an_app_without_metadata_is_not_replaced_by_the_welcome_app(host: Host) -> None:
    folder = app(host.home)
    (folder / "pyproject.toml").unlink()
    done = host.eggd("--base", str(folder), "check")
    assert done.stderr.startswith(
        f"error: {folder}: this folder has files of an app, but no pyproject.toml ("
    )


def test_nonsense_in_the_defaults_is_named_with_its_line(host: Host) -> None:
    (host.home / "defaults").write_text("\nEGG_SERVERENV=local\n")
    where = f"{host.home}/defaults:2"
    assert host.eggd("check").stderr == (
        f"error: {where}: EGG_SERVERENV: unknown key (did you mean 'EGG_SERVER_ENV'?)\n"
    )


def test_a_certificate_is_looked_at(host: Host, tmp_path: Path) -> None:
    # process:CL-6, CL-44
    pair, other = make_pair(tmp_path), make_pair(tmp_path, "other")
    config = f"cluster = {{'https': {{'cert': '{pair.cert}', 'key': 'other.key'}}}}\n"
    root = app(host.home, **{"config/config_default.py": config})
    where = f"error: {root}/config/config_default.py:1: cluster.https: key "
    missing = host.eggd("check", str(root)).stderr
    assert missing == f"{where}'{root}/other.key' cannot be read: No such file or directory\n"
    other.key.rename(root / "other.key")
    mismatch = host.eggd("check", str(root)).stderr
    assert mismatch.startswith(f"{where}'{root}/other.key' does not belong to certificate")


def test_the_one_that_the_unit_loads_comes_first(host: Host, tmp_path: Path) -> None:
    # process:CL-44
    pair = make_pair(tmp_path, days=3)
    config = "cluster = {'https': {'cert': 'no.crt', 'key': 'no.key'}}\n"
    root = app(host.home, **{"config/config_default.py": config})
    (host.home / "defaults").write_text(f"EGG_BASE_DIR={root}\n")
    unit = f"LoadCredential=tls.crt:{pair.cert}\nLoadCredential=tls.key:"
    host.set(worker(1), text=f"{unit}{pair.key}\n")
    done = host.eggd("check")
    assert (done.returncode, done.stderr) == (
        0,
        f"warning: certificate '{pair.cert}' expires in 2 days\n",
    )
    host.set(worker(1), text=f"{unit}{pair.cert}\n")
    error = host.eggd("check").stderr
    assert error.startswith(f"error: key '{pair.cert}' is ")
    assert error.endswith(" PEM private key (-----BEGIN PRIVATE KEY-----)\n")


@pytest.mark.parametrize(
    ("files", "environ", "defaults", "arguments", "env", "origin"),
    [
        ({}, {}, "", (), "prod", "the units' default"),
        ({}, {"EGG_SERVER_ENV": "local"}, "", (), "local", "EGG_SERVER_ENV"),
        ({}, {}, "EGG_SERVER_ENV=stage\n", (), "stage", "{home}/defaults"),
        ({"config/env": "blue\n"}, {"EGG_SERVER_ENV": "local"}, "", (), "blue", "{app}/config/env"),
        ({"config/env": "blue\n"}, {}, "", ("--env", "red"), "red", "--env"),
    ],
)
def test_which_environment_is_shown_and_why(
    host: Host,
    files: dict[str, str],
    environ: dict[str, str],
    defaults: str,
    arguments: tuple[str, ...],
    env: str,
    origin: str,
) -> None:
    """A command that shows the environment names its source (core:ENV-1)."""
    folder = app(host.home, **files)
    (host.home / "defaults").write_text(defaults)
    origin = origin.format(home=host.home, app=folder)
    line = f"env {env}, from {origin} (choose another with --env; eggd dev uses local)\n"
    done = host.eggd("check", str(folder), *arguments, **environ)
    assert done.stdout.startswith(f"shop ({env}) loads: ")
    assert done.stdout.endswith(line) is (origin != "--env")
    found = json.loads(host.eggd("check", str(folder), "--json", *arguments, **environ).stdout)
    assert (found["env"], found["env_origin"]) == (env, origin)
    routes = host.eggd("routes", str(folder), *arguments, **environ)
    assert routes.stderr == ("" if arguments else f"note: {line}")
    done = host.eggd("--base", str(folder), "config", "env", *arguments, **environ)
    assert (done.stdout, done.stderr.endswith(line)) == (f"{env}\n", not arguments)


EXITS = {
    "router": {"app/router.py": "def router(app):\n    raise SystemExit(0)\n"},
    "os._exit": {"app/router.py": "import os\ndef router(app):\n    os._exit(0)\n"},
    "part of a router": {"app/router/a.py": "def router(app):\n    raise SystemExit(0)\n"},
    "middleware factory": {
        "config/config_default.py": "middleware = ['m']\n",
        "app/middleware/m.py": "def m(options, app):\n    raise SystemExit(0)\n",
    },
    "config hook": {
        "app.py": "import eggd\nclass A(eggd.Boot):\n    def config_did_load(self): exit(0)\n"
    },
    "config function": {"config/config_default.py": "def config(info):\n    raise SystemExit(0)\n"},
    "custom loader": {
        "config/config_default.py": "custom_loader = {'x': {'directory': 'app/x'}}\n",
        "app/x/a.py": "class A:\n    def __init__(self, app):\n        raise SystemExit(0)\n",
    },
}


@pytest.mark.parametrize("files", EXITS.values(), ids=EXITS)
@pytest.mark.parametrize("command", ["check", "config", "routes"])
def test_an_app_that_ends_the_process_is_an_error_with_its_place(
    host: Host, command: str, files: dict[str, str]
) -> None:
    folder = app(host.home, **files)
    done = host.eggd("--base", str(folder), command, *(["."] if command != "config" else []))
    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert re.match(rf"error: {folder}/\S+\.py:\d+: .*SystemExit", line)


PRINTS = {
    "print": "print('noise')\n",
    "descriptor": "import os\nos.write(1, b'noise\\n')\n",
    "child": "import subprocess\nsubprocess.run(['echo', 'noise'], check=True)\n",
}


@pytest.mark.parametrize("text", PRINTS.values(), ids=PRINTS)
@pytest.mark.parametrize("command", ["check", "config", "routes"])
def test_output_of_a_loading_app_is_not_in_the_json(host: Host, command: str, text: str) -> None:
    folder = app(host.home, **{"app/router.py": text + GOOD["app/router.py"]})
    done = host.eggd(
        "--base", str(folder), command, "--json", *(["."] if command != "config" else [])
    )
    assert (done.returncode, bool(json.loads(done.stdout))) == (0, True)
    assert "noise" in done.stderr
