"""`eggd deploy --hosts` over a fake ssh that runs the real commands by a real shell."""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eggd.cli.fleet.connection import command
from eggd.cli.fleet.targets import Target, targets
from eggd.cli.options import OptionError
from tests.cli.host import ROOT, Host, error
from tests.cli.test_deploy import SETTINGS, Answers, Deployer
from tests.polling import await_that
from tests.program import Program

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root may deploy")
SSH = Path(__file__).with_name("fake_ssh.py")
NAMES = ("shop-1", "shop-2", "shop-3")
EGGD = """\
#!/bin/sh
printf '%s\\n' "$@" >>{home}/words
[ "$1" = --app ] && shift 2
word=$1
shift
exec {python} -P -m eggd "$word" --root {home}/srv "$@"
"""


class Fleet:
    """Hosts that an operator reaches by the fake ssh."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hosts: dict[str, Deployer] = {}
        for name in NAMES:
            (folder / name).mkdir()
            host = Host(folder / name)
            deployer = Deployer(host, Answers(folder / name / "run/trial.sock"))
            wrapper = folder / name / "bin/eggd"
            wrapper.write_text(EGGD.format(home=folder / name, python=sys.executable))
            wrapper.chmod(0o755)
            (folder / name / "environ.json").write_text(json.dumps(host.environ))
            self.hosts[name] = deployer
        (folder / "bin").mkdir()
        ssh = folder / "bin/ssh"
        ssh.write_text(f'#!/bin/sh\nexec {sys.executable} -S {SSH} {folder} "$@"\n')
        ssh.chmod(0o755)

    @property
    def environ(self) -> dict[str, str]:
        """The environment of the operator's machine."""
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        return {"PATH": path, "PYTHONPATH": str(ROOT)}

    def eggd(self, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
        """Runs eggd on the operator's machine, which has no suite."""
        done = subprocess.run(
            [sys.executable, "-P", "-m", "eggd", *words],
            env=self.environ,
            cwd=self.folder,
            input=stdin,
            capture_output=True,
            check=False,
        )
        out, err = done.stdout.decode(), done.stderr.decode()
        return subprocess.CompletedProcess(done.args, done.returncode, out, err)

    def deploy(self, *words: str) -> subprocess.CompletedProcess[str]:
        source = str(self.hosts["shop-1"].app())
        hosts = [] if any(each.startswith("--hosts") for each in words) else ["--hosts", HOSTS]
        return self.eggd("deploy", source, "--healthy", "0s", *hosts, *words)

    def report(self, done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
        """The JSON of a deploy: `(outcome, error)` of each host, by name."""
        return {each["host"]: (each["outcome"], each["error"]) for each in hosts_of(done)}

    @property
    def calls(self) -> list[list[str]]:
        return [json.loads(line) for line in (self.folder / "calls").read_text().splitlines()]


HOSTS = ",".join(NAMES)


def hosts_of(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(done.stdout)["hosts"]
    return listed


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    fleet = Fleet(tmp_path)
    yield fleet
    for each in fleet.hosts.values():
        each.answers.close()


@root_only
@pytest.mark.slow
class TestRoll:
    """Rolls over three hosts."""

    def test_hosts_get_the_release_in_order(self, fleet: Fleet) -> None:
        done = fleet.deploy()
        assert done.returncode == 0, done.stderr
        rows = [line.split() for line in done.stdout.splitlines()]
        current = [each.current() for each in fleet.hosts.values()]
        assert rows[0] == ["HOST", "OUTCOME", "RELEASE", "VERSION", "READY"]
        assert rows[1:] == [
            [name, "deployed", release, "1.2", "3/3"]
            for name, release in zip(NAMES, current, strict=True)
        ]
        lines = [line for line in done.stderr.splitlines() if ": deployed: " in line]
        assert [line.split(":")[0] for line in lines] == [
            f"[{number}/3] {name}" for number, name in enumerate(NAMES, 1)
        ]
        source = json.loads(fleet.hosts["shop-3"].eggd("releases", "--json").stdout)[0]["source"]
        assert source.endswith(f":{fleet.folder}/shop-1/shop")

    def test_a_failing_host_stops_the_roll_and_serves_what_it_served(self, fleet: Fleet) -> None:
        assert fleet.deploy().returncode == 0
        before = {name: each.current() for name, each in fleet.hosts.items()}
        fleet.hosts["shop-2"].answers.suite["/up"] = 503
        done = fleet.deploy("--check", "/up", "--json")
        assert done.returncode == 1
        assert fleet.report(done)["shop-1"] == ("deployed", "")
        outcome, why = fleet.report(done)["shop-2"]
        assert (outcome, "GET /up answers 503" in why) == ("failed", True)
        assert fleet.report(done)["shop-3"] == ("untouched", "")
        assert "1 of 3 hosts run the new release: shop-1 (run 'eggd rollback'" in error(done)
        now = {name: each.current() for name, each in fleet.hosts.items()}
        assert [now[name] == before[name] for name in NAMES] == [False, True, True]
        assert {each["host"]: each["release"] for each in hosts_of(done)} == now
        assert json.loads(done.stdout)["complete"] is False

    def test_an_unreachable_host_is_reported_before_anything_changes(self, fleet: Fleet) -> None:
        (fleet.folder / "shop-3/unreachable").touch()
        done = fleet.deploy("--json")
        assert done.returncode == 3
        assert "ssh: connect to host shop-3 port 22: Connection refused" in error(done)
        assert error(done).endswith("(nothing has changed)")
        outcomes = [fleet.report(done)[name][0] for name in NAMES]
        assert outcomes == ["untouched", "untouched", "unreachable"]
        assert [each.releases() for each in fleet.hosts.values()] == [[], [], []]
        assert not any("deploy" in call[-1] for call in fleet.calls)

    def test_a_busy_host_refuses_before_anything_changes(self, fleet: Fleet) -> None:
        assert fleet.deploy("--hosts", "shop-2").returncode == 0
        with (fleet.hosts["shop-2"].root / "default/lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            done = fleet.deploy("--json")
        assert done.returncode == 3
        assert fleet.report(done)["shop-2"][0] == "refused"
        assert "another deploy or rollback is running there" in error(done)

    def test_a_host_without_eggd_refuses(self, fleet: Fleet) -> None:
        (fleet.folder / "shop-1/bin/eggd").unlink()
        done = fleet.deploy()
        assert (done.returncode, "eggd is not installed there" in error(done)) == (3, True)

    @pytest.mark.parametrize("fails", [False, True])
    def test_a_host_ends_its_deploy_without_the_connection(self, fleet: Fleet, fails: bool) -> None:
        assert fleet.deploy("--hosts", "shop-2").returncode == 0
        before = fleet.hosts["shop-2"].current()
        (fleet.folder / "shop-2/breaks").write_text("tried: GET /up")
        if fails:
            fleet.hosts["shop-2"].answers.suite["/up"] = 503
        done = fleet.deploy("--check", "/up", "--json")
        assert done.returncode == 1
        assert fleet.report(done)["shop-2"][0] == "unknown"
        assert fleet.report(done)["shop-3"] == ("untouched", "")
        assert (fleet.hosts["shop-2"].current() == before) is fails
        assert hosts_of(done)[1]["release"] == fleet.hosts["shop-2"].current()
        assert not (fleet.hosts["shop-2"].root / "default/switch.json").exists()

    def test_an_interrupt_reports_what_runs_where(self, fleet: Fleet) -> None:
        source = str(fleet.hosts["shop-1"].app())
        words = ["deploy", source, "--healthy", "0s", "--hosts", HOSTS, "--json"]
        with Program(
            [sys.executable, "-P", "-m", "eggd", *words],
            env=fleet.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as child:
            assert child.stderr is not None
            assert any("[2/3] shop-2: checked" in line for line in child.stderr)
            child.send_signal(signal.SIGINT)
            out, err = child.communicate(timeout=60)
        assert child.returncode == 130, err
        assert "warning: interrupted; 1 of 3 hosts run the new release: shop-1" in err
        outcomes = [each["outcome"] for each in json.loads(out)["hosts"]]
        assert outcomes == ["deployed", "unknown", "untouched"]
        host = fleet.hosts["shop-2"]
        await_that(lambda: host.current() is not None, "the deploy of shop-2")
        await_that(lambda: not (host.root / "default/switch.json").exists(), "its end")

    def test_the_application_is_one_of_the_other_hosts(self, fleet: Fleet) -> None:
        source = str(fleet.hosts["shop-1"].app())
        words = ["--healthy", "0s", "--hosts", "shop-1"]
        assert fleet.eggd("--app", "café", "deploy", source, *words).returncode == 1
        done = fleet.eggd("--app", "tea", "deploy", source, *words)
        assert done.returncode == 0, done.stderr
        given = (fleet.folder / "shop-1/words").read_text()
        assert given.startswith("--app\ntea\nreleases\n--inspect\n--app\ntea\ndeploy\n")

    def test_names_and_paths_reach_no_shell(self, fleet: Fleet) -> None:
        folder = fleet.folder / "it's $(touch pwned); `touch pwned` \"&|\\"
        fleet.hosts["shop-1"].app().rename(folder)
        check = "/?a='$(touch\tpwned)'".replace("\t", "${IFS}")
        done = fleet.eggd(
            *("deploy", str(folder), "--healthy", "0s", "--check", check, "--hosts", "shop-1")
        )
        assert done.returncode == 0, done.stderr
        assert list(fleet.folder.rglob("pwned")) == []
        assert f"--check={check}\n" in (fleet.folder / "shop-1/words").read_text()

    def test_an_archive_is_sent_byte_for_byte(self, fleet: Fleet) -> None:
        archive = fleet.folder / "shop.tar.gz"
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(fleet.hosts["shop-1"].app(), "shop-1.2")
        done = fleet.eggd("deploy", "shop.tar.gz", "--healthy", "0s", "--hosts", "shop-1,shop-2")
        assert done.returncode == 0, done.stderr
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        assert f"--sha256={digest}\n" in (fleet.folder / "shop-2/words").read_text()
        # Asked, deployed, and asked again at the health gate: the archive is sent once.
        sent = [call[-1] for call in fleet.calls if "deploy" in call[-1]]
        assert len(sent) == 2

    def test_a_wrong_app_is_refused_before_a_host_is_asked(self, fleet: Fleet) -> None:
        folder = fleet.hosts["shop-1"].app(**{"pyproject.toml": "[project]\n"})
        done = fleet.eggd("deploy", str(folder), "--hosts", HOSTS)
        assert (done.returncode, "project.name must be" in error(done)) == (1, True)
        assert not (fleet.folder / "calls").exists()


def archive(*files: tuple[str, str]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        for name, text in files:
            about = tarfile.TarInfo(name)
            about.size = len(text)
            tar.addfile(about, io.BytesIO(text.encode()))
    return content.getvalue()


SHOP = archive(
    ("pyproject.toml", '[project]\nname = "shop"\nversion = "7"\n'),
    ("app/router.py", "def router(app):\n    pass\n"),
)


@root_only
@pytest.mark.slow
class TestInput:
    """An archive on the standard input of one host."""

    def run(self, fleet: Fleet, content: bytes, *words: str) -> subprocess.CompletedProcess[bytes]:
        host = fleet.hosts["shop-1"]
        return subprocess.run(
            [str(host.home / "bin/eggd"), "deploy", "-", "--healthy", "0s", *words],
            env=host.host.environ,
            cwd=host.home,
            input=content,
            capture_output=True,
            check=False,
        )

    def test_it_is_deployed(self, fleet: Fleet) -> None:
        digest = hashlib.sha256(SHOP).hexdigest()
        done = self.run(fleet, SHOP, "--sha256", digest, "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["version"] == "7"
        assert len(fleet.hosts["shop-1"].releases()) == 2

    @pytest.mark.parametrize(
        ("content", "line"),
        [
            (SHOP[:1536], b"the archive did not arrive whole: 1536 bytes with SHA-256 "),
            (b"", b"the archive did not arrive whole: 0 bytes"),
        ],
    )
    def test_a_truncated_archive_changes_nothing(
        self, fleet: Fleet, content: bytes, line: bytes
    ) -> None:
        done = self.run(fleet, content, "--sha256", hashlib.sha256(SHOP).hexdigest())
        assert (done.returncode, line in done.stderr) == (1, True), done.stderr
        host = fleet.hosts["shop-1"]
        assert (host.settings.read_text(), host.releases()) == (SETTINGS, [])


WRONG = {
    "option": "-oProxyCommand=id",
    "command": "shop-1;id",
    "space": "shop 1",
    "substitution": "$(id)",
    "empty": "",
    "empty entry": "shop-1,,shop-2",
    "port": "shop-1:70000",
    "user": "-l@shop-1",
    "line": "shop-1\nid",
    "twice": "shop-1,shop-1",
    "missing file": "./hosts.txt",
}


@pytest.mark.parametrize("hosts", WRONG.values(), ids=WRONG)
def test_wrong_hosts_are_refused(
    hosts: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises((OptionError, FileNotFoundError)):
        targets(hosts)


def test_a_file_has_a_host_per_line(tmp_path: Path) -> None:
    file = tmp_path / "hosts"
    file.write_text("# the shop\nshop-1  # first\n\n  ops@shop-2:2222\n[2001:db8::7]:22\n")
    assert [(each.destination, each.port) for each in targets(str(file))] == [
        ("shop-1", None),
        ("ops@shop-2", 2222),
        ("2001:db8::7", 22),
    ]
    file.write_text("shop-1\nshop 2\n")
    with pytest.raises(OptionError, match=r"hosts:2: 'shop 2' is not a host"):
        targets(str(file))


def test_ssh_asks_nothing_and_gets_one_quoted_command() -> None:
    argv = command(Target.parse("ops@shop-1:2222", "--hosts"), ["deploy", "--check=/a b'c", "-"])
    assert argv[0] == "ssh"
    assert argv[-5:-1] == ["-p", "2222", "--", "ops@shop-1"]
    assert "BatchMode=yes" in argv
    assert argv[-1].endswith(""" eggd deploy '--check=/a b'"'"'c' -""")


@pytest.mark.parametrize("shell", ["sh", "bash", "zsh", "fish"])
def test_login_shells_read_every_word_as_it_was_given(shell: str, tmp_path: Path) -> None:
    words = ["a'b", "\\", "a\\", "\\'; id; '", "$(id)", "`id`", "", "two\nlines", '"$HOME"', "!x *"]
    eggd = tmp_path / "eggd"
    eggd.write_text("#!/bin/sh\nprintf '%s\\0' \"$@\"\n")
    eggd.chmod(0o755)
    remote = command(Target.parse("shop-1", "--hosts"), words)[-1]
    done = subprocess.run(
        [shell, "-c", remote.replace("sudo -n ", "")],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split("\0")[:-1] == words


USAGE = {
    "--wheelhouse: 'wheels' must be an absolute path": ["--wheelhouse", "wheels"],
    "--drain: 3600 s, must be at most 600 s": ["--drain", "1h"],
    "the source - is an archive on standard input": ["-"],
}


@pytest.mark.parametrize(("line", "words"), USAGE.items(), ids=USAGE)
def test_options_that_do_not_go_together_are_usage_errors(
    line: str, words: list[str], tmp_path: Path
) -> None:
    source = [] if words == ["-"] else ["."]
    done = subprocess.run(
        [sys.executable, "-P", "-m", "eggd", "deploy", *source, "--hosts", "shop-1", *words],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, line in done.stderr) == (2, True), done.stderr
