"""Messages between eggd's processes: each sender writes into the receiver's datagram socket.

Messages pass no hub.

                     agent.sock  (systemd holds it: messages wait while the agent is down)
                    +-----------+
         +--------->|   agent   |<---------+
         |          +-----------+          |
         |            |       |            |
         |            v       v            |
     +----------+                    +----------+
     | worker 1 |<------------------>| worker 2 |      worker-1.sock, worker-2.sock
     +----------+                    +----------+

    messenger.send_to_agent("refresh", data)
      -> messenger.py      which receivers   -> outboxes.py   which outboxes
      -> wire/datagram.py  encoded once      -> outbox.py     queued, sent as the tick ends
      => inbox.py          one datagram at a time; the kernel names the sender
      -> reception.py -> membership.py (eggd's messages), listeners.py (handlers of "refresh")

    await messenger.request("price", data)
      -> requests.py      waits      => request_handlers.py   the handler of "price" answers

    messenger.py       the API of one process
    outboxes.py        the outboxes of a process by receiver
    outbox.py          the queue and the connected socket for one receiver
    scheduler.py       ends the loop's ticks for all outboxes
    requests.py        the requests that wait for an answer
    request_handlers.py  the handlers that answer requests
    outcomes.py        the errors of requests, as their answers name them
    addresses.py       the receivers, as a caller names them
    peers.py           the pids of the other processes
    mailbox.py         the sockets of this process, also after its path was bound again
    inbox.py           the bound socket: checks senders, hands messages over
    reception.py       passes messages to eggd's own receivers and the handlers
    checks.py          the checks of actions, hosts and time limits
    backlog.py         the messages that wait while too many async handlers run
    listeners.py       the handlers by action
    membership.py      what processes announce to each other
    member_table.py    the workers and their states, as the agent knows them
    liveness.py        pidfds: reports the end of a process
    directory.py       the paths of all sockets
    socket_path.py     the path of the own socket: binds it again if it was removed
    memfd.py           bodies that are too large for a datagram
    diagnostics.py     counters, and a log that reports each problem once
    local.py           the same API for an app and an agent in one process
    failed_boot.py     the announcement of a worker that cannot boot
    config.py          the `messenger` section
    cluster.py         `messenger.cluster`: messages among hosts, of which plugin fleet has the rest
    cluster_outgoing.py  the records that other hosts must get, kept until the engine has them
    cluster_incoming.py  the records of all hosts, each once and in order
    cluster_answers.py   outcomes of requests to other hosts

A messenger with nothing to do never wakes.
"""

from __future__ import annotations

from eggd.messenger.cluster import ClusterMessenger
from eggd.messenger.cluster_incoming import HostSender
from eggd.messenger.config import MessengerConfig
from eggd.messenger.diagnostics import MessageCounts
from eggd.messenger.failed_boot import announce_failed_boot
from eggd.messenger.local import LocalMessenger, local_pair
from eggd.messenger.member_table import Member
from eggd.messenger.messenger import Messenger
from eggd.wire.datagram import Message, Sender

__all__ = [
    "ClusterMessenger",
    "HostSender",
    "LocalMessenger",
    "Member",
    "Message",
    "MessageCounts",
    "Messenger",
    "MessengerConfig",
    "Sender",
    "announce_failed_boot",
    "local_pair",
]
