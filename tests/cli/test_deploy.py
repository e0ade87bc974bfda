"""Deploy, rollback and releases with a fake systemctl, and a real server as the suite."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socketserver
import subprocess
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Thread

import pytest

from tests.cli.host import Host, error, worker

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may deploy"),
]

SETTINGS = "# settings\n#EGG_BASE_DIR=/srv/myapp\nEGG_MIN_READY_SECONDS=0\n"


class Answers:
    """The suite as clients see it, and its spare: statuses by path, 200 by default."""

    def __init__(self, spare: Path) -> None:
        self.suite: dict[str, int] = {}
        self.spare: dict[str, int] = {}
        self._servers = [
            socketserver.ThreadingTCPServer(("127.0.0.1", 0), _handler(self.suite)),
            socketserver.ThreadingUnixStreamServer(str(spare), _handler(self.spare)),
        ]
        for each in self._servers:
            Thread(target=each.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def port(self) -> int:
        port: int = self._servers[0].server_address[1]
        return port

    def close(self) -> None:
        for each in self._servers:
            each.shutdown()
            each.server_close()


def _handler(statuses: dict[str, int]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(statuses.get(self.path, 200))
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Logs nothing."""

        def address_string(self) -> str:
            return ""  # a Unix socket has no client address

    return Handler


