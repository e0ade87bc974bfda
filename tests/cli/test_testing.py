import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.host import ROOT
from tests.cli.project import FAILING, Project
from tests.program import Program

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.mark.parametrize("name", ["test", "t"])
def test_the_tests_run_as_unittest(project: Project, name: str) -> None:
    # core:BIN-1, BIN-9, BIN-11
    done = project.eggd(name)
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 passed" in done.stdout


def test_another_environment_stays(project: Project) -> None:
    # core:BIN-11
    done = project.eggd("test", EGG_SERVER_ENV="sit")
    assert (done.returncode, "1 failed, 1 passed" in done.stdout) == (1, True)


def test_a_project_without_tests_succeeds(project: Project) -> None:
    """Files in tests/fixtures belong to apps of tests (core:BIN-9)."""
    (project.root / "tests/test_price.py").unlink()
    done = project.eggd("test")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"no test files found: tests/**/test_*.py in {project.root}\n"


def test_fixtures_are_apps_of_tests(project: Project) -> None:
    # core:BIN-9
    project.write(**{"tests/fixtures/shop/tests/test_bad.py": "def test_bad(): assert False\n"})
    assert "2 passed" in project.eggd("test").stdout


CHOICES = [
    (["tests/test_more.py"], {}, "1 passed"),
    ([], {"TESTS": "tests/test_more.py"}, "1 passed"),
    (["-k", "one"], {}, "1 passed, 2 deselected"),
    (["--grep", "one", "-g", "more"], {}, "2 passed, 1 deselected"),
    (["--timeout", "70"], {}, "timeout: 70.0s"),
    ([], {"TEST_TIMEOUT": "80"}, "timeout: 80.0s"),
    ([], {}, "timeout: 60.0s"),
    (["--", "--collect-only", "-q"], {}, "3 tests collected"),
]


@pytest.mark.parametrize(("arguments", "environ", "said"), CHOICES)
def test_tests_can_be_selected(
    project: Project, arguments: list[str], environ: dict[str, str], said: str
) -> None:
    # core:BIN-9, BIN-10
    project.write(**{"tests/test_more.py": "def test_more(): pass\n"})
    done = project.eggd("test", *arguments, **environ)
    assert (done.returncode, said in done.stdout) == (0, True), done.stdout


@pytest.mark.parametrize("arguments", [["--no-timeout"], ["--timeout", "0"]])
def test_no_timeout(project: Project, arguments: list[str]) -> None:
    # core:BIN-10
    assert "timeout:" not in project.eggd("test", *arguments).stdout


def test_the_timeout_of_the_project_stays(project: Project) -> None:
    table = '[project]\nname = "a"\n[tool.pytest.ini_options]\ntimeout = 50\n'
    (project.root / "pyproject.toml").write_text(table)
    assert "timeout: 50.0s" in project.eggd("test").stdout


@pytest.mark.parametrize("option", ["--bail", "-b", "-x"])
def test_bail_ends_at_the_first_failure(project: Project, option: str) -> None:
    # core:BIN-10
    project.write(**FAILING)
    done = project.eggd("test", option)
    assert (done.returncode, "1 failed in" in done.stdout) == (1, True)


def test_an_unhandled_error_fails_the_run(project: Project) -> None:
    """An exception in a thread, or of a collected task, fails the test (core:BIN-11)."""
    stray = "import threading\n\ndef test_a():\n    t = threading.Thread(target=lambda: 1 / 0)\n"
    project.write(**{"tests/test_stray.py": f"{stray}    t.start()\n    t.join()\n"})
    done = project.eggd("test")
    assert (done.returncode, "ZeroDivisionError" in done.stdout) == (1, True)


def git(project: Project, *arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@a.example", "-c", "init.defaultBranch=a"]
    subprocess.run(
        ["git", *identity, *arguments], cwd=project.root, check=True, capture_output=True
    )


def test_changed_files_are_what_git_says(project: Project) -> None:
    """Modified and new files run, also before the first commit (core:BIN-10)."""
    git(project, "init")
    git(project, "add", ".")
    assert "2 passed" in project.eggd("test", "--changed").stdout
    git(project, "commit", "-m", "all")
    done = project.eggd("test", "--changed")
    assert (done.returncode, done.stdout) == (0, "no changed test files\n")
    project.write(**{"tests/test_new.py": "def test_new(): pass\n", "app/service/b.py": "b = 1\n"})
    (project.root / "tests/test_price.py").unlink()
    assert "tests/test_new.py ." in project.eggd("test", "--changed").stdout


def test_changed_without_git_is_one_line(project: Project) -> None:
    done = project.eggd("test", "-c", GIT_DIR="/nowhere")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "error: git ls-files: fatal: not a git repository: '/nowhere'"
        " (--changed needs a git repository)\n"
    )


@pytest.mark.parametrize("option", [["--parallel"], ["-p"], ["--jobs", "2"]])
def test_parallel_runs_several_processes(project: Project, option: list[str]) -> None:
    """Parallel processes listen on different free ports (core:BIN-10, BIN-12)."""
    done = project.eggd("test", *option)
    assert (done.returncode, "created: " in done.stdout) == (0, True), done.stdout


def test_a_dry_run_says_the_command(project: Project) -> None:
    # core:BIN-2
    done = project.eggd("test", "--dry-run", "-k", "a b")
    assert done.stdout.startswith(f"dry run: $ {sys.executable} -m pytest ")
    assert "-k '(a b)'" in done.stdout
    assert "passed" not in done.stdout


@pytest.mark.parametrize(
    ("module", "arguments", "name"),
    [
        ("pytest", ["test"], "pytest"),
        ("pytest", ["cov"], "pytest"),
        ("coverage", ["cov"], "coverage"),
        ("xdist", ["test", "-p"], "xdist"),
        ("pytest_timeout", ["test", "-t", "5"], "timeout"),
    ],
)
def test_a_missing_package_is_named(
    project: Project, module: str, arguments: list[str], name: str
) -> None:
    file = project.root.parent / "without" / "sitecustomize.py"
    file.parent.mkdir()
    file.write_text(f"import sys\nsys.modules[{module!r}] = None\n")
    done = project.eggd(*arguments, PYTHONPATH=f"{file.parent}:{ROOT}")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert f"{name} is not installed for {sys.executable} (run pip install " in done.stderr


@pytest.mark.parametrize("name", ["test", "cov"])
def test_the_wrong_directory_is_one_line(project: Project, name: str) -> None:
    done = project.eggd("--base", str(project.root / "tests"), name)
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"error: {project.root}/tests: not a project: pyproject.toml is missing (cd to the"
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_for_the_tests(project: Project, number: signal.Signals) -> None:
    """The command becomes pytest, so signals and exit codes are pytest's (core:BIN-3)."""
    project.write(**{"tests/test_price.py": WAITING})
    argv = [sys.executable, "-P", "-m", "eggd", "--base", str(project.root), "test", "--", "-s"]
    environ = {name: os.environ[name] for name in ("PATH", "EGGD_USER")} | {"PYTHONPATH": str(ROOT)}
    with Program(argv, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        next(line for line in process.stdout if "waiting" in line)
        process.send_signal(number)
        process.communicate()
    assert process.returncode == {signal.SIGINT: 2, signal.SIGTERM: -signal.SIGTERM}[number]


WAITING = """
    import os, signal

    def test_wait():
        woken, wakeup = os.pipe()  # signal.pause() misses a signal that arrives just before it
        os.set_blocking(wakeup, False)
        signal.set_wakeup_fd(wakeup)
        print("waiting", flush=True)
        while True:
            os.read(woken, 1)
    """
