"""The two main programs, `agent` and `worker`, and what both need around an app.

agent.py          the main of egg-agent.service: asks for time, then imports
agent_process.py  the agent
agent_control.py  the agent's socket for commands
agent_status.py   what the agent shows: status.json and its unit's status
worker.py         the main of egg-worker@N.service
bootstrap.py      what both do before any app code runs
attempt.py        one try of a worker to boot
backoff.py        the count of failed boots
start_limit.py    the time that a start may take
stop_limit.py     the time that a stop may take
recycling.py      the replacement of this worker when it has reached a limit
turns.py          the agent's side of recycling: one worker at a time
reconciliation.py what the agent knows of the workers, and its warnings
health.py         answers health checks
measures.py       the figures of a worker for metrics
metric_totals.py  the figures of all workers, summed by slot
metrics.py        publishes the figures of all workers for Prometheus
page_service.py   serves pages of metrics and health, and restores their socket
page_listener.py  the address of these pages
roster.py         enabled workers against ready ones
restarts.py       the restarts that workers announce
end_notes.py      why the former process ended, and why this one does
lifetime.py       from start to stop: signals, failures, exit code
uncaught.py       exceptions that no code caught
listener.py       the inherited listener
tls.py            the certificate of a worker
identity.py       the application of this process
digest.py         a digest of its credentials, which is a part of its identity
status.py         status.json, written by the agent
"""
