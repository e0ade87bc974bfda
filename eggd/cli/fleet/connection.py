"""Runs eggd on another host by the system's ssh(1): host keys, users and jumps are its config's.

Nothing of the command line reaches a shell unquoted: the host is checked (targets.py) and follows
`--`, and each word of the remote command is quoted for the login shell of the other host.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread, Timer
from typing import IO

from eggd.cli.fleet.targets import Target
from eggd.errors import ProgramError

OPTIONS = {
    "BatchMode": "yes",
    "ConnectTimeout": "10",
    "ServerAliveInterval": "10",
    "ServerAliveCountMax": "3",
    "ClearAllForwardings": "yes",
    "ForwardAgent": "no",
    "ForwardX11": "no",
    "RequestTTY": "no",
    "RemoteCommand": "none",
    "LogLevel": "ERROR",
}
"""Options of ssh_config(5) that win over those of the user: no question, no terminal, and an end
after 30 s without a sign of the other host."""

LOST = 255
"""The exit code of ssh if the connection failed or ended; eggd never exits with it."""

_AS_ROOT = 'if [ "$(id -u)" = 0 ]; then exec eggd "$@"; fi; exec sudo -n eggd "$@"'
_PLAIN = re.compile(r"[A-Za-z0-9_./:=,@-]+", re.ASCII)
_ESCAPES = {"'": "'\"'\"'", "\\": "'\"\\\\\"'"}
_SPECIAL = re.compile(r"['\\]")
_NOT_FOUND = 127
_LONGEST = 4096
"""Bytes of a line of progress."""
_OUTPUT = 1 << 20
"""Most bytes of an answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of a command on a host."""

    code: int
    """The exit code; LOST if the connection failed or ended."""
    output: bytes
    """Standard output."""
    reason: str
    """The last error that it printed, or its last line; "" without one."""


def run(
    target: Target,
    arguments: Sequence[str],
    *,
    say: Callable[[str], None] = lambda line: None,
    stdin: IO[bytes] | int = subprocess.DEVNULL,
    limit: float | None = None,
) -> Answer:
    """Runs `eggd ARGUMENTS` as root on a host, by `sudo -n` for another user.

    `say` gets each line of standard error. After `limit` seconds, ssh is killed. Raises
    ProgramError if ssh is not installed.
    """
    try:
        child = subprocess.Popen(
            command(target, arguments),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as exc:
        hint = "apt install openssh-client"
        raise ProgramError(f"ssh: {exc.strerror}", hint=hint) from exc
    clock = Timer(limit, _kill, (child,)) if limit else None
    try:
        if clock:
            clock.start()
        return _answer(child, say, limit)
    finally:
        if clock:
            clock.cancel()
        _kill(child)
        child.wait()


def command(target: Target, arguments: Sequence[str]) -> list[str]:
    """Returns the command line of ssh."""
    options = [word for key, value in OPTIONS.items() for word in ("-o", f"{key}={value}")]
    port = ["-p", str(target.port)] if target.port else []
    remote = " ".join(map(quoted, ("sh", "-c", _AS_ROOT, "eggd", *arguments)))
    return ["ssh", *options, *port, "--", target.destination, remote]


def quoted(word: str) -> str:
    """Returns a word that sh, bash, zsh and fish read as this very text.

    Quotes and backslashes stand in double quotes: fish has escapes in single quotes, which
    shlex.quote does not consider.
    """
    if _PLAIN.fullmatch(word):
        return word
    return "'" + _SPECIAL.sub(lambda match: _ESCAPES[match[0]], word) + "'"


def _answer(
    child: subprocess.Popen[bytes], say: Callable[[str], None], limit: float | None
) -> Answer:
    assert child.stdout is not None
    assert child.stderr is not None
    output = _Output(child)
    output.start()
    lines = _relay(child.stderr, say)
    output.join()
    code = child.wait()
    if output.is_too_long:
        return Answer(1, b"", f"the host sent more than {_OUTPUT} bytes")
    if code < 0:
        within = f"no answer within {limit:g} s" if limit else f"ssh ended by signal {-code}"
        return Answer(LOST, b"", within)
    if code == _NOT_FOUND:
        return Answer(code, b"", "eggd is not installed there")
    return Answer(code, output.data, _reason(lines))


class _Output(Thread):
    """Reads standard output beside standard error, up to a limit."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        super().__init__(daemon=True)
        self._child = child
        self.data = b""

    @property
    def is_too_long(self) -> bool:
        return len(self.data) > _OUTPUT

    def run(self) -> None:
        assert self._child.stdout is not None
        self.data = self._child.stdout.read(_OUTPUT + 1)
        if self.is_too_long:
            _kill(self._child)


def _relay(stream: IO[bytes], say: Callable[[str], None]) -> list[str]:
    """Passes on each line; returns the last one, and the last error if there is one."""
    last, error = "", ""
    while line := stream.readline(_LONGEST):
        if text := line.decode(errors="replace").strip():
            last = text
            if text.startswith("error: "):
                error = text.removeprefix("error: ")
            else:
                say(text)
    return [error, last]


def _reason(lines: list[str]) -> str:
    return next((line for line in lines if line), "")


def _kill(child: subprocess.Popen[bytes]) -> None:
    """Ends ssh with the proxies that it has started."""
    if child.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
