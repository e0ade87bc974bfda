"""The two main programs, `agent` and `worker`, and what both need around an app.

agent.py        the main of egg-agent.service
worker.py       the main of egg-worker@N.service
bootstrap.py    what both do before any app code runs
attempt.py      one try of a worker to boot
backoff.py      the count of failed boots
start_limit.py  the time that a start may take
stop_limit.py   the time that a stop may take
lifetime.py     from start to stop: signals, failures, exit code
uncaught.py     exceptions that no code caught
listener.py     the inherited listener
tls.py          the certificate of a worker
identity.py     the application of this process
digest.py       a digest of its credentials, a part of that
status.py       status.json, written by the agent
agent_files.py  files that changed since the agent started
"""
