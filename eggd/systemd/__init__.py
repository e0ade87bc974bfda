"""systemd as seen from inside a service: inherited sockets, readiness and status, the watchdog.

What is sent when: READY=1 once `will_ready` is done and the process accepts; STATUS= whenever what
it does changes; WATCHDOG=1 from the loop at half the interval; STOPPING=1 when draining begins;
EXTEND_TIMEOUT_USEC= while a new process waits before another try. Nothing here needs D-Bus, and
all of it works where there is no systemd.
"""

from eggd.systemd.notifier import Notifier
from eggd.systemd.sockets import adopt
from eggd.systemd.watchdog import Watchdog
from eggd.wire.activation import Activation

__all__ = ["Activation", "Notifier", "Watchdog", "adopt"]
