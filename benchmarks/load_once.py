"""One process of `benchmarks/load`: load the app with eggd, or import the same files with `import`.

    load_once.py eggd APP          prints {"cpu": S, "wall": S, "files": [every file it loaded]}
    load_once.py plain FOLDER     reads a JSON list of file names relative to FOLDER from stdin

eggd itself is imported before the clock starts. Garbage collection is enabled when both start; eggd
disables it while it loads files (eggd/app/loading/collector.py).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import eggd
from eggd.app.application import Application
from eggd.app.assemble import assemble
from eggd.app.loading.host import Host
from eggd.loader.metadata import app_info
from eggd.log import setup_console


def main(kind: str, folder: Path) -> None:
    """Runs the loading that `kind` names and prints its times as JSON."""
    # The public names are imported lazily, at first use.
    for name in eggd.__all__:
        getattr(eggd, name)
    before = set(sys.modules)
    run = eggd_loader(folder) if kind == "eggd" else plain_importer(folder, json.load(sys.stdin))
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    loaded = [vars(module).get("__file__") for name, module in sys.modules.items()
              if name not in before]  # fmt: skip
    files = sorted(str(file) for file in loaded if file and Path(file).is_relative_to(folder))
    print(json.dumps({"cpu": cpu, "wall": wall, "files": files}))


def eggd_loader(folder: Path) -> Callable[[], None]:
    """Returns a function that loads config and code of the app as a worker does.

    Of the boot hooks, only `config_will_load` and `config_did_load` run.
    """
    console = setup_console("NONE", "load")
    info = app_info(folder, {}, env="prod")
    host = Host(
        info=info, environ={}, rundir=folder / "run", log_dir=folder / "logs", console=console
    )

    def load() -> None:
        app = assemble(Application, host)
        app.load_config()
        app.load_files()
        assert len(app.router.routes) > 1000

    return load


def plain_importer(folder: Path, files: list[str]) -> Callable[[], None]:
    """Returns a function that imports the modules of `files`."""
    sys.path.insert(0, str(folder))
    names = [".".join(Path(file).with_suffix("").parts) for file in files]

    def load() -> None:
        for name in names:
            import_module(name)

    return load


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
