"""The commands of eggd. A new one is a line here and a file `<name>.py` with a click `command`."""

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
        """The module that has the click command, under the name `command`."""
        return f"eggd.cli.{self.name}"


COMMANDS = (
    Entry("init", "[DIR] [--type TYPE]", "create a project: an app, a plugin or a framework"),
    Entry("dev", "[DIR] [--port] [--debug]", "run an app and reload it after each save"),
    Entry("start", "[DIR]", "start the agent and all enabled workers, or nothing"),
    Entry("stop", "[DIR] [--title] [--timeout]", "stop the workers, the agent and the sockets"),
    Entry("restart", "[DIR]", "stop and start; the listening socket stays open"),
    Entry("reload", "[DIR]", "replace the running workers one at a time; no request fails"),
    Entry(
        "deploy", "SOURCE [--hosts]", "make a release of a directory or archive; put it in service"
    ),
    Entry("rollback", "[RELEASE]", "put an earlier release in service"),
    Entry("releases", "[--json]", "list the releases of this host"),
    Entry("status", "[DIR] [--json]", "show the state of each process and what is missing"),
    Entry("hosts", "[DIR] [--json]", "list the hosts that run the application together"),
    Entry("scale", "N [DIR]", "enable and run workers 1 to N"),
    Entry("listen", "ADDRESS", "set the address of the HTTP listener"),
    Entry("app", "COMMAND", "add, list or remove applications of this host"),
    Entry("credential", "COMMAND", "set, list or remove a secret of the workers and the agent"),
    Entry("sandbox", "COMMAND", "explain what the units refused the app, and allow more"),
    Entry(
        "check", "[DIR] [--json]", "load the app, run its config hooks and report the first error"
    ),
    Entry("types", "[DIR] [--check]", "write stubs of the app for editors and type checkers"),
    Entry("plugins", "[DIR] [--json]", "list the app's plugins in load order"),
    Entry("config", "[KEY] [--origin] [--json]", "show the merged config and what set each key"),
    Entry("routes", "[DIR] [--json]", "list the routes in the order in which they are tried"),
    Entry("schedule", "COMMAND", "list the app's jobs and their next times, or run one"),
    Entry("logs", "[-f] [--since] [--grep]", "show all logs of the suite in the order of time"),
    Entry("top", "[DIR] [--once] [--json]", "show requests, latencies and memory of workers, live"),
    Entry("keys", "COMMAND", "make or replace the keys that sign and encrypt cookies"),
    Entry("i18n", "COMMAND", "extract, update or compile the texts of translators"),
    Entry("test", "[PATHS]", "run the project's tests with eggd's fixtures"),
    Entry("cov", "[PATHS]", "run the project's tests and report code coverage"),
    Entry("doctor", "[DIR] [--json]", "check this host for problems"),
    Entry("completion", "SHELL", "print the completion script for bash, zsh or fish"),
    Entry("version", "", "print the version"),
)

OF_APPLICATION = (
    *("start", "stop", "restart", "reload", "status", "scale", "listen", "credential"),
    *(
        "sandbox",
        "deploy",
        "rollback",
        "releases",
        "check",
        "plugins",
        "config",
        "routes",
        "schedule",
        "logs",
        "keys",
        "doctor",
        "hosts",
        "top",
    ),
)
"""The commands that act on the application of `eggd --app NAME`."""

ALIASES = {"d": "dev", "t": "test", "c": "cov"}
"""Egg's short names (core:BIN-1)."""

SECTIONS = {
    "Develop": ("init", "dev", "types", "keys", "i18n", "test", "cov"),
    "Run": (
        "start",
        "stop",
        "restart",
        "reload",
        "status",
        "scale",
        "listen",
        "app",
        "credential",
        "sandbox",
    ),
    "Release": ("deploy", "rollback", "releases"),
    "Inspect": (
        *("check", "plugins", "config", "routes", "schedule", "logs", "top", "doctor", "hosts"),
    ),
    "More": ("completion", "version"),
}
"""The commands below each heading of `eggd --help`."""
