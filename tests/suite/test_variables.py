"""Variables EGG_* that nothing reads are reported with the nearest known one."""

from __future__ import annotations

import pytest

from eggd.suite.address import url_host
from eggd.suite.variables import unread


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("EGG_SEVER_ENV", "did you mean 'EGG_SERVER_ENV'?"),
        ("EGG_APP_CONFIGS", "did you mean 'EGG_APP_CONFIG'?"),
        ("EGG_PORT", "the address belongs to egg.socket: eggd listen [ADDRESS:]PORT"),
        ("EGG_READY_TIMEOUT_ENV", "the key slow_start of the config"),
    ],
)
def test_an_unread_variable_is_named(name: str, hint: str) -> None:
    assert unread({name: "1"}) == [f"environment: {name}: nothing reads this variable ({hint})"]


def test_others_are_left_alone() -> None:
    assert unread({"EGG_WORKERS": "2", "EGG_SERVER_ENV": "prod", "EGGD_DEBUG": "1", "A": ""}) == []
    assert unread({"EGG_CREDENTIAL_DB": "x", "EGG_CREDENTIAL_KEYS_FILE": "/run/keys"}) == []


@pytest.mark.parametrize(
    ("address", "host", "shown"),
    [
        ("0.0.0.0", "", "127.0.0.1"),
        ("0.0.0.0", "web.example", "web.example"),
        ("::", "10.0.0.7", "10.0.0.7"),
        ("::", "fd00::1", "[fd00::1]"),
        ("0.0.0.0", "0.0.0.0", "127.0.0.1"),
        ("0.0.0.0", "a b\n", "127.0.0.1"),
        ("10.1.1.1", "web.example", "10.1.1.1"),
        ("::1", "", "[::1]"),
    ],
)
def test_the_host_of_a_url(address: str, host: str, shown: str) -> None:
    """HOST is the host of a listener on all addresses (process:CL-22)."""
    assert url_host(address, {"HOST": host} if host else {}) == shown