class Deployer:
    """A host, an app to deploy, and the answers of its suite."""

    def __init__(self, host: Host, answers: Answers) -> None:
        self.host, self.answers = host, answers
        self.home = host.home
        self.root = self.home / "srv"
        self.settings = self.home / "defaults"
        self.settings.write_text(SETTINGS)
        host.set("egg.socket", listen=f"127.0.0.1:{answers.port}")

    def app(self, **files: str) -> Path:
        folder = self.home / "shop"
        shutil.rmtree(folder, ignore_errors=True)
        router = "async def index(ctx):\n    ctx.body = 'x'\n\n"
        router += "def router(app):\n    app.router.get('/', index)\n"
        project = '[project]\nname = "shop"\nversion = "1.2"\n'
        for name, text in {"pyproject.toml": project, "app/router.py": router, **files}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        return folder

    def eggd(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self.host.eggd(*arguments, "--root", str(self.root), **more)

    def deploy(self, *options: str) -> subprocess.CompletedProcess[str]:
        return self.eggd("deploy", str(self.app()), "--healthy", "0s", *options)

    def deployed(self, *options: str) -> str:
        """Deploys, and returns the name of the release."""
        done = self.deploy("--json", *options)
        assert done.returncode == 0, done.stderr
        name: str = json.loads(done.stdout)["release"]
        return name

    def current(self) -> str | None:
        link = self.root / "default/current"
        return os.readlink(link).removeprefix("releases/") if link.is_symlink() else None

    def releases(self) -> list[str]:
        folder = self.root / "default/releases"
        return sorted(os.listdir(folder)) if folder.exists() else []

    def states(self) -> list[tuple[str, str]]:
        listed = json.loads(self.eggd("releases", "--json").stdout)
        return [(each["name"], each["state"]) for each in listed]


@pytest.fixture
def deployer(tmp_path: Path) -> Iterator[Deployer]:
    host = Host(tmp_path)
    answers = Answers(tmp_path / "run/trial.sock")
    yield Deployer(host, answers)
    answers.close()


def test_the_first_release_sets_the_app_and_starts_the_suite(deployer: Deployer) -> None:
    done = deployer.deploy()
    name = deployer.current()
    assert (done.returncode, done.stdout) == (0, f"deployed: {name} (shop 1.2)\n")
    current = f"EGG_BASE_DIR={deployer.root}/default/current\n"
    lines = SETTINGS.splitlines(keepends=True)
    assert deployer.settings.read_text() == "".join([*lines[:2], current, lines[2]])
    assert deployer.host.unit(worker(1))["active"] == "active"
    assert deployer.states() == [(name, "current")]
    assert list((deployer.root / "default/current/app/__pycache__").glob("router.*.pyc"))


def test_a_missing_wheelhouse_is_reported_before_anything_is_copied(deployer: Deployer) -> None:
    done = deployer.deploy("--wheelhouse", str(deployer.home / "missing"))
    assert done.returncode == 1
    assert done.stderr == (
        f"error: --wheelhouse: {deployer.home}/missing: No such file or directory"
        " (name a directory of wheels)\n"
    )
    assert deployer.releases() == []


def test_without_units_no_command_to_deploy_is_suggested(tmp_path: Path) -> None:
    """`eggd deploy` refuses there."""
    host = Host(tmp_path)
    host.set("egg-master.service", load="not-found")
    done = host.eggd("releases", "--root", str(tmp_path))
    assert "eggd deploy" not in done.stderr


def test_a_second_release_is_tried_reloaded_and_rolled_back(deployer: Deployer) -> None:
    first, second = deployer.deployed(), deployer.deployed()
    assert deployer.host.calls("reload") == ["reload egg-master.service"]
    assert deployer.host.calls("restart")[0] == "restart egg-worker@0.service"  # the trial
    assert deployer.states() == [(second, "current"), (first, "previous")]
    done = deployer.eggd("rollback", "--healthy", "0s")
    assert (done.returncode, done.stdout) == (0, f"rolled back to {first}\n")
    assert deployer.states() == [(second, "previous"), (first, "current")]
    done = deployer.eggd("rollback", "--healthy", "0s", "--json")
    assert json.loads(done.stdout) == {"release": second, "previous": first}
    assert deployer.eggd("releases").stdout.splitlines()[1].split()[:4] == [
        second, "current", "shop", "1.2",
    ]  # fmt: skip


def no_check(deployer: Deployer) -> list[str]:
    deployer.answers.suite["/"] = deployer.answers.spare["/"] = 404
    return []


def redirect(deployer: Deployer) -> list[str]:
    deployer.answers.suite["/in"] = deployer.answers.spare["/in"] = 302
    return ["--check", "/in"]


@pytest.mark.parametrize("setting", [no_check, redirect])
def test_answers_that_are_healthy(
    deployer: Deployer, setting: Callable[[Deployer], list[str]]
) -> None:
    options = setting(deployer)
    deployer.deployed(*options)
    deployer.deployed(*options)


@pytest.mark.parametrize(("where", "untouched"), [("spare", True), ("suite", False)])
def test_an_unhealthy_release_is_not_left_in_service(
    deployer: Deployer, where: str, untouched: bool
) -> None:
    first = deployer.deployed()
    reloads = len(deployer.host.calls("reload"))
    getattr(deployer.answers, where)["/health"] = 404
    done = deployer.deploy("--check", "/health")
    assert (done.returncode, done.stdout) == (1, "")
    assert "GET /health answers 404" in error(done)
    assert (len(deployer.host.calls("reload")) == reloads) == untouched
    assert deployer.states() == [(first, "current")]
    assert deployer.releases() == [first, f"{first}.json"]
    assert not (deployer.root / "default/switch.json").exists()
    assert deployer.host.unit(worker(0))["active"] == "inactive"


def test_an_unhealthy_first_release_leaves_the_host_as_before(deployer: Deployer) -> None:
    deployer.answers.suite["/"] = 500
    done = deployer.deploy()
    assert error(done).startswith("error: ")
    assert "GET / answers 500" in error(done)
    assert deployer.settings.read_text() == SETTINGS
    assert (deployer.current(), deployer.releases()) == (None, [])
    assert deployer.host.active == []


def test_a_release_that_does_not_start_changes_nothing(deployer: Deployer) -> None:
    first = deployer.deployed()
    deployer.host.set(worker(0), fails="app.py:3: no disk")
    done = deployer.deploy()
    assert (done.returncode, deployer.states()) == (1, [(first, "current")])
    assert "it does not start: app.py:3: no disk (nothing has changed)" in error(done)
    assert deployer.host.calls("reload") == []


BAD = {
    "missing": (["nowhere"], "nowhere: is neither a directory nor an archive"),
    "no pyproject.toml": (["bin"], "bin is not an app: pyproject.toml is missing"),
    "no archive": (["state.json"], "state.json: cannot be read as an archive"),
    "no wheelhouse": (["needs", "--wheelhouse", "nowhere"], "--wheelhouse: nowhere: No such file"),
    "requirement": (["needs", "--wheelhouse", "bin"], "cannot be installed: ERROR: No matching"),
    "option": (["shop", "--keep", "0"], "--keep"),
    "duration": (["shop", "--healthy", "soon"], "--healthy"),
    "path": (["shop", "--check", "health"], "--check: 'health' is not a path such as /health"),
}


@pytest.mark.parametrize(("arguments", "line"), BAD.values(), ids=BAD)
def test_bad_input_is_one_line_and_changes_nothing(
    deployer: Deployer, arguments: list[str], line: str
) -> None:
    needs = deployer.app(**{"requirements.txt": "# one\nnowhere==1\n"})
    needs.rename(deployer.home / "needs")
    deployer.app()
    done = deployer.eggd("deploy", *arguments)
    assert done.returncode in (1, 2)
    assert line in error(done)
    assert "Traceback" not in done.stderr
    assert (deployer.settings.read_text(), deployer.releases()) == (SETTINGS, [])
    assert deployer.host.active == []


BROKEN = {
    "code": ({"app/router.py": "def router(app)\n"}, "app/router.py:1"),
    "unknown option": (
        {"pyproject.toml": '[project]\nname = "shop"\n[tool.eggd.deploy]\nchek = "/"\n'},
        "did you mean 'check'?",
    ),
    "check": (
        {"pyproject.toml": '[project]\nname = "shop"\n[tool.eggd.deploy]\ncheck = "health"\n'},
        "tool.eggd.deploy.check must be a path, not 'health'",
    ),
    "name": ({"pyproject.toml": "[project]\n"}, "project.name must be"),
}


@pytest.mark.parametrize(("files", "line"), BROKEN.values(), ids=BROKEN)
def test_a_broken_app_is_one_line_and_changes_nothing(
    deployer: Deployer, files: dict[str, str], line: str
) -> None:
    done = deployer.eggd("deploy", str(deployer.app(**files)))
    assert (done.returncode, done.stdout) == (1, "")
    assert line in error(done)
    assert (deployer.settings.read_text(), deployer.releases()) == (SETTINGS, [])


def test_options_come_from_the_project_unless_a_flag_sets_them(deployer: Deployer) -> None:
    table = '[project]\nname = "shop"\n[tool.eggd.deploy]\ncheck = "/up"\nhealthy = "0s"\n'
    deployer.answers.suite["/up"] = 500
    folder = str(deployer.app(**{"pyproject.toml": table}))
    assert "GET /up answers 500" in error(deployer.eggd("deploy", folder))
    assert deployer.eggd("deploy", folder, "--check", "/").returncode == 0


def test_an_interrupted_switch_is_undone_first(deployer: Deployer) -> None:
    first, second = deployer.deployed(), deployer.deployed()
    place = deployer.root / "default"
    before = {"release": first, "base_dir": f"{place}/current", "to": second}
    (place / "switch.json").write_text(json.dumps(before))
    (place / "releases/20200101-000000").mkdir()  # no record: a copy that was interrupted
    (place / ".current.new").symlink_to("nowhere")
    assert "was interrupted: run 'eggd rollback'" in deployer.eggd("releases").stderr
    done = deployer.eggd("rollback")
    assert (done.returncode, done.stdout) == (0, f"rolled back to {first}\n")
    assert deployer.current() == first
    third = deployer.deployed()
    assert [name for name, _ in deployer.states()] == [third, second, first]
    assert "20200101-000000" not in deployer.releases()


def test_old_releases_are_removed_but_the_current_and_the_previous(deployer: Deployer) -> None:
    names = [deployer.deployed("--keep", "1") for _ in range(3)]
    assert deployer.states() == [(names[2], "current"), (names[1], "previous")]
    assert deployer.releases() == sorted(
        [names[1], f"{names[1]}.json", names[2], f"{names[2]}.json"]
    )


def test_a_second_deploy_at_the_same_time_is_refused(deployer: Deployer) -> None:
    deployer.deployed()
    with (deployer.root / "default/lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for command in (["deploy", str(deployer.app())], ["rollback"]):
            done = deployer.eggd(*command)
            assert (done.returncode, error(done)) == (
                1,
                "error: another deploy or rollback is running (wait until it has ended)",
            )


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([], "the application has no previous release (run 'eggd releases')"),
        (["current"], "is in service (run 'eggd releases')"),
        (["misspelt"], "unknown release (did you mean"),
    ],
)
def test_a_rollback_that_is_not_possible_is_one_line(
    deployer: Deployer, arguments: list[str], line: str
) -> None:
    name = deployer.deployed()
    named = [name if each == "current" else f"{name}9" for each in arguments]
    done = deployer.eggd("rollback", *named)
    assert (done.returncode, line in error(done)) == (1, True), error(done)


@pytest.mark.parametrize("command", ["deploy", "rollback"])
def test_a_host_without_the_units_says_what_to_do(deployer: Deployer, command: str) -> None:
    deployer.host.set("egg-master.service", load="not-found")
    done = deployer.eggd(command, *([str(deployer.app())] if command == "deploy" else []))
    assert error(done).endswith("(in a container, deploy a new image: docs/deploy.md)")


def test_no_release_yet_is_a_note(deployer: Deployer) -> None:
    done = deployer.eggd("releases")
    assert (done.returncode, done.stdout) == (0, "")
    assert error(done) == "note: the application has no release yet: run 'eggd deploy DIR'"
    assert json.loads(deployer.eggd("releases", "--json").stdout) == []
