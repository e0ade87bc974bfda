"""Writes files in `config.rundir` that explain a start (core:DUMP-1 to DUMP-9).

    application_config.json, agent_config.json              config, plugins, appInfo; secrets masked
    application_config_meta.json, agent_config_meta.json    the file that set each key
    router.json                                             the routes

All workers of a host load the same and write the same files: each replaces them whole.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from eggd.app.config import DumpConfig
from eggd.app.routing.path import keys
from eggd.app.routing.route import Route
from eggd.app.routing.router import Router
from eggd.masking.redact import redact
from eggd.wholefile import write_whole

MODE = 0o640
"""The mode of a dump: for the user eggd and its group alone."""


def dump(app: Any, *, failed: bool = False) -> None:
    """Writes the dumps of an app or agent; logs a failure as a warning, never raises (DUMP-8).

    `failed`: its start has failed, which is what the log is to say first.
    """
    began = time.monotonic()
    folder = Path(app.config.rundir)
    try:
        for name, content in contents(app).items():
            write(folder / name, content)
    except Exception as exc:
        app.core_logger.warning("[egg] the config dumps cannot be written: %s", exc)
        return
    took = (time.monotonic() - began) * 1000
    if not failed:
        app.core_logger.info("[egg] Config dumps written in %d ms", took)


def contents(app: Any) -> dict[str, object]:
    """Returns the content of each dump by its file's name."""
    whole = {"config": app.config, "plugins": app.plugins.all, "appInfo": app.info}
    content: dict[str, object] = {
        f"{app.type}_config.json": redact(whole, app.config[DumpConfig].ignore),
        f"{app.type}_config_meta.json": app.config.origins(),
    }
    router = getattr(app, "router", None)
    if router is not None:
        content["router.json"] = route_table(router)
    return content


def plain_config(app: Any) -> object:
    """Returns the config as JSON data, secrets masked."""
    return redact(app.config, app.config[DumpConfig].ignore)


def route_table(router: Router) -> list[dict[str, Any]]:
    """Returns an entry per site file, folder, route and mount, in the order of trying them.

    A route without a name has no `name`; other entries than routes have a `kind` (core:DUMP-9).
    """
    return [
        *map(_route, [*router.index.placed, *router.index.folders, *router.routes]),
        *(
            {"kind": "mount", "path": f"{mount.prefix}/", "stack": [mount.source]}
            for mount in router.mounts
        ),
    ]


def _route(route: Route) -> dict[str, Any]:
    return {
        **({"name": route.name} if route.name else {}),
        **({"kind": route.kind} if route.kind != "route" else {}),
        "methods": sorted(route.methods, key=lambda method: method != "HEAD"),  # as Egg
        "paramNames": keys(route.pattern),
        "path": route.pattern.path,
        "regexp": route.pattern.source,
        "stack": list(route.stack),
    }


def write(path: Path, content: object) -> None:
    """Replaces a file of JSON at once, so that a reader never sees half of it. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    write_whole(path, text.encode(errors="backslashreplace"), MODE)
