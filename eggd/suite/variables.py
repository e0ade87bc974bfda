"""The variables EGG_* that eggd reads, by name; any other EGG_* variable has no effect."""

from __future__ import annotations

from collections.abc import Mapping

from eggd.spelling import suggestion_or_list
from eggd.suite.min_ready import MIN_READY_KEY

PREFIX = "EGG_"

KNOWN = {
    "EGG_BASE_DIR": "directory of the app, absolute; the packaged welcome app when not set",
    "EGG_SERVER_ENV": "environment of the config (prod, local, unittest, ...); the units say prod",
    "EGG_SERVER_SCOPE": "scope of the config (config_{scope}_{env}.py); no scope when not set",
    "EGG_APP_CONFIG": "a JSON object that is merged last over the config",
    "EGG_PLUGINS": "a JSON object that is merged last over the plugins",
    "EGG_FRAMEWORK": "package of the framework, instead of the one in the app's pyproject.toml",
    "EGG_LOG": "lowest level of what goes to the journal or console (DEBUG, INFO, WARN, ERROR)",
    MIN_READY_KEY: "seconds that a reload waits after each READY=1 before it goes on (0 to 10; 2)",
    "EGG_HOME": "home directory as the config sees it; that of the user when not set",
    "EGG_APP_CLOSE_TIMEOUT": "milliseconds that a worker may take to stop",
    "EGG_AGENT_CLOSE_TIMEOUT": "milliseconds that the agent may take to stop",
    "EGG_MASTER_CLOSE_TIMEOUT": "milliseconds that each process may take to stop",
}
"""The keys of /etc/default/eggd, each with its help text."""

OF_COMMANDS = (
    "EGG_APP",
    "EGG_BIN_DEFAULT_PORT",
    "EGG_DEFAULTS",
    "EGG_MOCK_SERVER_ENV",
    "EGG_WORKERS",
)
"""Variables that commands, units and tests read, but that are not keys of /etc/default/eggd."""

OF_CREDENTIALS = "EGG_CREDENTIAL_"
"""The prefix of variables that hold a credential, or name its file (eggd.config.credentials)."""

TRIAL = "EGGD_TRIAL"
"""The variable with which `eggd deploy` makes the spare serve its own socket, not the listener."""

_ELSEWHERE = {
    "EGG_PORT": "the address belongs to egg.socket: eggd listen [ADDRESS:]PORT",
    "EGG_LISTEN": "the address belongs to egg.socket: eggd listen [ADDRESS:]PORT",
    "EGG_WORKERS": "the number of workers is the number of enabled ones: eggd scale N",
    "EGG_READY_TIMEOUT_ENV": "the key slow_start of the config",
}


def hint(key: str) -> str:
    """Returns the replacement of an unknown key, or the nearest known one, as a hint."""
    if key in _ELSEWHERE:
        return _ELSEWHERE[key]
    return suggestion_or_list(key, KNOWN, "known keys")


def unread(environ: Mapping[str, str]) -> list[str]:
    """Returns a line for each variable EGG_* of an environment that nothing reads."""
    known = {*KNOWN, *OF_COMMANDS}
    environ = {key: value for key, value in environ.items() if not key.startswith(OF_CREDENTIALS)}
    return [
        f"environment: {key}: nothing reads this variable ({hint(key)})"
        for key in sorted(environ)
        if key.startswith(PREFIX) and key not in known
    ]
