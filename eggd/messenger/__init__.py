"""How eggd's processes talk: everybody writes into the receiver's own datagram socket. No hub.

                     agent.sock  (systemd holds it: what is sent while the agent is down waits)
                    +-----------+
         +--------->|   agent   |<---------+
         |          +-----------+          |
         |            |       |            |
         |            v       v            |
     +----------+                    +----------+
     | worker 1 |<------------------>| worker 2 |      worker-1.sock, worker-2.sock
     +----------+                    +----------+

    messenger.send_to_agent("refresh", data)
      -> messenger.py   who gets it          -> routes.py     which outbox
      -> wire/datagram.py  encoded once      -> outbox.py   queued, sent as the tick ends
      => inbox.py  one at a time, the kernel vouches for the sender
      -> messenger.py -> membership.py (ours), listeners.py (handlers of "refresh")

`directory.py` is who has a socket, `roster.py` and `liveness.py` who is alive, `memfd.py` what is
too large for a datagram. A messenger with nothing to do never wakes.
"""

from __future__ import annotations

from eggd.messenger.config import MessengerConfig
from eggd.messenger.farewell import tell_failed
from eggd.messenger.ledger import Stats
from eggd.messenger.local import LocalMessenger, local_pair
from eggd.messenger.messenger import Messenger
from eggd.messenger.roster import Member
from eggd.wire.datagram import Message, Sender

__all__ = [
    "LocalMessenger",
    "Member",
    "Message",
    "Messenger",
    "MessengerConfig",
    "Sender",
    "Stats",
    "local_pair",
    "tell_failed",
]
