"""Sends a command to the control socket of a running process."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

from eggd.control import SUPERVISOR
from eggd.control.peer import peer_uid
from eggd.errors import ControlError, ReportedError

LONGEST_ANSWER = 4 << 20
"""Most bytes of a line of an answer: enough for the units of 999 workers."""
MOST_LINES = 100_000
"""Most lines of progress before an answer; each process of a suite sends a few."""


def ask(
    run: Path,
    request: Mapping[str, object],
    say: Callable[[str], None],
    timeout: float | None = None,
    *,
    file: str = SUPERVISOR,
) -> object:
    """Sends a command to the suite of a runtime directory; returns its answer. `say` takes
    progress.

    Raises ReportedError with the suite's error; ControlError if the suite cannot be reached, or if
    it is silent for `timeout` seconds.
    """
    path = str(run / file)
    try:
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(timeout)
            sock.connect(path)
            _check_owner(sock, os.lstat(run).st_uid)
            sock.sendall(json.dumps(request).encode() + b"\n")
            with sock.makefile("rb") as lines:
                for _ in range(MOST_LINES):
                    answer = _answer(lines.readline(LONGEST_ANSWER))
                    if "say" not in answer:
                        return _done(answer)
                    say(str(answer["say"]))
    except (OSError, ValueError) as exc:
        raise ControlError(f"{path}: {exc}", hint="is this suite running, and yours?") from exc
    raise ControlError(f"{path}: the process sent more than {MOST_LINES} lines of progress")


def _answer(line: bytes) -> Mapping[str, object]:
    """Returns a line of an answer; raises ValueError if it is too long or not a JSON object."""
    if not line:
        raise ValueError("the process disconnected without an answer")
    try:
        answer = json.loads(line)
    except RecursionError:
        answer = None
    if not isinstance(answer, dict):
        raise ValueError("the answer is not a JSON object")
    return answer


def _done(answer: Mapping[str, object]) -> object:
    if "error" in answer:
        raise ReportedError(str(answer["error"]), hint=str(answer.get("hint", "")))
    return answer.get("done")


def _check_owner(sock: socket.socket, uid: int) -> None:
    if peer_uid(sock) != uid:
        raise ControlError(f"the control socket is not that of the suite's user (uid {uid})")
