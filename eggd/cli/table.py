"""The table of commands. A new one is a line here and a file `<name>.py` with a click `command`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One command as `eggd --help` and docs/cli.md show it."""

    name: str
    arguments: str
    summary: str

    @property
    def module(self) -> str:
        """Where its click command is, under the name `command`."""
        return f"eggd.cli.{self.name}"


COMMANDS = (
    Entry("init", "[DIR] [--type TYPE]", "make a new project: an app, a plugin, a framework"),
    Entry(
        "dev",
        "[DIR] [--port] [--debug]",
        "run an app while it is written; a save is served at once",
    ),
    Entry("start", "[DIR]", "start the agent and every enabled worker, all or none"),
    Entry("stop", "[DIR] [--title] [--timeout]", "stop every part: workers, agent, sockets"),
    Entry("restart", "[DIR]", "stop and start; the listening socket stays open"),
    Entry("reload", "[DIR]", "replace the running workers one at a time, no request fails"),
    Entry("status", "[DIR] [--json]", "show what runs, since when, and what is missing"),
    Entry("scale", "N [DIR]", "have workers 1 to N, enabled and running"),
    Entry("listen", "[ADDRESS:]PORT", "choose the address of the HTTP listener"),
    Entry("check", "[DIR] [--json]", "load the app as a worker would and report the error"),
    Entry("plugins", "[DIR] [--json]", "show the app's plugins, in load order"),
    Entry("config", "[KEY] [--origin] [--json]", "show the merged config and what set each key"),
    Entry("routes", "[DIR] [--json]", "show the routes in the order in which they are tried"),
    Entry("test", "[PATHS]", "run the project's tests with eggd's fixtures"),
    Entry("cov", "[PATHS]", "run them and report which lines they ran"),
    Entry("doctor", "[DIR] [--json]", "look for what on this host is wrong for eggd"),
    Entry("completion", "SHELL", "print the completion script for bash, zsh or fish"),
    Entry("version", "", "print the version"),
)

ALIASES = {"d": "dev", "t": "test", "c": "cov"}
"""Egg's short names (core:BIN-1)."""

SECTIONS = {
    "Develop": ("init", "dev", "test", "cov"),
    "Run": ("start", "stop", "restart", "reload", "status", "scale", "listen"),
    "Look into an app or a host": ("check", "plugins", "config", "routes", "doctor"),
    "More": ("completion", "version"),
}
"""What `eggd --help` shows together."""
