"""The side of systemd inside a service: inherited sockets, notifications, the watchdog.

    notifier.py  notifications to the service manager
    sockets.py   inherited descriptors -> sockets
    watchdog.py  the timer that sends WATCHDOG=1

READY=1 is sent once `will_ready` is done and the process accepts; STATUS= at each change;
WATCHDOG=1 from the loop at half the interval; STOPPING=1 when draining begins;
EXTEND_TIMEOUT_USEC= while a new process sleeps before another try. Nothing here needs D-Bus, and
all of it works without systemd.
"""

from eggd.systemd.notifier import Notifier
from eggd.systemd.sockets import adopt
from eggd.systemd.watchdog import Watchdog
from eggd.wire.activation import Activation

__all__ = ["Activation", "Notifier", "Watchdog", "adopt"]
