"""The messages between the leaders in the agent and the followers in the workers.

    worker -> agent: TO_LEADER, {"client": name, "type": ...}
      join                      asks for the state of a client
      subscribe     term key info      unsubscribe   term key
      call          term number method call             `publish`, or a call without a result
      leave         term
    worker -> agent: the request INVOKE, {"client", "term", "method", "call"}
      answered by {"result": text} or {"error": {...}}, as errors.pack makes it
    agent -> worker: TO_FOLLOWER, {"client": name, "type": ...}
      missing       known       the agent has no such client; the names of those that it has
      starting                  the client is not ready yet
      state         term error  ready (error: null), or failed
      closed                    the client was closed
      value         key value
      refused       key error           a value that is too large for a message
      done          number error busy   the end of a `call`; busy: the leader had no room for it

`info`, `call`, `result` and `value` are JSON as text. A term names one leader: messages for another
one, which waited while the agent restarted, are ignored, since each follower subscribes again when
it learns of a new term (process:CC-11). The same message twice changes nothing.
"""

from __future__ import annotations

TO_LEADER = "egg-cluster-leader"
"""The action of the messages of followers."""
TO_FOLLOWER = "egg-cluster-follower"
"""The action of the messages of leaders."""
INVOKE = "egg-cluster-invoke"
"""The action of the requests of followers."""


def message(client: str, kind: str, **fields: object) -> dict[str, object]:
    """Returns the data of a message."""
    return {"client": client, "type": kind, **fields}
