"""The directives of unit files: supported, without effect here, or refused.

The files are systemd's, too, and many directives concern only a host. `eggd start --explain` shows
those without effect here, and why.
"""

from __future__ import annotations

from collections.abc import Mapping

_ORDER = ("Requires", "Wants", "After")
OBEYED: Mapping[str, frozenset[str]] = {
    "Unit": frozenset((*_ORDER, "StartLimitIntervalSec")),
    "Service": frozenset(
        (
            *("Type", "NotifyAccess", "Sockets", "NonBlocking", "ExecStart", "SyslogIdentifier"),
            *("Environment", "UMask", "RuntimeDirectory", "RuntimeDirectoryMode"),
            *("RuntimeDirectoryPreserve", "Restart", "RestartSec", "TimeoutStartSec"),
            *("TimeoutStopSec", "WatchdogSec", "KillMode", "LimitNOFILE"),
        )
    ),
    "Socket": frozenset(
        (
            *("ListenStream", "ListenDatagram", "Backlog", "NoDelay", "FileDescriptorName"),
            *("SocketMode", "PassCredentials", "RemoveOnStop", "TriggerLimitIntervalSec"),
        )
    ),
}
"""Supported directives by section. The suite's rules (eggd/suite/start.py) fix the order of start
and stop, as After= of the shipped units has it."""

FIXED: Mapping[str, str] = {
    "Type": "notify",
    "NotifyAccess": "main",
    "Restart": "always",
    "KillMode": "mixed",
    "StartLimitIntervalSec": "0",
    "TriggerLimitIntervalSec": "0",
    "RuntimeDirectoryPreserve": "yes",
}
"""Directives that are only supported with this value."""

_TEXT = "for people and systemctl"
_USER = "every process runs as the user who starts the suite"
_SANDBOX = "the sandbox is systemd's; a container brings its own"
_HOST = "a file of the host's own suite; set the environment instead"
_ENABLING = "the number of workers is --workers and `eggd scale`"
_LIMITS = "limits are those of the shell or of the container"
_DIRECTORY = "the app's own run and logs directories stand for it"
_END = "the supervisor itself records how a worker ended"
_TRIGGER = "workers always run, so a connection need not start one"

NOT_APPLIED: Mapping[str, Mapping[str, str]] = {
    "Unit": {"Description": _TEXT, "Documentation": _TEXT},
    "Service": {
        "User": _USER,
        "Group": _USER,
        "Slice": _LIMITS,
        "EnvironmentFile": _HOST,
        "ExecStartPre": _DIRECTORY,
        "ExecStopPost": _END,
        "StateDirectory": _DIRECTORY,
        "StateDirectoryMode": _DIRECTORY,
        **dict.fromkeys(
            (
                *("NoNewPrivileges", "CapabilityBoundingSet", "AmbientCapabilities"),
                *("ProtectSystem", "ReadWritePaths", "ProtectHome", "PrivateTmp", "PrivateDevices"),
                *("DevicePolicy", "PrivateUsers", "PrivateIPC", "PrivateNetwork", "RemoveIPC"),
                *("ProtectHostname", "ProtectClock", "ProtectKernelTunables"),
                *("ProtectKernelModules", "ProtectKernelLogs", "ProtectControlGroups"),
                *("ProtectProc", "ProcSubset", "RestrictAddressFamilies", "RestrictNamespaces"),
                *("RestrictRealtime", "RestrictSUIDSGID", "LockPersonality", "IPAddressDeny"),
                *("MemoryDenyWriteExecute", "KeyringMode", "SystemCallArchitectures"),
                *("SystemCallFilter", "SystemCallErrorNumber"),
            ),
            _SANDBOX,
        ),
    },
    "Socket": {
        "SocketUser": _USER,
        "SocketGroup": _USER,
        "DirectoryMode": _DIRECTORY,
        "Service": _TRIGGER,
    },
    "Install": {"WantedBy": _ENABLING, "DefaultInstance": _ENABLING},
}
"""Directives by section without effect here, each with the reason."""


def refusal(section: str, key: str, value: str) -> str:
    """Returns why a directive is refused; "" if it is not."""
    if key in NOT_APPLIED.get(section, {}):
        return ""
    if key not in OBEYED.get(section, ()):
        return "the supervisor does not know this directive, so it cannot obey it"
    fixed = FIXED.get(key, value)
    return "" if fixed == value else f"the supervisor can only do {key}={fixed}, not {value!r}"
