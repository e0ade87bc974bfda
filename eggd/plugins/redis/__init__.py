"""Built-in plugin redis: clients of Redis and Valkey servers by name, in workers and the agent.

app.py, agent.py    connect at the start, disconnect at the end
hooks.py            what both do before
app/extend          `app.redis`
section.py          the section `redis` of the config
target.py           the options of one client, complete and checked
address.py          the URL of a server
clients.py          `RedisClients`: a client by its name
opening.py          makes a client of its options
observed.py         clients that report whether their server answers
reconnection.py     the outage of a server: tries to connect until it ends
refusals.py         the commands that a server refuses while it answers
"""

from __future__ import annotations

from eggd.plugins.redis.clients import RedisClients

__all__ = ["RedisClients"]
