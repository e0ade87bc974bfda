"""`eggd logs`: all log files of a suite as one stream, in the order of time."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import zstandard

from eggd.cli.logview.choice import Choice, moment
from eggd.cli.logview.entry import Entry, Parser, local_text
from eggd.cli.logview.folder import log_files
from eggd.cli.logview.following import Follower
from eggd.cli.logview.journal import parse
from eggd.cli.logview.merging import merged
from eggd.cli.logview.reading import entries, parsed
from eggd.cli.logview.unreadable import unreadable
from eggd.errors import EggError
from eggd.plugins.logrotator.compression import Compressor
from eggd.testing.make_app import make_app
from tests.cli.host import Host
from tests.cli.supervised import Here, get
from tests.polling import await_that
from tests.program import Program

PROJECT = {
    "pyproject.toml": '[project]\nname = "shop"\n',
    "app/router.py": "def router(app): ...\n",
}
ROUTER = """
    async def root(ctx):
        ctx.logger.info("asked for")
        ctx.body = "here"

    def router(app):
        app.router.get("/", root)
"""
COMMON = '127.0.0.1 - ann [29/Nov/2025:10:00:00 +0000] "GET / HTTP/1.1" 200 2 "-" "curl"'
WEB = """\
2025-11-29 10:00:00,100 INFO 7 first
2025-11-29 10:00:02,000 WARN 7 [-/1.2.3.4/4bf92f35/3ms GET /a] slow
2025-11-29 10:00:03,000 ERROR 7 broken
  File "a.py", line 3
ValueError: no
"""
ERRORS = """\
2025-11-29 10:00:03,000 ERROR 7 broken
  File "a.py", line 3
ValueError: no
"""
AGENT = """\
2025-11-29 10:00:00,050 INFO 6 the agent starts
2025-11-29 10:00:02,500 DEBUG 6 a detail
"""


def lay(folder: Path) -> Path:
    """Writes the logs of a suite."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "shop-web.log").write_text(WEB)
    (folder / "common-error.log").write_text(ERRORS)
    (folder / "egg-agent.log").write_text(AGENT)
    (folder / "shop-web.log.2025-11-28").write_text("2025-11-28 23:59:59,999 INFO 5 yesterday\n")
    packed = b"2025-11-27 12:00:00,000 INFO 4 two days ago\n"
    (folder / "shop-web.log.2025-11-27.gz").write_bytes(gzip.compress(packed))
    packed = b"2025-11-26 12:00:00,000 INFO 3 three days ago\n"
    (folder / "shop-web.log.2025-11-26.zst").write_bytes(zstandard.compress(packed))
    (folder / "shop-web.json.log").write_text('{"a": 1}\n')
    (folder / "notes.txt").write_text("2025-11-29 10:00:00,000 INFO 1 no log\n")
    return folder


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


