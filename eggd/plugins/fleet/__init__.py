"""Built-in plugin fleet: messages among the hosts of an application, by a Redis server.

agent.py      opens the messenger of the agent, and starts the hub
app.py        opens the messenger of a worker
section.py    the section `fleet` of the config
client.py     checks the client of plugin redis
hub.py        starts and connects the parts below in the agent
engine.py     the stream of messages, the cursors and the hosts on the server
engine_outage.py  reports an outage of it, and what was dropped
writer.py     passes the messages of this host's processes to the engine
reader.py     passes the entries of the engine to the processes of this host
progress.py   the entries that all processes of this host have received
requests.py   requests to other hosts, and their answers
presence.py   the hosts that run
"""
