"""What every process does when it hears that the log files were renamed (process:ROT-9)."""

from __future__ import annotations

from eggd import Agent, Application, MessengerError

RELOAD = "log-reload"
RELOADED = "log-reload-done"


class Reloader:
    """Opens the log files of `app` anew at each `log-reload`, and tells the agent when asked to."""

    def __init__(self, app: Application | Agent) -> None:
        self._app = app
        app.messenger.on(RELOAD, self._reload)

    def _reload(self, data: object) -> None:
        app = self._app
        app.loggers.reload()
        app.core_logger.info("[logrotator] %s logger reload: got log-reload message", app.type)
        if isinstance(data, dict) and "id" in data:
            try:
                app.messenger.send_to_agent(RELOADED, data["id"])
            except MessengerError as exc:
                app.core_logger.error("[logrotator] no answer to log-reload: %s", exc.line)
