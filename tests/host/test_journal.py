"""The journal's native protocol in the shipped sandbox: fields, one entry per call."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.host.conftest import Boot
from tests.host.host import Host

WORKERS = 2


@pytest.fixture(scope="module")
def host(module_boot: Boot) -> Host:
    return module_boot("journal", workers=WORKERS)


def entries(host: Host, match: str) -> list[dict[str, Any]]:
    """Returns the entries of the journal that match, in order, with all fields whole."""
    out = host.out(f"journalctl --sync; journalctl -q --no-pager -a -o json --all {match}")
    return [json.loads(line) for line in out.splitlines()]


def test_one_request_across_worker_and_agent(host: Host) -> None:
    """`journalctl TRACE_ID=...` shows it, with its fields (process:LOG-8)."""
    trace = host.http("/pay").text
    pay, booked, inner = entries(host, f"TRACE_ID={trace}")
    assert [each["MESSAGE"].rpartition("] ")[2] for each in (pay, booked, inner)] == [
        "pay",
        "booked 7",
        "inner",
    ]
    assert {each["TRACE_ID"] for each in (pay, booked, inner)} == {trace}
    assert booked["SYSLOG_IDENTIFIER"] == "egg-agent"
    assert (booked["EGG_WORKER"], booked["_SYSTEMD_UNIT"]) == ("agent", "egg-agent.service")
    slot = pay["EGG_WORKER"]
    assert pay["_SYSTEMD_UNIT"] == f"egg-worker@{slot}.service"
    assert int(slot) in range(1, WORKERS + 1)
    expected = {
        "PRIORITY": "4",
        "SYSLOG_IDENTIFIER": f"egg-worker@{slot}",
        "EGG_LOGGER": "logger",
        "HTTP_METHOD": "GET",
        "HTTP_PATH": "/pay",
        "ORDER_ID": "7",
        "CODE_FUNC": "pay",
        "CODE_LINE": "3",
        "_TRANSPORT": "journal",
    }
    assert {key: pay[key] for key in expected} == expected
    assert pay["CODE_FILE"].endswith("/app/router.py")
    assert f"/{trace}/" in pay["MESSAGE"]
    assert inner["HTTP_PATH"] == "/inner"


def test_an_exception_is_one_entry_of_several_lines(host: Host) -> None:
    """A line of its message cannot pass for an entry (process:LOG-8, LOG-27)."""
    assert host.http("/fail").status == 500
    [entry] = entries(host, "HTTP_PATH=/fail")
    lines = entry["MESSAGE"].splitlines()
    assert entry["PRIORITY"] == "3"
    assert lines[0].endswith("] python.ValueError: first")
    assert lines[1:3] == ["second", " 2026-01-01 third"]
    assert "Traceback (most recent call last):" in lines
    assert any('raise ValueError("first' in line for line in lines)


def test_a_large_entry_is_whole(host: Host) -> None:
    """An entry above the size of a datagram is passed as a sealed memfd (process:LOG-8)."""
    assert host.http("/large").text == "large"
    [entry] = entries(host, "HTTP_PATH=/large")
    assert entry["MESSAGE"].endswith(f"] large {'x' * 300_000}")


def test_control_characters_are_escaped(host: Host) -> None:
    """Control characters do not reach the terminal of a reader (process:LOG-27)."""
    assert host.http("/control").text == "control"
    [entry] = entries(host, "HTTP_PATH=/control")
    message = entry["MESSAGE"].rpartition("] ")[2]
    assert message == "a\\x1b[31mb\\rc\\x00d\\u202ee\n <2>f"
