"""Reopens the log files of a process when the agent has renamed them."""

from __future__ import annotations

from eggd import Agent, Application, MessengerError

RELOAD = "log-reload"
RELOADED = "log-reload-done"


def subscribe_reopening(app: Application | Agent) -> None:
    """Reopens the log files of `app` on each `log-reload`, and answers if the message has an id."""

    def reopen(data: object) -> None:
        app.loggers.reload()
        app.core_logger.info("[logrotator] the %s reopened its log files", app.type)
        if isinstance(data, dict) and "id" in data:
            try:
                app.messenger.send_to_agent(RELOADED, data["id"])
            except MessengerError as exc:
                app.core_logger.error("[logrotator] cannot answer log-reload: %s", exc.line)

    app.messenger.on(RELOAD, reopen)
