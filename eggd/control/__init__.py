"""Control sockets: commands of the command line for a running process, and their answers.

server.py   serves one control socket, for the process's own user and root
client.py   sends a command and returns the answer
peer.py     the user at the other end of a connection

The request is one line of JSON. The answer is lines of JSON: any number of `{"say": TEXT}`, then
one of `{"done": VALUE}` and `{"error": TEXT, "hint": TEXT}`.

    control.sock        of a supervisor (eggd/supervisor/control.py)
    agent-control.sock  of the agent (eggd/process/agent_control.py)
"""

from __future__ import annotations

SUPERVISOR, AGENT = "control.sock", "agent-control.sock"
"""The names of the sockets in the runtime directory."""
LONGEST = 4096
"""Bytes of a request."""
