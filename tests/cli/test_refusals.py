"""Texts of errors, as processes and systemd log them, and what they say about the sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.cli.logview.entry import Entry
from eggd.cli.refusals import Refusal, explained, refusal_of
from eggd.host.sandbox import Grant
from eggd.suite.names import SuiteNames

TRACE = 'Traceback (most recent call last):\n  File "/srv/shop/a.py", line 3, in f\n    {}\n{}'
EPERM = "PermissionError: [Errno 1] Operation not permitted"
ALLOWED = [
    ("[Errno 30] Read-only file system: '/usr/lib/absent/y.db'", "write", "/usr/lib"),
    ("error: Read-only file system (os error 30): \"/etc/apt/x\"", None, ""),
    ("cp: cannot create '/etc/apt/x': Read-only file system", None, ""),
    ("[Errno 2] No such file or directory: '/home/ann/.config/shop.toml'", "home", "read-only"),
    ("[Errno 13] Permission denied: '/root/.netrc'", "home", "read-only"),
    (TRACE.format("socket.socket(socket.AF_PACKET)", "[Errno 97] Address"), "family", "AF_PACKET"),
    (TRACE.format("os.sched_setaffinity(0, {1})", EPERM), "syscall", "sched_setaffinity"),
    (TRACE.format("os.nice(5)", EPERM), "syscall", "setpriority"),
    (TRACE.format("mmap.mmap(-1, 4096, prot=7)", EPERM), "memory", "execute"),
    (TRACE.format("mmap.mmap(-1, 9, prot=7)", "PermissionError: [Errno 13]"), "memory", "execute"),
    ("MemoryError: Cannot allocate write+execute memory for ffi.callback().", "memory", "execute"),
    ("LLVM ERROR: Unable to allocate section memory!", "memory", "execute"),
]  # fmt: skip


def refused(text: str) -> Refusal | None:
    """Returns the refusal in a text of the package's own application."""
    return refusal_of(text, SuiteNames())


@pytest.mark.parametrize(("text", "kind", "value"), ALLOWED)
def test_a_refusal_names_the_grant(text: str, kind: str | None, value: str) -> None:
    refusal = refused(text)
    assert refusal is not None
    assert refusal.allow == (Grant(kind, value) if kind else None)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("OSError: [Errno 30] Read-only file system: '/srv/data'", "/var/lib/eggd"),
        ("OSError: [Errno 30] Read-only file system: '/home/ann/shop/x'", "move the directory"),
        ("sqlite3.OperationalError: attempt to write a readonly database", "allow write PATH"),
        ("[Errno 13] Permission denied: '/srv/shop/secret'", "owner or mode of /srv/shop/secret"),
        ("OSError: [Errno 97] Address family not supported by protocol", "often AF_NETLINK"),
        (f"{EPERM}: '/srv/shop/file'", "strace(1)"),
        (
            "Failed to set up mount namespacing: /run/systemd/unit-root/srv/up: No such file",
            "install -d -o eggd -g eggd /srv/up",
        ),
    ],
)
def test_a_refusal_without_a_grant_has_a_hint(text: str, hint: str) -> None:
    refusal = refused(text)
    assert refusal is not None
    assert refusal.allow is None
    assert hint in refusal.hint


@pytest.mark.parametrize(
    "text",
    [
        "agent of shop (prod) is ready",
        "FileNotFoundError: [Errno 2] No such file or directory: '/srv/shop/x'",
        "ConnectionRefusedError: [Errno 111] Connection refused",
        "paid by [Errno 99999999999999999999] x",
    ],
)
def test_other_texts_are_not_refusals(text: str) -> None:
    assert refused(text) is None


def test_a_write_names_the_nearest_directory_that_exists(tmp_path: Path) -> None:
    """A unit whose ReadWritePaths= does not exist would not start."""
    refusal = refused(f"[Errno 30] Read-only file system: '{tmp_path}/made/later/file'")
    assert refusal is not None
    assert refusal.allow == Grant("write", str(tmp_path))


def test_equal_refusals_are_one_with_a_count() -> None:
    """Agent and workers are counted apart; lines of INFO are left out, unless printed."""
    text = "[Errno 13] Permission denied: '/root/.netrc'"
    sources = [("ERROR", "egg-worker@1.service"), ("WARN", "shop-web.log")]
    sources += [("ERROR", "egg-agent.log"), ("INFO", "shop-web.log")]
    sources += [("INFO", "egg-worker@2.service")]  # printed on standard error
    entries = [
        Entry(float(at), level, 1, text, source) for at, (level, source) in enumerate(sources)
    ]
    assert [
        (each.of_agent, each.count, each.last) for each in explained(entries, SuiteNames())
    ] == [
        (True, 1, 2.0),
        (False, 3, 4.0),
    ]
