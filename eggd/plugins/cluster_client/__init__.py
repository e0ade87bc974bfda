"""Built-in plugin cluster_client: one process has the connection, every worker uses it.

    worker: app.cluster(Registry).create()   a follower      worker: a follower
                     |  subscribe, publish, invoke              |
                     v                                          v
    agent:  app.cluster(Registry).create()   the leader, with the only Registry object

agent.py      makes `agent.cluster_clients`
app.py        makes `app.cluster_clients`
app/extend    `app.cluster` and `agent.cluster`
section.py    the section `cluster_client` of the config
options.py    the options of one client
wrapper.py    `app.cluster(Class)`: which methods are shared
methods.py    the shared methods of a class
proxy.py      the object that `create` returns
values.py     values as JSON text, checked
errors.py     errors, and how those of a leader cross to a worker
listeners.py  the listeners of one process by key, and the last values
topics.py     the real subscriptions of a leader
receiver.py   sends values to one worker, as fast as it takes them
real.py       makes the real client, and makes it anew until it is ready
calls.py      calls methods of the real client
leader.py     one client in the agent
leaders.py    all clients of the agent: messages of workers
publisher.py  the calls of a worker that wait for no result
follower.py   one client in a worker
followers.py  all clients of a worker: messages of the agent
protocol.py   the messages
"""

from __future__ import annotations

from eggd.plugins.cluster_client.errors import (
    ClusterClientError,
    ClusterClientResponseTimeoutError,
    LeaderError,
    NoLeaderError,
)

__all__ = [
    "ClusterClientError",
    "ClusterClientResponseTimeoutError",
    "LeaderError",
    "NoLeaderError",
]
