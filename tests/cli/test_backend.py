"""Responses of a supervisor are checked: it may belong to another user and be hostile."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from eggd.cli.backend import Local
from eggd.control import client
from eggd.errors import ControlError
from eggd.supervisor import pidfile

UNIT = {"unit": "egg-worker@1.service", "active": "active"}

ANSWERS: list[object] = [
    *(None, 1, "x", [], {}, {"units": [], "url": 1}, {"units": {}, "url": ""}),
    *({"units": [1], "url": ""}, {"units": [{"unit": 1, "active": ""}], "url": ""}),
    *({"units": [{"unit": "x"}], "url": ""}, {"url": ""}, {"units": [UNIT]}),
]


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Local:
    suite = pidfile.Running(
        pid=os.getpid(), title="shop\x1b[2J", given=tmp_path, run=tmp_path, uid=os.geteuid()
    )
    monkeypatch.setattr(pidfile, "find", lambda given: suite)
    return Local(tmp_path)


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_malformed_response_is_one_error(
    local: Local, monkeypatch: pytest.MonkeyPatch, answer: object
) -> None:
    monkeypatch.setattr(client, "ask", lambda *given: answer)
    with pytest.raises(ControlError, match="sent an invalid response"):
        local.ask("asking", command="status")


def test_title_and_url_have_no_control_characters(
    local: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "ask", lambda *given: {"units": [UNIT], "url": "\x9b\u202ehttp"})
    line = local.serving("reloaded", local.ask("asking", command="reload"))
    assert line.startswith(f"reloaded: shop\\x1b[2J [{os.getpid()}] in ")
    assert line.endswith(", 1 worker ready on \\x9b\\u202ehttp")
