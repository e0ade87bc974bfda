"""The inherited listener, checked against the app's config."""

from __future__ import annotations

import socket

from eggd.app.config import ClusterConfig
from eggd.config import Config
from eggd.errors import ListenError
from eggd.suite import address
from eggd.systemd import Activation, adopt


def inherited_listener(activation: Activation, config: Config) -> socket.socket:
    """Returns the listener named `http`.

    Raises ListenError without one, or if `cluster.listen` in the app's own config has another
    address; the framework's default does not count.
    """
    fd = activation.fd("http")
    if fd is None:
        raise ListenError(
            "no listener was inherited (LISTEN_FDS is not set for this process)",
            hint="if the address of egg.socket was changed while it was open, run eggd restart;"
            " if not, start the worker by systemctl start egg-worker@1",
        )
    listener = adopt(fd, socket.SOCK_STREAM)
    check_address(listener, config)
    return listener


def check_address(listener: socket.socket, config: Config) -> None:
    """Raises ListenError if the app's own config has another address than the listener."""
    listen = config[ClusterConfig].listen
    name = listener.getsockname()
    if listen.path or not isinstance(name, tuple):
        _check_path(listener, listen.path, config.located("cluster.listen.path"))
        return
    for key, configured, actual in (
        ("port", listen.port, name[1]),
        ("hostname", listen.hostname, name[0]),
    ):
        origin = config.located(f"cluster.listen.{key}")
        if origin not in ("eggd", "") and configured not in (actual, 0):  # port 0: any free one
            raise ListenError(
                f"{origin}: cluster.listen.{key} is {configured!r}, but egg.socket listens on"
                f" {address.display(listener.getsockname())}",
                hint=f"eggd listen {listen.port}, or take cluster.listen out of the config",
            )


def _check_path(listener: socket.socket, configured: str, origin: str) -> None:
    if configured and configured != address.display(listener.getsockname()):
        raise ListenError(
            f"{origin}: cluster.listen.path is {configured!r}, but egg.socket listens on"
            f" {address.display(listener.getsockname())}",
            hint=f"eggd listen unix:{configured}, or take cluster.listen out of the config",
        )
