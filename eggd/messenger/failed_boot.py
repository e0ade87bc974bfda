"""The announcement of a worker that cannot boot: one datagram to the agent, without a loop."""

from __future__ import annotations

import os
import socket
import time

from eggd.errors import MessengerError
from eggd.messenger.config import MessengerConfig
from eggd.messenger.directory import Directory
from eggd.messenger.membership import ANNOUNCE, announcement
from eggd.wire import datagram
from eggd.wire.datagram import Sender


def announce_failed_boot(config: MessengerConfig, slot: int, figures: dict[str, object]) -> bool:
    """Announces that this worker failed, for a process that has not opened a messenger.

    It never waits or raises; returns False if the agent's socket did not accept the datagram.
    """
    start = datagram.head(Sender("worker", slot, os.getpid()))
    kind = socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
    try:
        data = announcement("failed", time.time(), figures)
        frame = datagram.pack(start, 0, [datagram.encode(ANNOUNCE, data)])
        with socket.socket(socket.AF_UNIX, kind) as sock:
            sock.connect(Directory(config.directory).agent())
            sock.send(frame)
    except (OSError, MessengerError):
        return False
    return True
