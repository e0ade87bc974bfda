"""Entries of lists in the config that would have no effect, or a dangerous one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from eggd import ConfigError

_LABEL = r"[A-Za-z0-9_~](?:[A-Za-z0-9_~\-]*[A-Za-z0-9_~])?"
_NAME = rf"\.?{_LABEL}(?:\.{_LABEL})*"
_ADDRESS = r"\[[0-9A-Fa-f:.]+\]"
_HOST = re.compile(rf"(?:{_NAME}|{_ADDRESS})(:[0-9]{{1,5}})?")
_PATTERN = re.compile(r"(?!\.+\Z)[A-Za-z0-9._~*\-]+")
_DEFAULT_PORTS = (":80", ":443")
_PORTS = range(1, 65536)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*")
_RUNS_CODE = frozenset(("javascript", "vbscript"))


def check_names(key: str, names: Sequence[str]) -> None:
    """Raises ConfigError for an entry that no host name equals: a URL, a port, `.`.

    `*` in an entry stands for any characters.
    """
    for name in names:
        match = _HOST.fullmatch(name)
        if match is not None and match[1]:
            raise ConfigError(
                f"security.{key}: {name!r} has a port, and names are compared without it",
                hint=f"write {name.removesuffix(match[1])!r}",
            )
        if match is None and not ("*" in name and _PATTERN.fullmatch(name)):
            raise _wrong_host(key, name)


def check_hosts(key: str, hosts: Sequence[str]) -> None:
    """Raises ConfigError for an entry that no host with its port equals, such as a URL."""
    for host in hosts:
        match = _HOST.fullmatch(host)
        if "*" in host:
            name = host.replace("*", "").lstrip(".")
            hint = f"write {name!r}, which includes its sub-domains" if name else ""
            raise ConfigError(f"security.{key}: {host!r}: '*' is not a wildcard", hint=hint)
        if match is None or int((match[1] or ":1")[1:]) not in _PORTS:
            raise _wrong_host(key, host)
        if match[1] in _DEFAULT_PORTS:
            raise ConfigError(
                f"security.{key}: {host!r} has a default port, which browsers leave out",
                hint=f"write {host.removesuffix(match[1])!r}",
            )


def _wrong_host(key: str, host: str) -> ConfigError:
    name = (host.partition("://")[2] or host).partition("/")[0]
    match = _HOST.fullmatch(name)
    hint = "such as 'shop.example'"
    if match is not None:
        hint = f"write {name!r}" if name != host else "a port is 1 to 65535"
    if not host.isascii():
        hint = "write the host in Punycode: 'xn--...'"
    return ConfigError(f"security.{key}: {host!r} is not a host", hint=hint)


def check_schemes(schemes: Sequence[str]) -> None:
    """Raises ConfigError for an entry that is not a scheme, or whose links run code."""
    for scheme in schemes:
        if scheme.lower() in _RUNS_CODE:
            raise ConfigError(f"security.protocol_white_list: links of {scheme!r} run code")
        if not _SCHEME.fullmatch(scheme):
            raise ConfigError(
                f"security.protocol_white_list: {scheme!r} is not a scheme",
                hint="write it without ':' and '/', such as 'mailto'",
            )
