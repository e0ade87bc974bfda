"""The inherited listener, checked against the app's config; and that of a trial."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path

from eggd.app.cluster_config import ClusterConfig
from eggd.config import Config
from eggd.errors import ListenError
from eggd.suite import address
from eggd.suite.files import TRIAL_SOCKET
from eggd.suite.names import SuiteNames
from eggd.suite.slots import SPARE
from eggd.suite.variables import TRIAL
from eggd.systemd import Activation, adopt


def inherited_listener(activation: Activation, config: Config) -> socket.socket:
    """Returns the listener named `http`.

    Raises ListenError without one, or if `cluster.listen` in the app's own config has another
    address; the framework's default does not count.
    """
    names = SuiteNames.chosen(os.environ)
    fd = activation.fd("http")
    if fd is None:
        raise ListenError(
            "no listener was inherited (LISTEN_FDS is not set for this process)",
            hint=f"if the address of {names.listener} was changed while it was open, run"
            f" {names.command('restart')}; if not, start the worker by systemctl start"
            f" {names.prefix}-worker@1",
        )
    listener = adopt(fd, socket.SOCK_STREAM)
    check_address(listener, config)
    return listener


def is_trial(slot: int) -> bool:
    """Returns whether `eggd deploy` tries a release in this process: the spare, by EGGD_TRIAL."""
    return slot == SPARE and bool(os.environ.get(TRIAL))


def trial_listener(rundir: Path, inherited: socket.socket) -> socket.socket:
    """Returns a Unix socket in the runtime directory, and closes the inherited listener.

    So clients do not reach a release before `eggd deploy` has checked it. Raises ListenError.
    """
    inherited.close()
    path = rundir / TRIAL_SOCKET
    listener = socket.socket(socket.AF_UNIX)
    try:
        with suppress(FileNotFoundError):
            path.unlink()
        listener.bind(str(path))
        listener.listen()
    except OSError as exc:
        listener.close()
        raise ListenError(f"{path}: {exc.strerror}") from exc
    return listener


def check_address(listener: socket.socket, config: Config) -> None:
    """Raises ListenError if the app's own config has another address than the listener."""
    listen = config[ClusterConfig].listen
    name = listener.getsockname()
    if listen.path or not isinstance(name, tuple):
        origin = config.located("cluster.listen.path")
        if listen.path and listen.path != address.display(name):
            raise _differs(name, "path", origin, listen.path, f"unix:{listen.path}")
        return
    for key, configured, actual in (
        ("port", listen.port, name[1]),
        ("hostname", listen.hostname, name[0]),
    ):
        origin = config.located(f"cluster.listen.{key}")
        if origin not in ("eggd", "") and configured not in (actual, 0):  # port 0: any free one
            raise _differs(name, key, origin, configured, str(listen.port))


def _differs(
    sockname: object, key: str, origin: str, configured: object, stream: str
) -> ListenError:
    names = SuiteNames.chosen(os.environ)
    return ListenError(
        f"{origin}: cluster.listen.{key} is {configured!r}, but {names.listener} listens on"
        f" {address.display(sockname)}",
        hint=f"{names.command(f'listen {stream}')}, or take cluster.listen out of the config",
    )
