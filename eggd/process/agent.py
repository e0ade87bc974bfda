"""`python -m eggd.process.agent`: runs the agent (agent_process.py).

The unit gives a start 5 seconds until it asks for more. On a host whose processors are overloaded
the imports alone may take longer, so this module asks first and imports the agent then.
"""

from __future__ import annotations

import os
import sys

from eggd.systemd.notifier import Notifier

IMPORTS_LIMIT = 20.0
"""Seconds that the imports may take; StartLimit takes over when they are done."""


def main() -> int:
    """Runs the agent to its end and returns the exit code."""
    Notifier(os.environ).extend_timeout(IMPORTS_LIMIT)
    from eggd.process.agent_process import serve
    from eggd.process.bootstrap import run

    return run("agent", sys.argv, serve)


if __name__ == "__main__":
    sys.exit(main())
