import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest

from eggd.cli.commands import COMMANDS, SECTIONS, Entry
from eggd.version import __version__
from tests.cli.host import ROOT, Host


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: str(entry.name))
def test_every_command_has_help_with_an_example(host: Host, entry: Entry) -> None:
    done = host.eggd(entry.name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"eggd {entry.name}" in done.stdout.partition("Example")[2]


def walk(command: click.Command, path: str) -> Iterator[tuple[str, str]]:
    """Yields each command below a group with its path and help."""
    if not isinstance(command, click.Group):
        yield path, command.get_help(click.Context(command, info_name=path))
        return
    for name, below in command.commands.items():
        yield from walk(below, f"{path} {name}")


def test_the_help_of_each_command_of_a_group_has_an_example_of_it() -> None:
    """`eggd keys new --help` has a line that runs `eggd keys new`."""
    groups = [each for entry in COMMANDS for each in walk(command_of(entry), f"eggd {entry.name}")]
    assert len(groups) > len(COMMANDS)
    assert [path for path, text in groups if path not in text.partition("Example")[2]] == []


def command_of(entry: Entry) -> click.Command:
    command = import_module(entry.module).command
    assert isinstance(command, click.Command)
    return command


def test_the_help_lists_the_table(host: Host) -> None:
    text = host.eggd("--help").stdout
    rows = [f"  {entry.name} {entry.arguments}".rstrip() for entry in COMMANDS]
    assert [row for row in rows if row not in text] == []


def test_each_command_is_in_one_section() -> None:
    shown = [name for names in SECTIONS.values() for name in names]
    assert sorted(shown) == sorted(entry.name for entry in COMMANDS)


def test_the_manual_has_the_same_table() -> None:
    lines = (ROOT / "docs" / "cli.md").read_text().splitlines()
    rows = [
        f"| `eggd {entry.name} {entry.arguments}".rstrip() + f"` | {entry.summary} |"
        for entry in COMMANDS
    ]
    assert [line for line in lines if line.startswith("| `eggd ")] == rows


NAMES = ", ".join(each.name for each in COMMANDS)
WRONG = {
    ("reloda",): "eggd: reloda: unknown command (did you mean 'reload'?)",
    ("zzz",): f"eggd: zzz: unknown command (commands: {NAMES})",
    ("status", "--jsn"): "eggd status: --jsn: unknown option (did you mean '--json'?)",
    # process:SCR-13
    ("start", "--sourcemap"): "eggd start: --sourcemap: unknown option (eggd start --help)",
    ("version", "now"): "got unexpected extra argument (now) (eggd version --help)",
    ("scale",): "missing argument 'N' (eggd scale --help)",
    ("logs", "--trace", ""): "--trace: must be the id of a request, not '' (eggd logs --help)",
    ("top", "--interval", "nan"): "invalid value for '--interval': 'nan' is not a valid number of"
    " seconds (eggd top --help)",
    ("--colour",): "eggd: --colour: unknown option (eggd --help)",
}


@pytest.mark.parametrize(("arguments", "line"), WRONG.items())
def test_a_wrong_call_is_one_line_and_exits_with_2(
    host: Host, arguments: list[str], line: str
) -> None:
    done = host.eggd(*arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: {line}\n")


@pytest.mark.parametrize("arguments", [["version"], ["--version"]])
def test_the_version_is_that_of_the_package(host: Host, arguments: list[str]) -> None:
    assert host.eggd(*arguments).stdout.startswith(f"eggd {__version__}")


def test_without_a_command_the_help_is_shown(host: Host) -> None:
    assert host.eggd().stdout.startswith("Usage: eggd ")


LIGHT = {
    *("eggd.cli", "eggd.cli.main", "eggd.cli.commands", "eggd.cli.group", "eggd.cli.discovery"),
    *("eggd.testing", "eggd.testing.base_dir", "eggd.errors", "eggd.failure", "eggd.version"),
    *("eggd.smallfile", "eggd.spelling", "eggd.wire", "eggd.wire.terminal"),
}
"""All that `eggd --help` is made of."""

HEAVY = {"tornado", "asyncio", "rich", "logbook", "importlib.metadata"}


def test_help_imports_nothing_of_an_app_and_nothing_that_takes_long(host: Host) -> None:
    """`benchmarks/help` measures the time; here only the imports count."""
    script = (
        "import sys\nfrom eggd.cli.main import main\n"
        "try: main(['--help'])\nfinally: print(*sys.modules, file=sys.stderr)"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=host.environ, capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert not HEAVY & loaded
    assert {name for name in loaded if name.startswith("eggd.")} <= LIGHT


def test_a_closed_pipe_causes_no_traceback(host: Host) -> None:
    command = f"{sys.executable} -m eggd --help | true"
    done = subprocess.run(
        ["sh", "-c", command], env=host.environ, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_files_are_the_null_device(host: Host, closed: str) -> None:
    shell = f"{sys.executable} -P -m eggd version {closed}"
    done = subprocess.run(
        ["sh", "-c", shell], env=host.environ, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_full_disk_is_one_line(host: Host) -> None:
    shell = f"{sys.executable} -P -m eggd version >/dev/full"
    done = subprocess.run(
        ["sh", "-c", shell], env=host.environ, capture_output=True, text=True, check=False
    )
    line = "error: the output cannot be written: No space left on device\n"
    assert (done.returncode, done.stderr) == (1, line)
