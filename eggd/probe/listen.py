"""`python -m eggd.probe.listen DIR ENV`: prints the address in an app's config as JSON.

Run before a suite starts without systemd, with the app's own interpreter, in a process that ends at
once: so errors of config, plugins or framework are reported before anything runs.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from eggd.app.application import Application
from eggd.app.assemble import assemble
from eggd.app.cluster_config import ClusterConfig
from eggd.errors import EggError
from eggd.host.venv import enter_venv
from eggd.probe.check import temporary_host
from eggd.process.tls import https_context
from eggd.systemd import Notifier


def main(argv: list[str]) -> int:
    """Prints the address, or an EggError; returns the exit code."""
    base_dir, env = Path(argv[1]), argv[2]
    try:
        enter_venv(base_dir, ["eggd.probe.listen", *argv[1:]], Notifier({}))
        if str(base_dir) not in sys.path:
            sys.path.append(str(base_dir))
        with temporary_host(base_dir, env, os.environ) as host:
            app = assemble(Application, host)
            app.load_config()
            answer = _answer(app, base_dir)
            app.loggers.close()
        print(json.dumps(answer))
    except EggError as exc:
        print(json.dumps({"error": exc.message, "hint": exc.hint}))
        return 1
    return 0


def _answer(app: Application, base_dir: Path) -> dict[str, object]:
    listen = app.config[ClusterConfig].listen
    keys = ("port", "hostname", "path")
    own = any(app.config.origin(f"cluster.listen.{key}") not in ("eggd", "") for key in keys)
    https = https_context(app.config, os.environ, base_dir, lambda text: None) is not None
    return {**{key: getattr(listen, key) for key in keys}, "own": own, "https": https}


if __name__ == "__main__":
    sys.exit(main(sys.argv))