@pytest.fixture
def logs(host: Host) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs `eggd logs` in an app with logs."""
    app = make_app(host.home / "shop", PROJECT)
    lay(app / "logs")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return host.eggd("--base", str(app), "logs", *arguments)

    return run


def shown(done: subprocess.CompletedProcess[str]) -> list[str]:
    assert (done.returncode, done.stderr) == (0, "")
    return [line.split(" ", 4)[4] for line in done.stdout.splitlines() if re.match(r"\d{4}-", line)]


@pytest.mark.parametrize(
    ("arguments", "texts"),
    [
        (
            (),
            [
                *("yesterday", "the agent starts", "first"),
                *("[-/1.2.3.4/4bf92f35/3ms GET /a] slow", "a detail", "broken"),
            ],
        ),
        (("-n", "2"), ["a detail", "broken"]),
        (("--level", "warn"), ["[-/1.2.3.4/4bf92f35/3ms GET /a] slow", "broken"]),
        (("--level", "ERROR"), ["broken"]),
        (
            ("--level", "info"),
            [
                *("three days ago", "two days ago", "yesterday", "the agent starts", "first"),
                *("[-/1.2.3.4/4bf92f35/3ms GET /a] slow", "broken"),
            ],
        ),
        (("--trace", "4bf92f35"), ["[-/1.2.3.4/4bf92f35/3ms GET /a] slow"]),
        (("--grep", "days? ago$"), ["three days ago", "two days ago"]),
        (("--grep", "ValueError"), ["broken"]),
        (("--until", "2025-11-28"), ["three days ago", "two days ago"]),
        (("--since", "2025-11-27", "--until", "2025-11-29"), ["two days ago", "yesterday"]),
        (("--since", "2025-11-29T10:00:02.6"), ["broken"]),
        (("--grep", "ago", "-n", "1"), ["two days ago"]),
    ],
)
def test_all_files_are_one_stream(
    logs: Callable[..., subprocess.CompletedProcess[str]],
    arguments: Sequence[str],
    texts: list[str],
) -> None:
    """Each entry is there once; compressed files are read by searches alone."""
    assert shown(logs(*arguments)) == texts


def test_an_entry_keeps_its_lines(logs: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    assert logs("--level", "error").stdout == ERRORS


def test_json_has_an_object_for_each_entry(
    logs: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    first, *_ = map(json.loads, logs("--json", "--level", "error").stdout.splitlines())
    assert first["time"].startswith("2025-11-29T10:00:03.000")
    assert {key: first[key] for key in ("level", "pid", "text")} == {
        "level": "ERROR",
        "pid": 7,
        "text": 'broken\n  File "a.py", line 3\nValueError: no',
    }
    assert first["source"] in ("common-error.log", "shop-web.log")


def test_du_has_a_row_for_each_log(
    logs: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    heading, *rows = logs("du").stdout.splitlines()
    assert heading.split() == ["log", "size", "renamed", "size", "of", "these", "oldest"]
    assert rows[-1].split()[0::3] == ["shop-web.log", "3", "shop-web.log.2025-11-26.zst"]
    [record] = [row for row in json.loads(logs("du", "--json").stdout) if row["renamed"]]
    assert record["log"] == "shop-web.log"
    assert record["bytes"] == len(WEB)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--grep", "("), "error: --grep: missing ), unterminated subpattern at position 0"),
        (("--since", "soon"), "error: 'soon' is not a time (10m, 2h, 3d, 13:30, yesterday,"),
        (("--levle", "info"), "error: eggd logs: --levle: unknown option (did you mean '--level'"),
        (("--level", "warn", "du"), "error: --level has no effect before du"),
        (("--json", "du"), "error: --json has no effect before du"),
        (("rotat",), "error: eggd logs: rotat: unknown command ("),
        ((".", "du"), "error: give DIR after the command: 'eggd logs du .' (eggd logs --help)"),
        ((".", "."), "error: eggd logs: .: unknown command ("),
        (("-n", "0"), "error: invalid value for '-n' / '--lines': 0 is not in the range x>=1"),
    ],
)
def test_a_mistake_is_one_line(
    logs: Callable[..., subprocess.CompletedProcess[str]], arguments: Sequence[str], line: str
) -> None:
    done = logs(*arguments)
    assert done.returncode == 2 or "not a time" in line
    assert done.stderr.splitlines()[0].startswith(line)


def test_without_logs_the_folder_is_named(host: Host) -> None:
    app = make_app(host.home / "shop", PROJECT)
    (app / "run").mkdir()
    done = host.eggd("--base", str(app), "logs")
    assert done.returncode == 1
    assert done.stderr == (
        f"error: no logs: {app}/logs: No such file or directory"
        " (start the app, or give its directory)\n"
    )


def test_an_app_that_has_not_run_here_gives_way_to_the_units(host: Host) -> None:
    """In the folder of sources, `eggd logs` shows the logs of the suite that systemd runs."""
    app = make_app(host.home / "shop", PROJECT)
    dump = {"config": {"logger": {"dir": str(lay(host.home / "logs"))}}}
    (host.home / "run/agent_config.json").write_text(json.dumps(dump))
    assert shown(host.eggd("--base", str(app), "logs", "-n", "1")) == ["broken"]
    (app / "logs").mkdir()
    assert shown(host.eggd("--base", str(app), "logs", "-n", "1")) == []


def test_every_command_accepts_the_directory_of_an_app(host: Host) -> None:
    """`eggd logs DIR`, with options before or after it, and `eggd logs du DIR`."""
    app = make_app(host.home / "shop", PROJECT)
    lay(app / "logs")
    assert shown(host.eggd("logs", "-n", "1", str(app))) == ["broken"]
    assert shown(host.eggd("logs", str(app), "-n", "1")) == ["broken"]
    assert shown(host.eggd("--base", str(app), "logs", ".", "-n", "1")) == ["broken"]
    assert "shop-web.log.2025-11-26.zst" in host.eggd("logs", "du", str(app)).stdout
    done = host.eggd("logs", f"{app}/missing")
    assert done.returncode == 1
    assert f"error: no logs: {app}/missing/logs: No such file or directory" in done.stderr


def test_an_unreadable_folder_names_those_who_may_read_it(tmp_path: Path) -> None:
    """The group is named only if the mode lets it read: adm on a host (process:LOG-1)."""
    folder = tmp_path / "logs"
    folder.mkdir(mode=0o700)
    os.chown(folder, 1, 4)
    os.chmod(folder, 0o750)
    line = "may not be read (run the command as root, user daemon or a member of group adm)"
    assert unreadable(folder).line == f"{folder} {line}"
    folder.chmod(0o700)
    assert unreadable(folder / "a.log").hint == "run the command as root or user daemon"
    os.chown(folder, 0, 0)
    assert unreadable(folder).hint == "run the command as root"


def test_the_folder_of_the_last_start_counts(host: Host, tmp_path: Path) -> None:
    app = make_app(host.home / "shop", PROJECT)
    (app / "run").mkdir()
    dump = {"config": {"logger": {"dir": str(lay(tmp_path / "elsewhere"))}}}
    (app / "run/agent_config.json").write_text(json.dumps(dump))
    assert shown(host.eggd("--base", str(app), "logs", "-n", "1")) == ["broken"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("10m", 600), ("10 min ago", 600), ("2h", 7200), ("3d", 259200)],
)
def test_a_time_ago(text: str, seconds: int) -> None:
    assert moment(text, 1e9) == 1e9 - seconds


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("13:30", "2025-11-29 13:30:00,000"),
        ("9:05", "2025-11-29 09:05:00,000"),
        ("13:30:15", "2025-11-29 13:30:15,000"),
        ("today", "2025-11-29 00:00:00,000"),
        ("yesterday", "2025-11-28 00:00:00,000"),
        ("2025-11-01", "2025-11-01 00:00:00,000"),
        ("2025-11-01T10:00", "2025-11-01 10:00:00,000"),
    ],
)
def test_a_date(text: str, local: str) -> None:
    now = time.mktime((2025, 11, 29, 14, 0, 0, 0, 0, -1))
    assert local_text(moment(text, now)) == local


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("berlin")
def test_the_hour_that_comes_twice_stays_in_order() -> None:
    dates = ("02:30:00", "02:59:59", "02:00:01", "02:58:00", "03:00:00")
    lines = [f"2026-10-25 {date},000 INFO 1 x" for date in dates]
    times = [entry.at for entry in parsed(Parser("a.log"), lines)]
    assert times == sorted(times)
    assert times[-1] - times[0] == 5400


@pytest.mark.parametrize(
    ("line", "level", "pid", "text"),
    [
        ("2025-11-29T10:00:00.100Z INFO 7 utc", "INFO", 7, "utc"),
        ('{"date": "2025-11-29", "level": "WARN", "pid": 8, "message": "m"}', "WARN", 8, "m"),
        (COMMON, "INFO", 0, COMMON),
        ('{"time": 1764410400.5, "status": 200}', "", 0, '{"time": 1764410400.5, "status": 200}'),
        ("no date", "", 0, "no date"),
        ('{"date": 1}', "", 0, '{"date": 1}'),
        ("{broken", "", 0, "{broken"),
        ("2025-11-29 10:00:00,100 LOUD 7 x", "", 0, "2025-11-29 10:00:00,100 LOUD 7 x"),
        ("2026-13-29 10:00:00,100 INFO 7 x", "", 0, "2026-13-29 10:00:00,100 INFO 7 x"),
    ],
)
def test_lines_of_other_forms(line: str, level: str, pid: int, text: str) -> None:
    [entry] = parsed(Parser("access.log"), [line])
    assert (entry.level, entry.pid, entry.text) == (level, pid, text)


@pytest.mark.parametrize(
    "line",
    [
        '{"date": "2025-11-29", "level": "\\u001b[2J", "pid": 1, "message": "forged"}',
        '{"a":' * 100_000,
    ],
)
def test_a_client_cannot_forge_an_entry(line: str) -> None:
    """In text a line of a message stays in its entry; in JSON an unknown level is left out."""
    lines = ["2025-11-29 10:00:00,100 INFO 7 comment: x", line]
    [entry] = parsed(Parser("shop-web.log"), lines)
    assert entry.text == f"comment: x\n{line}"
    assert [each.level for each in parsed(Parser("access.log"), [line])] == [""]


def test_the_output_of_a_supervisor_has_the_time_of_its_lines() -> None:
    """`eggd start --daemon` writes master-stdout.log, with a copy of what a logger has written."""
    line = "2025-11-29 10:00:00.100 egg-worker@1[7]: first"
    [entry] = parsed(Parser("master-stdout.log"), [line])
    assert (local_text(entry.at), entry.pid) == ("2025-11-29 10:00:00,100", 7)
    [web] = parsed(Parser("shop-web.log"), [WEB.splitlines()[0]])
    assert [each.text for each in merged([[web], [entry]])] == ["first"]
    assert Parser("shop-web.log").begin(line) is None


def test_lines_without_dates_are_entries_of_their_own() -> None:
    lines = ["one", "two", "2025-11-29 10:00:00,100 INFO 7 three", "  four", COMMON, COMMON]
    assert [entry.text for entry in parsed(Parser("a.log"), lines)] == [
        *("one", "two", "three\n  four", COMMON, COMMON),
    ]


def test_files_are_in_order_of_age(tmp_path: Path) -> None:
    names = [
        *("a.log.10", "a.log.2.gz", "a.log.1", "a.log.2025-11-01-09", "a.log.2025-11-01-101500"),
        *("a.log.2025-11-01-10.gz", "a.log.2025-11-01", "a.log.2025-11-02"),
    ]
    for name in [*names, "a.log", "a.log.bak", "a.log.1.part", "b.json.log"]:
        (tmp_path / name).touch()
    (tmp_path / "c.log").symlink_to("/etc/passwd")
    first, second = log_files(tmp_path)
    assert [file.path.name for file in first.renamed] == names
    assert second.name == "b.json.log"


def test_a_tail_reads_no_more_than_it_needs(tmp_path: Path) -> None:
    """From the first whole line on, and of renamed files what is missing."""
    (tmp_path / "a.log").write_text("2025-11-29 10:00:00,000 INFO 1 x\n" * 10)
    (tmp_path / "a.log.1").write_text("2025-11-28 10:00:00,000 INFO 1 y\n" * 10)
    [log] = log_files(tmp_path)
    assert [entry.text for entry in entries(log, 0, 80)] == ["x", "x"]
    assert [entry.text for entry in entries(log, 0, 400)] == ["y", "y", *"x" * 10]


@pytest.mark.parametrize(
    "content",
    [
        b"no gzip",
        gzip.compress(b"x" * 10_000, mtime=0)[:-10],
        gzip.compress(b"x", mtime=0)[:10] + b"\xff" * 20,
    ],
)
@pytest.mark.parametrize("suffix", ["gz", "zst"])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes, suffix: str) -> None:
    (tmp_path / f"a.log.1.{suffix}").write_bytes(content)
    [log] = log_files(tmp_path)
    with pytest.raises(EggError, match=rf"a\.log\.1\.{suffix} is damaged"):
        list(entries(log, 0))


def test_zstd_frames_are_read_one_after_the_other(tmp_path: Path) -> None:
    frames = [
        zstandard.compress(f"2025-11-29 10:00:0{n},000 INFO 1 {n}\n".encode()) for n in (1, 2)
    ]
    (tmp_path / "a.log.1.zst").write_bytes(b"".join(frames))
    [log] = log_files(tmp_path)
    assert [entry.text for entry in entries(log, 0)] == ["1", "2"]


def line(at: float, text: str, pid: int = 1) -> str:
    return f"{local_text(at)} INFO {pid} {text}\n"


def test_lines_that_a_process_wrote_late_are_put_in_order(tmp_path: Path) -> None:
    """By up to two seconds; those of the same time stay in their order."""
    late = [(10, "a"), (11.5, "b"), (10.5, "c"), (11.5, "d"), (9.6, "e"), (20, "f"), (17, "g")]
    (tmp_path / "a.log").write_text("".join(line(at, text) for at, text in late))
    [log] = log_files(tmp_path)
    assert "".join(entry.text for entry in entries(log, 0)) == "eacbdgf"


def test_a_rotation_while_the_files_are_read(tmp_path: Path) -> None:
    """A file that is renamed or compressed after the listing is read once."""
    for age, name in enumerate(("a.log", "a.log.1", "a.log.2", "a.log.3")):
        (tmp_path / name).write_text(line(1000 - age * 10, name))
    [log] = log_files(tmp_path)
    stream = entries(log, 0)
    assert next(stream).text == "a.log.3"
    (tmp_path / "a.log.2").rename(tmp_path / "a.log.3")
    assert Compressor(".gz", lambda: False)(tmp_path / "a.log.1")
    (tmp_path / "a.log").rename(tmp_path / "a.log.1")
    (tmp_path / "a.log").write_text(line(2000, "new"))
    assert [entry.text for entry in stream] == ["a.log.2", "a.log.1", "a.log"]


def test_values_of_json_stay_values() -> None:
    """Values other than time, level, pid and text are in `data`."""
    own = '{"date": "2025-11-29", "level": "INFO", "pid": 8, "message": "paid", "order": 7}'
    access = '{"time": 1764410400.5, "status": 200, "path": "/"}'
    for text, data in ((own, {"order": 7}), (access, json.loads(access))):
        [entry] = parsed(Parser("access.log"), [text])
        assert entry.record()["data"] == data
    [plain] = parsed(Parser("a.log"), [WEB.partition("\n")[0]])
    assert "data" not in plain.record()


def entry(at: float, text: str, source: str = "a.log", pid: int = 1) -> Entry:
    return Entry(at, "INFO", pid, text, source)


def test_the_same_call_in_two_places_is_one_entry() -> None:
    """A second time in the same file is another call."""
    files = [entry(1, "x"), entry(1.2, "x"), entry(5, "x", pid=0)]
    journal = [entry(1.01, "x", "unit"), entry(3, "x", "unit"), entry(5, "x", "unit", pid=0)]
    assert [each.at for each in merged([files, journal])] == [1, 1.2, 3, 5, 5]


def test_new_lines_are_followed_through_rotations(tmp_path: Path) -> None:
    """Neither a line of the renamed file nor one of a new file is missed; half lines wait."""
    log = tmp_path / "a.log"
    log.write_text("2025-11-29 10:00:00,000 INFO 1 old\n")

    def texts() -> list[str]:
        """The last entry of a file comes once no line follows it."""
        return [each.text for _ in range(2) for each in follower.news()]

    with Follower(tmp_path, with_journal=False) as follower:
        assert texts() == []
        with log.open("a") as file:
            file.write("2025-11-29 10:00:01,000 INFO 1 one\n2025-11-29 10:00:02,000 INFO 1 tw")
            file.flush()
            assert texts() == ["one"]
            file.write("o\n")
        log.rename(tmp_path / "a.log.1")
        log.write_text("2025-11-29 10:00:03,000 INFO 1 three\n")
        (tmp_path / "b.log").write_text("2025-11-29 10:00:02,500 INFO 1 other\n")
        assert texts() == ["two", "other", "three"]
        log.write_text("2025-11-29 10:00:04,000 INFO 1 cut\n")
        assert texts() == ["cut"]
        log.unlink()
        assert texts() == []
        log.write_text("2025-11-29 10:00:05,000 INFO 1 again\n")
        assert texts() == ["again"]


def test_a_late_line_in_a_renamed_file_is_followed(tmp_path: Path) -> None:
    """So are two rotations between two looks, and an entry whose lines come in parts."""
    log = tmp_path / "a.log"
    log.write_text(line(1000, "old"))
    with Follower(tmp_path, with_journal=False) as follower, log.open("a") as late:

        def texts() -> list[str]:
            return [each.text for _ in range(2) for each in follower.news()]

        assert texts() == []
        log.rename(tmp_path / "a.log.1")
        log.write_text(line(1001, "new"))
        assert texts() == ["new"]
        late.write(line(1002, "late\n  more"))
        late.flush()
        assert texts() == ["late\n  more"]
        (tmp_path / "a.log.1").rename(tmp_path / "a.log.3")
        log.rename(tmp_path / "a.log.2")
        (tmp_path / "a.log.1").write_text(line(1003, "between"))
        log.write_text(line(1004, "newest"))
        assert texts() == ["between", "newest"]
        late.write(line(1005, "broken") + "Trace\n")
        late.flush()
        [*shown] = follower.news()
        assert shown == []
        late.write("  File\n")
        late.flush()
        assert texts() == ["broken\nTrace\n  File"]


def test_entries_of_several_files_are_followed_in_order(tmp_path: Path) -> None:
    """Each waits until it is two seconds old."""
    now = time.time()
    with Follower(tmp_path, with_journal=False) as follower:
        (tmp_path / "a.log").write_text(line(now - 3, "two") + line(now + 3600, "future"))
        (tmp_path / "b.log").write_text(line(now - 4, "one") + line(now + 3600, "future"))
        assert [each.text for _ in range(2) for each in follower.news()] == ["one", "two"]


def test_what_was_read_is_not_followed_again(tmp_path: Path) -> None:
    """Nor is a line missed that is written while the files are read."""
    log = tmp_path / "a.log"
    log.write_text(line(1000, "first"))
    with Follower(tmp_path, with_journal=False) as follower:
        with log.open("a") as file:
            file.write(line(1001, "second") + line(1002, "third")[:-3])
        [files] = log_files(tmp_path)
        read = [each.text for each in entries(files, 0, 0, follower.offsets)]
        assert read == ["first", "second"]
        with log.open("a") as file:
            file.write(line(1002, "third")[-3:])
        log.rename(tmp_path / "a.log.1")
        log.write_text(line(1003, "fourth"))
        assert [each.text for _ in range(2) for each in follower.news()] == ["third", "fourth"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            {"MESSAGE": "Started.", "PRIORITY": "6", "UNIT": "egg-agent.service", "_PID": "1"},
            ("INFO", 1, "Started.", "egg-agent.service"),
        ),
        (
            {"MESSAGE": [104, 105, 255], "PRIORITY": "3", "_SYSTEMD_UNIT": "egg-worker@1.service"},
            ("ERROR", 0, "hi\\xff", "egg-worker@1.service"),
        ),
        ({"PRIORITY": "6"}, None),
    ],
)
def test_an_entry_of_the_journal(data: dict[str, object], expected: object) -> None:
    line = json.dumps({"__REALTIME_TIMESTAMP": "1700000000123456", **data}).encode()
    found = parse(line)
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert found.at == 1700000000.123456
        assert (found.level, found.pid, found.text, found.source) == expected
    assert parse(b"[]") is None
    assert parse(b"{") is None


def test_a_choice_keeps_what_no_logger_wrote() -> None:
    choice = Choice(level=13)
    assert choice(Entry(1, "", 0, "printed", "unit"))
    assert not choice(entry(1, "x"))


def test_logs_of_a_running_suite(tmp_path: Path) -> None:
    """Agent and workers are one stream; `-f` shows what comes."""
    here = Here(tmp_path)
    here.write({"app/router.py": ROUTER})
    with here.foreground("--port", "0", "--workers", "1") as suite:
        url = suite.ready()
        command = here.command("--base", str(here.app), "logs", "-f", "--json")
        with Program(command, env=here.environ(), stdout=subprocess.PIPE, text=True) as logs:
            assert logs.stdout is not None
            texts = (json.loads(line)["text"] for line in logs.stdout)
            for _process in ("agent", "worker"):
                assert any("App root" in text for text in texts)
            get(url)
            assert any("asked for" in text for text in texts)
            logs.terminate()


def test_a_running_suite_rotates_and_reopens(tmp_path: Path) -> None:
    """The answer names each new file, and counts the processes that write to new ones."""
    here = Here(tmp_path)
    here.write({"app/router.py": ROUTER})
    with here.foreground("--port", "0", "--workers", "1") as suite:
        get(suite.ready())
        web = here.app / "logs" / f"{here.app.name}-web.log"
        await_that(lambda: web.exists() and web.stat().st_size, "the lines of the worker")
        done = here.eggd("logs", "rotate", str(here.app), "--json")
        assert (done.returncode, done.stderr) == (0, "")
        answer = json.loads(done.stdout)
        assert (answer["reopened"], answer["silent"]) == (2, [])
        assert any(Path(path).name.startswith(f"{web.name}.2") for path in answer["renamed"])
        assert all(Path(path).stat().st_size for path in answer["renamed"])
        for path in (here.app / "logs").rglob("*.log"):
            path.rename(f"{path}.old")
        done = here.eggd("logs", "reopen", str(here.app))
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == "reopened the log files of 2 processes\n"
        assert opened(suite.process.pid, ".old") == []
        (here.run / "agent-control.sock").unlink()
        done = here.eggd("logs", "reopen", str(here.app))
        assert done.returncode == 1
        assert done.stderr == (
            f"error: the agent is not running ({here.run}/agent-control.sock) (eggd status)\n"
        )


def opened(pid: int, end: str) -> list[str]:
    """Returns the open files of a process and its descendants whose names end so."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    links = [os.readlink(each) for each in Path(f"/proc/{pid}/fd").iterdir() if each.is_symlink()]
    deeper = [link for child in children for link in opened(int(child), end)]
    return [link for link in links if link.endswith(end)] + deeper


def test_without_the_plugin_the_command_says_so(tmp_path: Path) -> None:
    here = Here(tmp_path)
    here.write({"config/plugin.py": "logrotator = False\n"})
    with here.foreground("--port", "0", "--workers", "1") as suite:
        suite.ready()
        done = here.eggd("logs", "rotate", str(here.app))
    assert done.returncode == 1
    line = "error: the agent has no handler for 'logs-rotate' (is its plugin off?)\n"
    assert done.stderr == line


def test_without_a_suite_nothing_is_rotated(tmp_path: Path) -> None:
    here = Here(tmp_path)
    done = here.eggd("logs", "rotate", str(here.app))
    assert done.returncode == 1
    assert done.stderr == f"error: {here.app}: no suite is running (eggd start {here.app})\n"
